"""The overview of the operations of a saved plan, by statements on its file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

from reconcile.plan.impact import Impact
from reconcile.plan.model import ENDING, Operation, Verb
from reconcile.plan.operation_overview import ChangeClass, OperationClass, OperationOverview
from reconcile.plan.tables import attributes_of

FIRST, GROWTH = 100, 10
"""Number of operations that are fetched at first of those that may be shown, and the factor by which it grows each time that more are asked for."""

LEAVERS = 1_000
"""Operations that end the use of accounts whose memberships are fetched together."""


class Answers(Protocol):
    """The rows of a named statement, one by one."""

    def __call__(self, statement: str, **parameters: object) -> Iterator[tuple[Any, ...]]: ...


class Operations(Protocol):
    """The operations that a named statement answers, in the order of the file."""

    def __call__(self, statement: str, **parameters: object) -> Iterator[Operation]: ...


class StoredOverview(OperationOverview):
    """The overview of operations in a file."""

    def __init__(self, rows: Answers, operations: Operations) -> None:
        self._rows, self._operations = rows, operations

    def impacts(self) -> Mapping[tuple[str, Verb], Impact]:
        return {(target, Verb(verb)): Impact(count, accounts, 0) for target, verb, count, accounts in self._rows("operation_impacts")}

    def classes(self) -> Mapping[OperationClass, int]:
        return self._classes

    @cached_property
    def _classes(self) -> Mapping[OperationClass, int]:
        return {OperationClass(target, Verb(verb), *rest): count for target, verb, *rest, count in self._rows("operation_classes")}

    def changes(self, target: str, verb: Verb) -> Iterable[ChangeClass]:
        for before, after, count in self._rows("change_classes", target=target, verb=verb.value):
            yield ChangeClass(target, verb, attributes_of(before), attributes_of(after), count)

    def unusual_first(self, target: str, verb: Verb) -> Iterator[Operation]:
        begin, count = 0, FIRST
        while True:
            asked = {"target": target, "verb": verb.value, "from": begin, "count": count}
            positions = [position for (position,) in self._rows("unusual_first", **asked)]
            yield from self._at(positions)
            if len(positions) < count:
                return
            begin, count = begin + count, count * GROWTH

    def with_losses(self, target: str, verb: Verb) -> Iterator[Operation]:
        own = self.unusual_first(target, verb)
        if verb not in ENDING:
            yield from own
        while together := list(islice(own, LEAVERS)):
            losses = self._losses(target, together)
            for each in together:
                yield from (each, *losses.get(each.id, ()))

    def privileged(self) -> Iterator[Operation]:
        return self._operations("privileged_operations")

    def people_ended(self) -> int:
        ((count,),) = self._rows("people_ended")
        return int(count)

    def first_ended(self, people: int) -> Sequence[Operation]:
        return list(self._operations("first_ended", people=people))

    def _losses(self, target: str, ending: Sequence[Operation]) -> Mapping[str, Sequence[Operation]]:
        """The memberships that go with the accounts of some operations, by the id of the last one that ends each account."""
        asked = {"target": target, "accounts": sorted({each.account_id for each in ending})}
        ended_by = dict(self._rows("account_endings", **asked))
        losses: dict[str, list[Operation]] = defaultdict(list)
        for each in self._operations("memberships_lost", **asked):
            losses[ended_by[each.account_id]].append(each)
        return losses

    def _at(self, positions: Sequence[int]) -> Iterator[Operation]:
        """The operations at some positions, in the order of those."""
        found = dict(zip(sorted(positions), self._operations("operations_at", positions=positions), strict=True)) if positions else {}
        return (found[position] for position in positions)
