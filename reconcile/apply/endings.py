"""How operations of a run ended, for the operations that wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from reconcile.plan.model import Operation, Outcome, Verb


@dataclass(frozen=True, slots=True)
class Ended:
    """An operation that ended: what it was, and its outcome."""

    target: str
    verb: Verb
    anchor: str
    outcome: Outcome


@dataclass(slots=True)
class Endings:
    """The endings of one run. Only those of operations that another one waits for are kept."""

    needed: frozenset[str] = frozenset()
    """The ids of those."""
    _ended: dict[str, asyncio.Future[Ended]] = field(default_factory=dict)

    def conclude(self, operation: Operation, outcome: Outcome) -> None:
        """Notes the outcome of an operation; whoever waits for it goes on."""
        if operation.id in self.needed:
            self._future(operation.id).set_result(Ended(operation.target, operation.verb, operation.anchor, outcome))

    async def of(self, ids: Sequence[str]) -> list[Ended]:
        """The endings of some operations, once each has ended. Ids that are no operation's of the plan are left out."""
        return [await self._future(each) for each in ids if each in self.needed]

    def _future(self, operation_id: str) -> asyncio.Future[Ended]:
        if operation_id not in self._ended:
            self._ended[operation_id] = asyncio.get_running_loop().create_future()
        return self._ended[operation_id]
