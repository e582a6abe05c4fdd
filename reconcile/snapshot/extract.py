"""Reading systems into the store: every page to a spool, every page decoded, every scope judged, then sealed as one snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from connectors.contract import Entitlement, Quarantined, RawPage, Rows, Scope, ScopeEnd, ScopeKind, SelfDescribing, Source, Target
from connectors.declaration import DeclaredAttribute
from connectors.errors import ConnectorError
from connectors.secrets import SecretMissing
from reconcile.clock import SYSTEM, Clock
from reconcile.plan.origin import BoundSystem
from reconcile.project.config import Reading
from reconcile.project.decisions import LinkDecision, PairDecision
from reconcile.snapshot.binding import Answering, Binding, other_accounts
from reconcile.snapshot.completeness import CompletenessCheck
from reconcile.snapshot.decoding import ReadLimits, decoded, failure, read_within
from reconcile.snapshot.earlier_reads import WRONG_CLOCK, in_future
from reconcile.snapshot.kept_log import keep_log
from reconcile.snapshot.scope_state import COLUMNS as SCOPE_COLUMNS
from reconcile.snapshot.scope_state import WHOLE_SYSTEM, ScopeState
from reconcile.snapshot.shrinking import OwnEndings, none_ended
from reconcile.snapshot.spool import Spool
from reconcile.snapshot.unlisted import Unlisted, ask_unlisted
from reconcile.store.connection import Store
from reconcile.store.declared import ask_declared, keep_declared

BATCH = 20_000
"""Rows that are held before they go into a working table."""

Progress = Callable[[str, int], None]
"""Told a system's name and how many pages of it have come."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The result of reading one system."""

    system: str
    records: int
    memberships: int
    delta: bool
    """Whether only what changed was read."""
    incomplete: tuple[str, ...]
    """A sentence for each scope that cannot prove absence."""
    notes: tuple[str, ...]
    """Sentences about what is odd and proves nothing against the read."""
    warnings: tuple[str, ...] = ()
    """The same about what may be a mistake with consequences: a nightly run tells them too."""


@dataclass(frozen=True, slots=True)
class Extract:
    """One extract of some systems into the store of a state folder."""

    store: Store
    state: Path
    reading: Callable[[str], Reading]
    """The conditions under which a read of a system is complete."""
    progress: Progress
    whole: bool = False
    """Whether systems that could tell what changed are read whole all the same."""
    project: str = ""
    """Id of the project, to which files belong."""
    bound: Mapping[str, BoundSystem] = field(default_factory=dict)
    """The systems that the journal's links belong to; what the store knows goes before."""
    link_decisions: Sequence[LinkDecision] = ()
    """Decisions of reviewers about pairs: an account that they name is asked for where no list shows it."""
    clock: Clock = SYSTEM
    entry: int | None = None
    """The number of the journal's last entry: no run writes one while systems are read."""
    ended: OwnEndings = none_ended
    """The accounts that live runs took out or ended: no read has to show them."""

    async def read(self, sources: Mapping[str, Source]) -> list[Extracted]:
        """Reads all systems at the same time, then seals them one by one.

        A system that cannot be read keeps its rows and loses its proof.
        """
        binding = Binding(self.store, self.project, self.bound)
        answering = dict(zip(sources, await asyncio.gather(*map(binding.ask, sources.values())), strict=True))
        spools = {name: self._spool(name, answers) for name, answers in answering.items()}
        fetched = await asyncio.gather(
            *(_fetch(each, answering[name], spools[name], self.progress, self._limits(name)) for name, each in sources.items())
        )
        ended = []
        for (name, source), came in zip(sources.items(), fetched, strict=True):
            judge = CompletenessCheck(self.store, name, self.reading(name), self.ended)
            sealing = _Sealing(self, judge, source, came, answering[name].system)
            decided = [each.account_id for each in self.link_decisions if each.target == name and each.decision is PairDecision.SAME]
            sealed = await sealing.seal(spools[name].items(), came.trouble, decided)
            spools[name].remove()
            # After the snapshot: whatever it shows happened before, and most of that is in the log by then.
            log = () if came.trouble else await keep_log(self.store, name, source, self.clock.now())
            ended.append(replace(sealed, notes=(*sealed.notes, *log)))
        return ended

    def _spool(self, system: str, answers: Answering) -> Spool:
        return Spool.open(self.state / "spool" / f"{system}.pages", self._since(system), str(answers.system))

    def _limits(self, system: str) -> ReadLimits:
        return ReadLimits(self.reading(system).longest_hours)

    def _since(self, system: str) -> str:
        """The watermark to read from where a delta is wanted and the last whole read is young enough; else nothing."""
        reading = self.reading(system)
        whole_at, watermark, _ = self.store.rows("last_whole_read", system=system)[0]
        if self.whole or not reading.incremental or not whole_at or not watermark:
            return ""
        if self.store.value("latest_doubts", system=system):
            # What an incomplete read lacks may have changed before the watermark: a delta would never make up for it.
            return ""
        if in_future(watermark):
            # The server's clock was wrong: what changes until then would never be in a delta.
            return ""
        age = self.clock.now() - datetime.fromisoformat(whole_at)
        return watermark if -WRONG_CLOCK < age < timedelta(hours=reading.full_every_hours) else ""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """The result of reading one system to its spool."""

    trouble: str = ""
    """Error that stopped the whole read, or nothing."""
    declared: Sequence[str] | None = None
    """The attributes that the system says its rows can have."""
    unsupported: Mapping[str, str] = field(default_factory=dict)
    """By capability, why the system says it does not have it."""
    attributes: Mapping[str, DeclaredAttribute] | None = None
    """Types that the system declares of its attributes; None where it could not be asked, and what it declared before still counts."""


