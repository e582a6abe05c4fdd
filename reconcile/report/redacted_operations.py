"""The operations of a plan without personal values: each is redacted when it is read, and none is kept.

Targets, verbs, entitlements and what waits for what are the same in both forms, so a query is asked of the operations themselves, by the ids
that its own stand for, and only its answer is redacted. Counts of people and accounts are therefore those of the full plan, also where two hashes are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from connectors.contract import Value
from reconcile.plan.impact import Impact
from reconcile.plan.model import CHANGING, ENDING, Operation, Verb
from reconcile.plan.operation_overview import ChangeClass, OperationClass, OperationOverview
from reconcile.plan.operation_rows import OperationRows, queryable
from reconcile.plan.rows import Rows
from reconcile.report.redacted_ids import KeyedIds

Attributes: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Redaction:
    """Redaction of the parts of operations."""

    operation: Callable[[Operation], Operation]
    values: Callable[[Attributes], Attributes]
    """Attributes before or after a change."""
    ids: KeyedIds
    """Ids of operations."""


class RedactedOperations(OperationRows):
    """The operations of a redacted plan."""

    def __init__(self, rows: Rows[Operation], redaction: Redaction) -> None:
        self._rows, self._redaction = rows, redaction
        self._asked = queryable(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Operation]:
        return map(self._redaction.operation, self._rows)

    def of_target(self, target: str) -> Iterator[Operation]:
        return map(self._redaction.operation, self._asked.of_target(target))

    def with_ids(self, ids: Collection[str]) -> dict[str, Operation]:
        known = self._redaction.ids
        found = self._asked.with_ids([known.original(each) for each in ids])
        return {known.hidden(id_): self._redaction.operation(each) for id_, each in found.items()}

    def sizes(self) -> Mapping[tuple[str, Verb], int]:
        return self._asked.sizes()

    def prerequisites(self) -> frozenset[str]:
        return frozenset(map(self._redaction.ids.hidden, self._asked.prerequisites()))

    def ended_accounts(self, target: str) -> frozenset[str]:
        return frozenset(each.account_id for each in self.of_target(target) if each.verb in ENDING)

    def written(self, target: str, account_id: str) -> Sequence[Attributes]:
        return [each.after for each in self.of_target(target) if each.verb in CHANGING and each.account_id == account_id]

    def additions_after(self, ids: Collection[str]) -> Iterator[Operation]:
        return map(self._redaction.operation, self._asked.additions_after([self._redaction.ids.original(each) for each in ids]))

    def overview(self) -> OperationOverview:
        return _RedactedOverview(self._asked.overview(), self._redaction)


class _RedactedOverview(OperationOverview):
    """The overview of operations of a redacted plan."""

    def __init__(self, full: OperationOverview, redaction: Redaction) -> None:
        self._full, self._redaction = full, redaction

    def impacts(self) -> Mapping[tuple[str, Verb], Impact]:
        return self._full.impacts()

    def classes(self) -> Mapping[OperationClass, int]:
        return self._full.classes()

    def changes(self, target: str, verb: Verb) -> Iterable[ChangeClass]:
        for each in self._full.changes(target, verb):
            before, after = self._redaction.values(each.before), self._redaction.values(each.after)
            yield each._replace(before=before, after=after)

    def unusual_first(self, target: str, verb: Verb) -> Iterator[Operation]:
        return map(self._redaction.operation, self._full.unusual_first(target, verb))

    def with_losses(self, target: str, verb: Verb) -> Iterator[Operation]:
        return map(self._redaction.operation, self._full.with_losses(target, verb))

    def privileged(self) -> Iterator[Operation]:
        return map(self._redaction.operation, self._full.privileged())

    def people_ended(self) -> int:
        return self._full.people_ended()

    def first_ended(self, people: int) -> Sequence[Operation]:
        return [self._redaction.operation(each) for each in self._full.first_ended(people)]
