"""Tells what live runs did from what others did, attribute by attribute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

from reconcile.apply.journal import Journal
from reconcile.apply.run_list import OwnOutcome, outcomes_within
from reconcile.errors import NoSuchPlan, PlanDamaged, PlanOfEarlierVersion
from reconcile.plan.change import ChangeKind
from reconcile.plan.journal_place import JournalPlace
from reconcile.plan.model import CHANGING, ENDING, Operation, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.store.plans.files import load

Key = tuple[str, str, str]
"""System, account and entitlement; the last one is empty for what is about the account itself."""
Row = tuple[str, str]
"""Digest of a plan and id of an operation: what changes an account has the same id in every plan, whichever attributes it writes."""
_STATES = ENDING | {Verb.CREATE, Verb.REACTIVATE}


@dataclass(slots=True)
class OwnRuns:
    """The outcomes of live runs within a time."""

    outcomes: Iterable[OwnOutcome]
    """In their order."""
    written: Mapping[Row, frozenset[str]]
    """Attributes that operations wrote; none for those whose plan is lost."""
    _known: dict[Key, list[OwnOutcome]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for each in self.outcomes:
            self._known[each.target, each.account, each.entitlement].append(each)

    def of(self, key: Key, since: JournalPlace, until: JournalPlace, kind: ChangeKind, name: str = "") -> str:
        """The last run that made such a change of an account, or of a membership, between two reads; empty where none did."""
        found, end = self._known.get(key, []), end_of_second(until)
        return next((each.run for each in reversed(found) if each.is_within(since, end) and self._did(each, kind, name)), "")

    def _did(self, outcome: OwnOutcome, kind: ChangeKind, name: str) -> bool:
        match kind:
            case ChangeKind.ATTRIBUTE:
                # Of a lost plan it is known only that it changed attributes of the account.
                names = self.written.get((outcome.plan_digest, outcome.operation))
                return outcome.verb in (*CHANGING, Verb.CREATE) and (names is None or name in names)
            case ChangeKind.STATE | ChangeKind.APPEARED | ChangeKind.GONE:
                return outcome.verb in _STATES
            case ChangeKind.JOINED:
                return outcome.verb is Verb.ADD_MEMBER
            case ChangeKind.LOST:
                return outcome.verb is Verb.REMOVE_MEMBER
            case _:
                assert_never(kind)


def runs_within(state: Path, journal: Journal, since: JournalPlace, until: JournalPlace, accounts: Sequence[str]) -> OwnRuns:
    """Returns what live runs did to some accounts between two reads."""
    found = outcomes_within(journal, since, end_of_second(until), accounts)
    ids: dict[str, list[str]] = defaultdict(list)
    for each in found:
        if each.verb in CHANGING:
            ids[each.plan_digest].append(each.operation)
    written = {row: names for digest, operations in ids.items() for row, names in _written(state, digest, operations).items()}
    return OwnRuns(found, written)


def end_of_second(read: JournalPlace) -> JournalPlace:
    """Returns a place after every moment of the second: the time of a read is in whole seconds, and what was done in its last one was done before it."""
    return replace(read, at=f"{read.at[:19]}.999~")


def _written(state: Path, digest: str, ids: Sequence[str]) -> Mapping[Row, frozenset[str]]:
    """The attributes that operations of a saved plan write; empty where the plan is lost."""
    return {(digest, id_): frozenset(operation.after) for id_, operation in operations_of(state, digest, ids).items()}


def operations_of(state: Path, digest: str, ids: Sequence[str]) -> Mapping[str, Operation]:
    """Returns operations of a saved plan by their ids; none where the plan is lost."""
    try:
        return queryable(load(state, digest).operations).with_ids(ids)
    except (NoSuchPlan, PlanDamaged, PlanOfEarlierVersion):
        return {}
