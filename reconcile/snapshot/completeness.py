"""Judges whether the read of a scope is complete enough to prove absence, and says why where it is not."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.contract import RawPage, Scope, ScopeEnd, ScopeKind
from reconcile.plan.impact import number_of
from reconcile.project.config import Reading
from reconcile.snapshot.shrinking import OwnEndings, is_shrunk, none_ended, own_losses
from reconcile.store.connection import Store

WHOLE_SYSTEM = frozenset({ScopeKind.FILE, ScopeKind.ACCOUNTS})
"""Scopes that hold a system's people or accounts."""

WRONG_CLOCK = timedelta(days=1)
"""A time further ahead of this machine's clock than this is a mistake, and nothing follows from it."""
_WAY_OUT = "If it is right, raise"


@dataclass(slots=True)
class ScopeState:
    """Progress of one scope. Complete as long as `reason` is empty; of a partial one all but some rows can be believed."""

    scope: Scope
    pages: int = 0
    rows: int = 0
    distinct_ids: int = 0
    repeated: int = 0
    """Rows that state what another row states."""
    lost: int = 0
    """Records that could not be used and do not say whom they are about, or which membership they are."""
    declared_total: int | None = None
    reason: str = "the reading stopped before its end"
    partial: bool = False
    """Whether the scope is incomplete only because some records do not say whom they are about: the others state what they state."""
    samples: list[str] = field(default_factory=list)
    """Places of the first of those records, with their errors."""
    detail: str = ""
    """Text for an operator beside the reason: the order of rows decides nothing, so it is no part of a plan."""
    note: str = ""
    watermark: str = ""
    delta: bool = False
    seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def took(self, item: RawPage | ScopeEnd) -> None:
        """Counts a page, or notes the end."""
        if item.declared_total is not None:
            self.declared_total = item.declared_total
        match item:
            case RawPage():
                self.pages += 1
                self._digest.update(item.body)
            case ScopeEnd():
                self.reason, self.watermark, self.delta = item.problem, item.watermark, item.delta
                self.seconds = time.monotonic() - self._began

    @property
    def fingerprint(self) -> str:
        """Returns a digest over the pages, in their order."""
        return self._digest.hexdigest() if self.pages else ""

    def row(self) -> tuple[object, ...]:
        """Returns the row that the store keeps."""
        verdict = (self.scope.kind, self.scope.name, not self.reason, self.partial, self.reason)
        counts = (self.pages, self.rows, self.distinct_ids, self.declared_total)
        return (*verdict, *counts, self.watermark, self.seconds, self.delta, self.fingerprint)


COLUMNS = (
    "kind",
    "name",
    "complete",
    "partial",
    "reason",
    "pages",
    "rows",
    "distinct_ids",
    "declared_total",
    "watermark",
    "seconds",
    "delta",
    "fingerprint",
)


