"""Reading systems into the store: every page to a spool, every page decoded, every scope judged, then sealed as one snapshot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from connectors.contract import Quarantined, RawPage, Rows, Scope, ScopeEnd, ScopeKind, Source
from connectors.errors import ConnectorError
from connectors.secrets import SecretMissing
from reconcile.spool import Spool
from reconcile.store import Store

BATCH = 20_000
"""Rows that are held before they go into a working table."""

Progress = Callable[[str, int], None]
"""Told a system's name and how many pages of it have come."""


@dataclass(slots=True)
class _Scope:
    """What one scope has shown so far."""

    scope: Scope
    pages: int = 0
    rows: int = 0
    distinct_ids: int = 0
    declared_total: int | None = None
    reason: str = "the reading stopped before its end."
    watermark: str = ""
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Extracted:
    """How the read of one system ended."""

    system: str
    records: int
    memberships: int
    incomplete: tuple[str, ...]
    """A sentence for each scope that cannot prove absence."""


async def extract(sources: Mapping[str, Source], store: Store, state: Path, progress: Progress) -> list[Extracted]:
    """Reads all systems at the same time, then seals them one by one. A system that cannot be read keeps its rows and loses its proof."""
    spools = {name: Spool(state / "spool" / f"{name}.pages") for name in sources}
    troubles = await asyncio.gather(*(_fetch(source, spools[name], progress) for name, source in sources.items()))
    ended = []
    for (name, source), trouble in zip(sources.items(), troubles, strict=True):
        ended.append(_Sealing(store, name, source).seal(spools[name].items(), trouble))
        spools[name].remove()
    return ended


async def _fetch(source: Source, spool: Spool, progress: Progress) -> str:
    """Reads to the spool; what stopped the whole read, or nothing."""
    pages = 0
    try:
        async for item in source.pages():
            spool.add(item)
            pages += isinstance(item, RawPage)
            progress(source.name, pages)
    except (ConnectorError, SecretMissing) as error:
        return f"{error}."
    return ""


