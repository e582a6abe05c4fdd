"""The outcomes of a run, for queries that need a part of them: in memory, or where they are recorded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from reconcile.plan.model import Outcome, OutcomeKind, Run


class OutcomeRows(ABC):
    """The outcomes of a run, in the order in which they were recorded."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __iter__(self) -> Iterator[Outcome]: ...

    @abstractmethod
    def with_ids(self, ids: Collection[str]) -> dict[str, Outcome]:
        """Returns the outcomes of some operations, by the operation's id."""

    @abstractmethod
    def counts(self) -> Mapping[OutcomeKind, int]:
        """Counts the outcomes of each kind that there is."""

    @abstractmethod
    def of_kinds(self, kinds: Collection[OutcomeKind]) -> Iterator[Outcome]:
        """Yields the outcomes of some kinds."""


class OutcomesInMemory(OutcomeRows):
    """Outcomes in memory."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self._outcomes = tuple(outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self._outcomes)

    def with_ids(self, ids: Collection[str]) -> dict[str, Outcome]:
        return {id_: self._by_id[id_] for id_ in ids if id_ in self._by_id}

    def counts(self) -> Mapping[OutcomeKind, int]:
        return Counter(each.kind for each in self._outcomes)

    def of_kinds(self, kinds: Collection[OutcomeKind]) -> Iterator[Outcome]:
        return (each for each in self._outcomes if each.kind in kinds)

    @cached_property
    def _by_id(self) -> Mapping[str, Outcome]:
        return {each.operation_id: each for each in self._outcomes}


def outcome_rows(run: Run | None) -> OutcomeRows:
    """The outcomes of a run in a form that can be queried; none without a run."""
    found = run.outcomes if run else ()
    return found if isinstance(found, OutcomeRows) else OutcomesInMemory(found)