async def _fetch(source: Source, answers: Answering, spool: Spool, progress: Progress, limits: ReadLimits) -> _Fetched:
    if answers.trouble:
        return _Fetched(trouble=answers.trouble)
    pages = 0

    def take(item: RawPage | ScopeEnd) -> None:
        nonlocal pages
        spool.add(item)
        pages += isinstance(item, RawPage)
        progress(source.name, pages)

    try:
        await read_within(source, spool.request, limits, take)
        unsupported = await source.unsupported() if isinstance(source, SelfDescribing) else {}
    except (ConnectorError, SecretMissing) as error:
        return _Fetched(trouble=str(error))
    except OSError:
        # This machine's disk, not the system.
        raise
    except Exception as error:  # noqa: BLE001 - whatever a system makes its connector raise is no other system's trouble
        return _Fetched(trouble=failure(source.name, error))
    try:
        declared, attributes = await ask_declared(source)
        return _Fetched(declared=declared, unsupported=unsupported, attributes=attributes or {})
    except Exception:  # noqa: BLE001 - as above
        # It said what it holds and not what it could hold: then any column may be there.
        return _Fetched(unsupported=unsupported)


class _Sealing:
    """One system's way from spool to snapshot."""

    def __init__(self, extract: Extract, judge: CompletenessCheck, source: Source, came: _Fetched, bound: BoundSystem) -> None:
        self._declared, self._unsupported, self._attributes, self._bound = came.declared, came.unsupported, came.attributes, bound
        self._judge, self._store, self._system, self._source = judge, judge.store, judge.system, source
        self._clock, self._entry, self._scopes = extract.clock, extract.entry, dict[Scope, ScopeState]()
        self._pending: dict[str, list[tuple[object, ...]]] = {table: [] for table in _COLUMNS}
        self._counts = dict.fromkeys(_COLUMNS, 0)

    async def seal(self, items: Iterable[RawPage | ScopeEnd], trouble: str, decided: Sequence[str]) -> Extracted:
        staging = ("stage_records", "stage_entitlements", "stage_memberships", "stage_scopes", "stage_quarantined", "stage_unlisted")
        self._store.do(*staging)
        for item in items:
            scope = self._scopes.setdefault(item.scope, ScopeState(item.scope))
            scope.took(item)
            if isinstance(item, RawPage):
                self._take_rows(scope, decoded(self._source, item))
        for table in _COLUMNS:
            self._flush(table)
        trouble = trouble or self._other_accounts()
        self._judge.judge(self._scopes, trouble)
        unlisted = await self._ask_unlisted(decided)
        self._stage("staged_scope", [scope.row() for scope in self._scopes.values()])
        self._flush("staged_scope")
        with self._store.transaction():
            self._take_over(answered=unlisted is not None)
            if not trouble:
                self._store.do("bind_system", system=self._system, id=self._bound.id, address=self._bound.address)
                self._store.do("drop_unsupported", system=self._system)
                for capability, reason in self._unsupported.items():
                    self._store.do("add_unsupported", system=self._system, capability=capability, reason=reason)
                if self._attributes is not None:
                    keep_declared(self._store, self._system, self._attributes)
        return Extracted(
            self._system,
            self._counts["staged_record"],
            self._counts["staged_membership"],
            any(scope.delta for scope in self._scopes.values()),
            tuple(f"{self._system}: {each.scope}: {each.reason}{each.detail}" for each in self._scopes.values() if each.reason),
            tuple(f"{self._system}: {each.scope}: {note}" for each in self._scopes.values() for note in each.notes()),
            tuple(f"{self._system}: {each.scope}: {each.warning}" for each in self._scopes.values() if each.warning),
        )

    async def _ask_unlisted(self, decided: Sequence[str]) -> Unlisted | None:
        """Asks for the known accounts that a whole list does not show; None where the list proves nothing."""
        accounts = self._scopes.get(Scope(ScopeKind.ACCOUNTS))
        if not isinstance(self._source, Target) or accounts is None or accounts.reason or accounts.delta:
            return None
        found = await ask_unlisted(self._store, self._source, decided, self._judge.reading.most_missing)
        accounts.reason, accounts.note = found.doubt, accounts.note or found.note
        if found.doubt:
            return None
        if found.records:
            rows = [(each.id, each.state, each.status, each.attributes, each.updated) for each in found.records]
            self._store.append("staged_record", dict(zip(_COLUMNS["staged_record"], zip(*rows, strict=True), strict=True)))
        if found.answers:
            self._store.append("staged_unlisted", dict(zip(("id", "answer"), zip(*found.answers, strict=True), strict=True)))
        return found

    def _other_accounts(self) -> str:
        """Returns why the accounts that came cannot be those of the last read; empty for a source of people."""
        if not isinstance(self._source, Target):
            return ""
        whole = all(not (scope.delta or scope.reason) for scope in self._scopes.values() if scope.scope.kind in WHOLE_SYSTEM)
        return other_accounts(self._store, self._system, self._source.traits, whole=whole)

    def _take_rows(self, scope: ScopeState, rows: Rows) -> None:
        # What was read and cannot be used was read all the same: declared totals count it too.
        scope.rows += len(rows.records) + len(rows.entitlements) + len(rows.quarantined) + rows.repeated
        scope.repeated += rows.repeated
        if item_rows := rows.memberships:
            if scope.scope.kind in (ScopeKind.MEMBERS, ScopeKind.ASSIGNMENTS):
                scope.rows += len(item_rows)
            self._stage("staged_membership", [(each.entitlement_id, each.account_id, each.entitlement_id, each.via) for each in item_rows])
        self._stage("staged_record", [(each.id, each.state, each.status, each.attributes, each.updated) for each in rows.records])
        self._stage("staged_entitlement", [tuple(each) for each in rows.entitlements])
        scope.put_aside(rows.quarantined)
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

    def _take_over(self, *, answered: bool) -> None:
        here = {"system": self._system, "number": self._store.value("latest_number", system=self._system) + 1}
        self._store.do("drop_unlisted", "keep_unlisted", "drop_account_notes", complete=answered, **here)
        if whole := self._of(ScopeKind.FILE, ScopeKind.ACCOUNTS):
            partial = any(scope.partial for scope in whole)
            changed_only = partial or any(scope.delta for scope in whole)
            self._store.do("close_changed_records" if changed_only else "close_records", "open_records", "drop_unseen", **here)
            if partial:
                self._store.do("keep_unseen", **here)
        groups = self._of(ScopeKind.ENTITLEMENTS)
        if groups:
            delta = any(scope.delta for scope in groups)
            self._store.do("close_changed_entitlements" if delta else "close_entitlements", "open_entitlements", **here)
        self._store.do("close_memberships", "open_memberships", "keep_scopes", "keep_quarantined", **here)
        if groups and any(scope.delta for scope in self._scopes.values()):
            # Only in the store: among the scopes of this read they would say that the groups were read and have no members.
            self._store.do("carry_scopes", **here)
        digest = self._store.value("content_digest", **here)
        columns = sorted({*self._store.value("record_columns", system=self._system), *(self._declared or ())})
        # An application does not show an attribute that nobody has; a file shows all its columns.
        open_ended = self._declared is None and isinstance(self._source, Target)
        taken_at = self._clock.now().isoformat(timespec="seconds")
        self._store.do("keep_snapshot", digest=digest, columns=columns, open_ended=open_ended, taken_at=taken_at, entry=self._entry, **here)

    def _of(self, *kinds: ScopeKind) -> list[ScopeState]:
        """The scopes of some kinds where each is complete or partial; none where one is neither: then their rows stay as they were."""
        found = [scope for scope in self._scopes.values() if scope.scope.kind in kinds]
        return found if all(scope.partial or not scope.reason for scope in found) else []


def _quarantined_row(scope: Scope, each: Quarantined) -> tuple[object, ...]:
    return scope.kind, scope.name, each.position, each.id, each.reason, each.raw


_COLUMNS: dict[str, tuple[str, ...]] = {
    "staged_record": ("id", "state", "status", "attributes", "updated"),
    "staged_entitlement": Entitlement._fields,
    "staged_membership": ("scope", "account_id", "entitlement_id", "via"),
    "staged_quarantined": ("kind", "name", "position", "id", "reason", "raw"),
    "staged_scope": SCOPE_COLUMNS,
}
