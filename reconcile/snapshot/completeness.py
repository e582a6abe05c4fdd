"""Judges whether the read of a scope is complete enough to prove absence, and says why where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.contract import Scope, ScopeKind
from connectors.quoting import quoted
from reconcile.plan.impact import number_of
from reconcile.project.config import Reading
from reconcile.snapshot.earlier_reads import EarlierReads
from reconcile.snapshot.scope_state import WHOLE_SYSTEM, ScopeState
from reconcile.snapshot.sentinels import judge_sentinels
from reconcile.snapshot.shrinking import OwnEndings, none_ended
from reconcile.store.connection import Row, Store


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
        _doubt_repeated(wholes, self.store.rows("repeated_record_ids"))
        lists = [state for state in scopes.values() if state.scope.kind is ScopeKind.ENTITLEMENTS]
        _doubt_repeated(lists, self.store.rows("repeated_entitlement_ids"))
        earlier = EarlierReads(self.store, self.system, self.reading, self.ended)
        distinct = {name: count for name, _, count in self.store.rows("scope_memberships")}
        for state in scopes.values():
            state.distinct_ids = distinct.get(state.scope.name, 0) if state.scope.kind is ScopeKind.MEMBERS else state.rows - state.repeated
            state.reason = state.reason or _declared_otherwise(state) or earlier.contradiction(state)
            if state.repeated:
                repeats = f"{state.repeated} of its {state.rows} rows repeat another row exactly and do not count"
                state.note = f"{state.note}; {repeats}" if state.note else repeats
        files = [state for state in scopes.values() if state.scope.kind is ScopeKind.FILE]
        replaced = earlier.replacement(files)
        for state in files:
            state.reason = state.reason or replaced
        if not any(state.delta for state in wholes):
            judge_sentinels(self.store, self.system, self.reading, scopes, wholes)
        for state in scopes.values():
            if state.lost and not state.reason:
                state.reason, state.detail = _lost(state), f": {'; '.join(state.samples)}"
                # What a delta leaves out is not sent again: without the lost record everything that it says is in doubt.
                state.partial = state.scope.kind in WHOLE_SYSTEM and not state.delta


def _doubt_repeated(states: Sequence[ScopeState], repeated: Sequence[Row]) -> None:
    """Doubts scopes in which ids came more than once."""
    for state in states:
        if repeated and not state.reason:
            state.reason = f"the id {quoted(repeated[0][0])} came {repeated[0][1]} times: pages overlap, so others may be missing"


def _declared_otherwise(state: ScopeState) -> str:
    if state.declared_total is not None and state.rows != state.declared_total and not state.delta:
        return f"it declared {state.declared_total} and gave {state.rows}"
    return ""


def _lost(state: ScopeState) -> str:
    which = "does not say whom it is" if state.lost == 1 else "do not say whom they are"
    return f"{state.lost} of {number_of(state.rows, 'record')} {which} about"
