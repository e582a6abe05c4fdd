"""Queries on the operations of a plan: in memory, or in the files of a saved plan."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from operator import itemgetter

from connectors.contract import Value
from reconcile.plan.model import CHANGING, ENDING, GROUP_VERBS, Finding, Operation, Plan, Verb
from reconcile.plan.operation_overview import OperationOverview, OverviewInMemory
from reconcile.plan.rows import Rows


class OperationRows(ABC):
    """The operations of a plan, for queries that need a part of them."""

    @abstractmethod
    def of_target(self, target: str) -> Iterator[Operation]:
        """Yields the operations of one target, in order."""

    def about(self, target: str, anchor: str, account_id: str) -> Iterator[Operation]:
        """Yields operations of one target about a person or an account, in order. An empty text matches none."""
        return (each for each in self.of_target(target) if is_about(each, anchor, account_id))

    @abstractmethod
    def with_ids(self, ids: Collection[str]) -> dict[str, Operation]:
        """Returns the operations that have one of the ids, by id, in order."""

    @abstractmethod
    def sizes(self) -> Mapping[tuple[str, Verb], int]:
        """Counts the operations by target and verb."""

    @abstractmethod
    def prerequisites(self) -> frozenset[str]:
        """The ids of those that another one depends on."""

    @abstractmethod
    def ended_accounts(self, target: str) -> frozenset[str]:
        """The accounts of one target whose use they end."""

    @abstractmethod
    def written(self, target: str, account_id: str) -> Sequence[Mapping[str, Value]]:
        """The attribute values that they write on one account that exists, an update or rename each."""

    def peers(self, operation: Operation) -> Iterator[Operation]:
        """Yields the operations of one kind with this one in its target, on other accounts or groups: memberships of the same entitlement."""
        return (each for each in self.of_target(operation.target) if is_peer(each, operation))

    @abstractmethod
    def additions_after(self, ids: Collection[str]) -> Iterator[Operation]:
        """Yields the additions of memberships that depend on one of some operations, in order."""

    @abstractmethod
    def overview(self) -> OperationOverview:
        """The queries that a report needs."""


class OperationsInMemory(OperationRows):
    """Operations in memory."""

    def __init__(self, operations: Collection[Operation]) -> None:
        self._operations = operations

    def of_target(self, target: str) -> Iterator[Operation]:
        return (each for each in self._operations if each.target == target)

    def with_ids(self, ids: Collection[str]) -> dict[str, Operation]:
        return {each.id: each for _, each in sorted((self._by_id[id_] for id_ in ids if id_ in self._by_id), key=itemgetter(0))}

    def sizes(self) -> Mapping[tuple[str, Verb], int]:
        return Counter((each.target, each.verb) for each in self._operations)

    def prerequisites(self) -> frozenset[str]:
        return frozenset(needed for each in self._operations for needed in each.depends_on if needed in self._by_id)

    def ended_accounts(self, target: str) -> frozenset[str]:
        return frozenset(each.account_id for each in self._operations if each.verb in ENDING and each.target == target)

    def written(self, target: str, account_id: str) -> Sequence[Mapping[str, Value]]:
        return self._written.get((target, account_id), ())

    def additions_after(self, ids: Collection[str]) -> Iterator[Operation]:
        found = dict(each for id_ in ids for each in self._additions.get(id_, ()))
        return (found[position] for position in sorted(found))

    def overview(self) -> OperationOverview:
        return OverviewInMemory(tuple(self._operations))

    @cached_property
    def _by_id(self) -> dict[str, tuple[int, Operation]]:
        """Each with its position."""
        return {each.id: (position, each) for position, each in enumerate(self._operations)}

    @cached_property
    def _additions(self) -> Mapping[str, Sequence[tuple[int, Operation]]]:
        """The additions of memberships with their positions, by each operation that they depend on."""
        found: dict[str, list[tuple[int, Operation]]] = defaultdict(list)
        for position, each in enumerate(self._operations):
            for needed in each.depends_on if each.verb is Verb.ADD_MEMBER else ():
                found[needed].append((position, each))
        return dict(found)

    @cached_property
    def _written(self) -> Mapping[tuple[str, str], Sequence[Mapping[str, Value]]]:
        found: dict[tuple[str, str], list[Mapping[str, Value]]] = defaultdict(list)
        for each in self._operations:
            if each.verb in CHANGING:
                found[each.target, each.account_id].append(each.after)
        return dict(found)


def is_about(each: Operation | Finding, anchor: str, account_id: str) -> bool:
    """Whether an operation or a finding is about a person or an account. An empty text matches none."""
    return (bool(anchor) and each.anchor == anchor) or (bool(account_id) and each.account_id == account_id)


def is_peer(each: Operation, other: Operation) -> bool:
    """Whether two operations of one target are of one kind, on two accounts or two groups: memberships of one entitlement."""
    if each.verb is not other.verb or each.id == other.id:
        return False
    if other.verb in GROUP_VERBS:
        return each.entitlement_id != other.entitlement_id
    return bool(each.account_id) and each.account_id != other.account_id and each.entitlement_id == other.entitlement_id


def queryable(operations: Rows[Operation]) -> OperationRows:
    """The operations in a form that can be queried."""
    return operations if isinstance(operations, OperationRows) else OperationsInMemory(tuple(operations))


def concerned(plan: Plan) -> list[str]:
    """The targets that a plan changes something in, or remembers something of."""
    return sorted({target for target, _ in queryable(plan.operations).sizes()} | {each.target for each in plan.links})


def for_rows(plan: Plan) -> Plan:
    """The plan for a reader that queries its operations and iterates over its findings and links: all of them stay where they are."""
    return plan if isinstance(plan.operations, OperationRows) else replace(plan, operations=tuple(plan.operations))


def for_text(plan: Plan) -> Plan:
    """The plan for a reader that queries its operations: they stay where they are, its findings and links come into memory."""
    return replace(for_rows(plan), findings=tuple(plan.findings), links=tuple(plan.links))


def in_memory(plan: Plan) -> Plan:
    """The plan with its rows in memory, for readers that iterate over all of them several times."""
    return replace(plan, operations=tuple(plan.operations), findings=tuple(plan.findings), links=tuple(plan.links))