@dataclass(frozen=True, slots=True)
class CompletenessCheck:
    """Gives the scopes of one system's read their verdicts, from what was staged and what was read before."""

    store: Store
    system: str
    reading: Reading
    ended: OwnEndings = none_ended

    def judge(self, scopes: dict[Scope, ScopeState], trouble: str) -> None:
        """Fills in `reason` where a scope is not complete; `trouble` is what stopped the whole read."""
        wholes = [state for state in scopes.values() if state.scope.kind in WHOLE_SYSTEM]
        if trouble or not wholes:
            missing = scopes.setdefault(Scope(ScopeKind.ACCOUNTS), ScopeState(Scope(ScopeKind.ACCOUNTS)))
            missing.reason = trouble or "nothing was read"
            wholes = [*wholes, missing]
        self._repeated_ids(wholes)
        distinct = {name: count for name, _, count in self.store.rows("scope_memberships")}
        for state in scopes.values():
            state.distinct_ids = distinct.get(state.scope.name, 0) if state.scope.kind is ScopeKind.MEMBERS else state.rows - state.repeated
            state.reason = state.reason or self._contradiction(state) or self._against_history(state)
            if state.repeated:
                repeats = f"{state.repeated} of its {state.rows} rows repeat another row exactly and do not count"
                state.note = f"{state.note}; {repeats}" if state.note else repeats
        files = [state for state in scopes.values() if state.scope.kind is ScopeKind.FILE]
        replaced = self._replaced(files)
        for state in files:
            state.reason = state.reason or replaced
        self._sentinels(scopes, wholes)
        for state in scopes.values():
            if state.lost and not state.reason:
                state.reason, state.detail = _lost(state), f": {'; '.join(state.samples)}"
                # What a delta leaves out is not sent again: without the lost record everything that it says is in doubt.
                state.partial = state.scope.kind in WHOLE_SYSTEM and not state.delta

    def _repeated_ids(self, wholes: list[ScopeState]) -> None:
        repeated = self.store.rows("repeated_record_ids")
        for state in wholes:
            if repeated and not state.reason:
                state.reason = f"the id {repeated[0][0]!r} came {repeated[0][1]} times: pages overlap, so others may be missing"

    def _contradiction(self, state: ScopeState) -> str:
        if state.declared_total is not None and state.rows != state.declared_total and not state.delta:
            return f"it declared {state.declared_total} and gave {state.rows}"
        return ""

    def _against_history(self, state: ScopeState) -> str:
        """Compares with the last complete read of the same scope: returns a reason against this one, or an empty text."""
        if state.delta:
            return ""
        if older := self._sent_again(state):
            return older
        before = self.store.rows("previous_scope", system=self.system, kind=state.scope.kind, name=state.scope.name)
        if not before:
            return ""
        rows, fingerprint, name, taken_at = before[0]
        if shrunk := self._shrunk(state, rows, taken_at):
            return shrunk
        if state.scope.kind is ScopeKind.FILE and fingerprint == state.fingerprint and state.pages:
            state.note = f"byte for byte what was read before as {name}"
        return ""

    def _shrunk(self, state: ScopeState, before: int, since: str) -> str:
        found = state.rows - state.repeated
        if not is_shrunk(self.reading, before, found, lambda: own_losses(self.store, self.system, state.scope, since, self.ended)):
            return ""
        return (
            f"it has {found} rows where the last complete read had {before}; a drop of more than {self.reading.shrink_percent:g} % "
            f"is treated as a partial read. {self._way_out('shrink_percent')}"
        )

    def _replaced(self, files: Sequence[ScopeState]) -> str:
        """Returns why the people of the files cannot be the same as before, by their keys, so that no lost row hides behind a new one."""
        if not files or any(state.reason or state.delta for state in files) or not any(map(self._read_before, files)):
            return ""
        self.store.do("make_key_core", "make_gone_rows", system=self.system)
        respelt, old, new = self.store.rows("respelt_rows", system=self.system)[0]
        if respelt > self.reading.shrink_floor:
            return (
                f"the keys of {number_of(respelt, 'row')} changed ({old!r} is {new!r} by now?): a row with another key counts as "
                f"another person, who would get a second account. Correct the export or the key. {self._way_out('shrink_floor')}"
            )
        known, gone = self.store.rows("gone_rows", system=self.system)[0]
        lost = gone - sum(state.lost for state in files)
        if lost <= self.reading.shrink_floor or lost <= known * self.reading.shrink_percent / 100:
            return ""
        return (
            f"{lost} of the {known} rows of the last complete read are gone, whatever is new; a drop of more than "
            f"{self.reading.shrink_percent:g} % is treated as a partial read. {self._way_out('shrink_percent')}"
        )

    def _read_before(self, state: ScopeState) -> bool:
        return bool(self.store.rows("previous_scope", system=self.system, kind=state.scope.kind, name=state.scope.name))

    def _way_out(self, setting: str) -> str:
        return f"{_WAY_OUT} reading.{self.system}.{setting} in reconcile.toml for this read"

    def _sent_again(self, state: ScopeState) -> str:
        """Returns why a file is older than one whose rows count already; else empty.

        What a read of before was current to does not count where it lies in the future: it was a mistake, and every later file would
        be older. A day and a moment are compared as days.
        """
        if state.scope.kind is not ScopeKind.FILE or not state.watermark:
            return ""
        before = self.store.rows("previous_watermark", system=self.system, name=state.scope.name, latest=_latest())
        if not before:
            return ""
        watermark, name = before[0]
        if state.watermark < watermark[: len(state.watermark)]:
            return f"it states {state.watermark}, and {name} with {watermark} was read before: an older file was sent again"
        return ""

    def _sentinels(self, scopes: dict[Scope, ScopeState], wholes: list[ScopeState]) -> None:
        if any(state.delta for state in wholes):
            return
        missing = [row[0] for row in self.store.rows("missing_sentinels", names=list(self.reading.always_there))]
        for state in wholes:
            state.reason = state.reason or _not_there(missing, f"reading.{self.system}.always_there")
        groups = self.store.rows("staged_groups", names=list(self.reading.always_members))
        for name, entitlement_id in groups:
            members = scopes.get(Scope(ScopeKind.MEMBERS, entitlement_id))
            names = list(self.reading.always_members[name])
            missing = [row[0] for row in self.store.rows("missing_member_sentinels", names=names, entitlement_id=entitlement_id)]
            if members is not None:
                members.reason = members.reason or _not_there(missing, f"reading.{self.system}.always_members")
        unread = sorted(set(self.reading.always_members) - {name for name, _ in groups})
        for state in scopes.values():
            if state.scope.kind is ScopeKind.ENTITLEMENTS and unread and not state.reason:
                state.reason = f"the group {unread[0]!r}, which reading.{self.system}.always_members names, {self._where_it_is(unread[0])}"

    def _where_it_is(self, name: str) -> str:
        renamed = [f"{now!r} ({id_})" for id_, now in self.store.rows("staged_groups_once_named", system=self.system, name=name)]
        return f"is named {' and '.join(renamed)} by now; change the setting" if renamed else "is not among the groups"


def _lost(state: ScopeState) -> str:
    which = "does not say whom it is" if state.lost == 1 else "do not say whom they are"
    return f"{state.lost} of {number_of(state.rows, 'record')} {which} about"


def without_way_out(reason: str) -> str:
    """A reason without the setting that it proposes to change, where a sentence ends with another way out."""
    return reason.partition(f". {_WAY_OUT}")[0]


def in_future(watermark: str) -> bool:
    """Whether what a read was current to can only be a mistake."""
    return watermark > _latest()


def _latest() -> str:
    """Returns the present time by this machine's clock, which the connectors compare with the dates of files and servers."""
    return (datetime.now(UTC) + WRONG_CLOCK).strftime("%Y-%m-%dT%H:%M:%SZ")


def _not_there(missing: list[str], setting: str) -> str:
    if not missing:
        return ""
    who, are = ", ".join(missing[:3]), "is" if len(missing) == 1 else "are"
    return f"{who} should always be there ({setting} in reconcile.toml) and {are} not; if that is right, correct the setting"
