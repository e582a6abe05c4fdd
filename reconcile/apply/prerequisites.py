"""Outcomes of the operations of a run that other operations depend on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from reconcile.plan.model import Operation, Outcome, Verb


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """An operation that another one depends on, once it has ended."""

    target: str
    verb: Verb
    anchor: str
    outcome: Outcome


@dataclass(slots=True)
class Prerequisites:
    """The prerequisites of one run, by id. Of all other operations nothing is kept."""

    ids: frozenset[str] = frozenset()
    _futures: dict[str, asyncio.Future[Prerequisite]] = field(default_factory=dict)

    def conclude(self, operation: Operation, outcome: Outcome) -> None:
        """Records the outcome of an operation, and releases the operations that wait for it."""
        if operation.id in self.ids:
            self._future(operation.id).set_result(Prerequisite(operation.target, operation.verb, operation.anchor, outcome))

    async def of(self, ids: Sequence[str]) -> list[Prerequisite]:
        """Waits until some operations have ended. Ids of operations that the plan does not have are left out."""
        return [await self._future(each) for each in ids if each in self.ids]

    def known(self, ids: Sequence[str]) -> list[Prerequisite] | None:
        """Returns those operations, as `of` does, where all of them have ended; else None."""
        awaited = [self._future(each) for each in ids if each in self.ids]
        return [each.result() for each in awaited] if all(each.done() for each in awaited) else None

    def _future(self, operation_id: str) -> asyncio.Future[Prerequisite]:
        if operation_id not in self._futures:
            self._futures[operation_id] = asyncio.get_running_loop().create_future()
        return self._futures[operation_id]