class _Sealing:
    """One system's way from spool to snapshot."""

    def __init__(self, store: Store, system: str, source: Source) -> None:
        self._store, self._system, self._source = store, system, source
        self._scopes: dict[Scope, _Scope] = {}
        self._pending: dict[str, list[tuple[object, ...]]] = {table: [] for table in _COLUMNS}
        self._counts = dict.fromkeys(_COLUMNS, 0)

    def seal(self, items: Iterable[RawPage | ScopeEnd], trouble: str) -> Extracted:
        self._store.do("stage_records", "stage_entitlements", "stage_memberships", "stage_scopes", "stage_quarantined")
        for item in items:
            self._take(item)
        for table in _COLUMNS:
            self._flush(table)
        self._judge(trouble)
        for scope in self._scopes.values():
            self._stage("staged_scope", [_scope_row(scope)])
        self._flush("staged_scope")
        with self._store.transaction():
            self._take_over()
        incomplete = tuple(f"{self._system}: {scope.scope}: {scope.reason}" for scope in self._scopes.values() if scope.reason)
        return Extracted(self._system, self._counts["staged_record"], self._counts["staged_membership"], incomplete)

    def _take(self, item: RawPage | ScopeEnd) -> None:
        scope = self._scopes.setdefault(item.scope, _Scope(item.scope))
        match item:
            case ScopeEnd():
                scope.reason, scope.watermark = item.problem, item.watermark
                scope.declared_total = item.declared_total if item.declared_total is not None else scope.declared_total
                scope.seconds = time.monotonic() - scope.began
            case RawPage():
                scope.pages += 1
                scope.declared_total = item.declared_total if item.declared_total is not None else scope.declared_total
                self._take_rows(scope, self._source.decode(item))

    def _take_rows(self, scope: _Scope, rows: Rows) -> None:
        # What was read and cannot be used was read all the same: declared totals count it too.
        scope.rows += len(rows.records) + len(rows.entitlements) + len(rows.quarantined)
        if item_rows := rows.memberships:
            if scope.scope.kind in (ScopeKind.MEMBERS, ScopeKind.ASSIGNMENTS):
                scope.rows += len(item_rows)
            self._stage("staged_membership", [(each.entitlement_id, each.account_id, each.entitlement_id, each.via) for each in item_rows])
        self._stage("staged_record", [(each.id, each.state, each.status, each.attributes, each.updated) for each in rows.records])
        self._stage(
            "staged_entitlement",
            [(each.id, each.kind, each.name, each.attributes, each.read_only, each.privileged, each.updated) for each in rows.entitlements],
        )
        self._stage("staged_quarantined", [_quarantined_row(scope.scope, each) for each in rows.quarantined])

    def _stage(self, table: str, rows: list[tuple[object, ...]]) -> None:
        self._pending[table] += rows
        if len(self._pending[table]) >= BATCH:
            self._flush(table)

    def _flush(self, table: str) -> None:
        if rows := self._pending[table]:
            self._counts[table] += len(rows)
            self._store.append(table, dict(zip(_COLUMNS[table], zip(*rows, strict=True), strict=True)))
            self._pending[table] = []

    def _judge(self, trouble: str) -> None:
        """Gives every scope its verdict: complete only where it ended well, repeats no id, and holds as many as it declared."""
        wholes = [scope for scope in self._scopes.values() if scope.scope.kind in (ScopeKind.FILE, ScopeKind.ACCOUNTS)]
        if trouble or not wholes:
            whole = self._scopes.setdefault(Scope(ScopeKind.ACCOUNTS), _Scope(Scope(ScopeKind.ACCOUNTS)))
            whole.reason = trouble or "nothing was read."
            wholes = [*wholes, whole]
        repeated = self._store.rows("repeated_record_ids")
        for scope in wholes:
            if repeated and not scope.reason:
                scope.reason = f"the id {repeated[0][0]!r} came {repeated[0][1]} times: pages overlap, so others may be missing."
        for scope in self._scopes.values():
            scope.distinct_ids = scope.rows
            if not scope.reason and scope.declared_total is not None and scope.rows != scope.declared_total:
                scope.reason = f"it declared {scope.declared_total} and gave {scope.rows}."

    def _take_over(self) -> None:
        number = self._store.value("latest_number", system=self._system) + 1
        here = {"system": self._system, "number": number}
        kinds = {kind: [scope for scope in self._scopes.values() if scope.scope.kind is kind] for kind in ScopeKind}
        whole = [*kinds[ScopeKind.FILE], *kinds[ScopeKind.ACCOUNTS]]
        if all(not scope.reason for scope in whole):
            self._store.do("close_records", "open_records", **here)
        if kinds[ScopeKind.ENTITLEMENTS] and all(not scope.reason for scope in kinds[ScopeKind.ENTITLEMENTS]):
            self._store.do("close_entitlements", "open_entitlements", **here)
        self._store.do("close_memberships", "open_memberships", "keep_scopes", "keep_quarantined", **here)
        digest = self._store.value("content_digest", system=self._system)
        columns = self._store.value("record_columns", system=self._system)
        taken_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._store.do("keep_snapshot", digest=digest, columns=columns, taken_at=taken_at, **here)


def _scope_row(scope: _Scope) -> tuple[object, ...]:
    verdict = (scope.scope.kind, scope.scope.name, not scope.reason, scope.reason)
    return (*verdict, scope.pages, scope.rows, scope.distinct_ids, scope.declared_total, scope.watermark, scope.seconds)


def _quarantined_row(scope: Scope, each: Quarantined) -> tuple[object, ...]:
    return scope.kind, scope.name, each.position, each.id, each.reason, each.raw


_COLUMNS: dict[str, tuple[str, ...]] = {
    "staged_record": ("id", "state", "status", "attributes", "updated"),
    "staged_entitlement": ("id", "kind", "name", "attributes", "read_only", "privileged", "updated"),
    "staged_membership": ("scope", "account_id", "entitlement_id", "via"),
    "staged_quarantined": ("kind", "name", "position", "id", "reason", "raw"),
    "staged_scope": (
        "kind",
        "name",
        "complete",
        "reason",
        "pages",
        "rows",
        "distinct_ids",
        "declared_total",
        "watermark",
        "seconds",
    ),
}
