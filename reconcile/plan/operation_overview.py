"""Queries that a report of a plan needs: counts, classes of operations that are alike, and the few operations that it shows."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from connectors.contract import Value
from reconcile.plan.impact import Impact, extent
from reconcile.plan.model import CHANGING, ENDING, Operation, Verb


class OperationClass(NamedTuple):
    """Attributes that the operations of one class share."""

    target: str
    verb: Verb
    situation: str
    rule: str
    entitlement_id: str
    entitlement: str
    entitlement_kind: str
    privileged: bool
    with_account: bool
    """Whether they remove memberships of accounts whose use the plan ends."""


class ChangeClass(NamedTuple):
    """Updates or renames of one target that change the same attributes in the same way."""

    target: str
    verb: Verb
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    operations: int


class OperationOverview(ABC):
    """The operations of a plan as a report sees them."""

    @abstractmethod
    def impacts(self) -> Mapping[tuple[str, Verb], Impact]:
        """The impact by target and verb, without the size of the target."""

    @abstractmethod
    def classes(self) -> Mapping[OperationClass, int]:
        """Returns the number of operations of each class."""

    @abstractmethod
    def changes(self, target: str, verb: Verb) -> Iterable[ChangeClass]:
        """The changes that updates or renames of one target make."""

    @abstractmethod
    def unusual_first(self, target: str, verb: Verb) -> Iterator[Operation]:
        """Yields the operations of one target and verb, without removals that go with their account: privileged first, then rare ones."""

    @abstractmethod
    def with_losses(self, target: str, verb: Verb) -> Iterator[Operation]:
        """The same, each that ends the use of an account followed by the memberships that go with it, in order."""

    @abstractmethod
    def privileged(self) -> Iterator[Operation]:
        """Yields the operations on entitlements that give power over their system, in order."""

    @abstractmethod
    def people_ended(self) -> int:
        """Counts the people who lose the use of an account; an account of an unknown person counts as one."""

    @abstractmethod
    def first_ended(self, people: int) -> Sequence[Operation]:
        """Returns the operations that end the use of accounts of the first so many people, in order."""


class OverviewInMemory(OperationOverview):
    """The overview of operations in memory."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations

    def impacts(self) -> Mapping[tuple[str, Verb], Impact]:
        held: dict[tuple[str, Verb], list[Operation]] = defaultdict(list)
        for each in self._operations:
            held[each.target, each.verb].append(each)
        return {key: extent(found, 0) for key, found in held.items()}

    def classes(self) -> Mapping[OperationClass, int]:
        return Counter(_class(each, with_account=self._goes_with_account(each)) for each in self._operations)

    def changes(self, target: str, verb: Verb) -> Iterable[ChangeClass]:
        found = [each for each in self._operations if each.target == target and each.verb is verb]
        return [ChangeClass(target, verb, each.before, each.after, 1) for each in found]

    def unusual_first(self, target: str, verb: Verb) -> Iterator[Operation]:
        found = [each for each in self._operations if each.target == target and each.verb is verb and not self._goes_with_account(each)]
        return iter(rarest_first(found))

    def with_losses(self, target: str, verb: Verb) -> Iterator[Operation]:
        return (row for each in self.unusual_first(target, verb) for row in (each, *self._losses.get(each.id, ())))

    def privileged(self) -> Iterator[Operation]:
        return (each for each in self._operations if each.privileged)

    def people_ended(self) -> int:
        return len(people(each for each in self._operations if each.verb in ENDING))

    def first_ended(self, people: int) -> Sequence[Operation]:
        ended = [each for each in self._operations if each.verb in ENDING]
        shown = set(list(dict.fromkeys(map(person_of, ended)))[:people])
        return [each for each in ended if person_of(each) in shown]

    def _goes_with_account(self, each: Operation) -> bool:
        return each.verb is Verb.REMOVE_MEMBER and (each.target, each.account_id) in self._ended_by

    @cached_property
    def _ended_by(self) -> Mapping[tuple[str, str], str]:
        """By target and account, the id of the last operation that ends its use."""
        return {(each.target, each.account_id): each.id for each in self._operations if each.verb in ENDING}

    @cached_property
    def _losses(self) -> Mapping[str, Sequence[Operation]]:
        """The memberships that go because their account is ended, by the id of that operation."""
        losses: dict[str, list[Operation]] = defaultdict(list)
        for each in filter(self._goes_with_account, self._operations):
            losses[self._ended_by[each.target, each.account_id]].append(each)
        return losses


def _class(each: Operation, *, with_account: bool) -> OperationClass:
    because, about = each.because, (each.entitlement_id, each.entitlement, each.entitlement_kind)
    return OperationClass(each.target, each.verb, because.situation.value, because.rule, *about, each.privileged, with_account)


def person_of(operation: Operation) -> tuple[str, ...]:
    """Returns the person of an operation, or its account where the person is unknown."""
    return (operation.anchor,) if operation.anchor else (operation.target, operation.account_id or operation.id)


def people(operations: Iterable[Operation]) -> list[list[Operation]]:
    """Groups the operations by person, or by account where the person is unknown; in the order in which each is met first."""
    held: dict[tuple[str, ...], list[Operation]] = defaultdict(list)
    for operation in operations:
        held[person_of(operation)].append(operation)
    return list(held.values())


def rarest_first(operations: Sequence[Operation]) -> list[Operation]:
    """Sorts the operations: privileged ones first, then rare ones; three odd changes must not hide behind six hundred alike."""
    signatures = list(map(_signature, operations))
    tally = Counter(signatures)
    ranked = sorted(zip(operations, signatures, strict=True), key=lambda each: (not each[0].privileged, tally[each[1]]))
    return [operation for operation, _ in ranked]


def _signature(operation: Operation) -> tuple[str, ...]:
    """Returns a tuple that is equal for operations of one verb that are alike."""
    why = (operation.because.situation.value, operation.because.rule)
    if operation.verb in CHANGING:
        return *why, *(json.dumps(list(values.items()), sort_keys=True, default=dict) for values in (operation.before, operation.after))
    return *why, operation.entitlement_id or operation.entitlement
