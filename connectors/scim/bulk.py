"""Gathers the changes of users that are under way at once for bulk requests; each has an answer of its own.

Bulk is an accelerator and nothing depends on it: what it does not take, or refuses, goes alone, as without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from connectors.errors import Uncertain
from connectors.http.answer import Answer
from connectors.scim.bulk_message import BulkLimits, Change, stated_limits
from connectors.scim.bulk_requests import BulkRequests, Waiting
from connectors.scim.errors import believed
from connectors.scim.gathering import Gathering

_TAKEN = frozenset({"POST", "PUT", "PATCH"})


@dataclass(slots=True)
class Bulk:
    """The changes of one application that wait to be sent together."""

    requests: BulkRequests
    most: int
    """Operations that the dialect lets one request have; less than 2 where it, or the operator, wants none."""
    advertised: Callable[[], Awaitable[Mapping[str, Any]]]
    gathering: Gathering
    _asked: bool = False
    _waiting: list[Waiting] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gathering.queues.append(self)

    async def limits(self) -> BulkLimits | None:
        """The limits of a bulk request; None where none is sent."""
        if self.most < 2 or self.requests.refused:
            return None
        if not self._asked:
            stated = stated_limits(await self.advertised())
            self.requests.limits = stated and BulkLimits(min(stated.operations, self.most), stated.payload)
            self._asked = True
        return self.requests.limits if self.full > 1 else None

    @property
    def full(self) -> int:
        """The changes that fill a request."""
        return self.requests.limits.operations if self.requests.limits else 1

    @property
    def length(self) -> int:
        """The number of changes that wait."""
        return len(self._waiting)

    async def answer(self, change: Change) -> Answer | None:
        """The answer to a change that went with others, if it is 2xx; None where it is to go alone. Raises as a request of its own would."""
        if change.method not in _TAKEN or await self.limits() is None:
            return None
        waiting = Waiting(change, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self.gathering.send_what_is_due()
        try:
            answer = await waiting.answer
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
        return None if answer is None else _judged(answer)

    def send(self) -> None:
        """Sends one request with changes that wait, one for each resource: the answers to two could not be told apart."""
        some: dict[str, Waiting] = {}
        for each in self._waiting:
            named = each.change.path if each.change.method != "POST" else f"new {id(each)}"
            if named not in some and len(some) < self.full:
                some[named] = each
        self._waiting = [each for each in self._waiting if each not in some.values()]
        self.gathering.begin(self.requests.carry_out(list(some.values())))


def _judged(answer: Answer) -> Answer:
    """The answer to one operation, if it is 2xx. Raises Uncertain where the service failed, as for a request of its own."""
    if answer.status >= 500 and answer.status != HTTPStatus.NOT_IMPLEMENTED:
        raise Uncertain(f"{answer.what} failed on the server's side", status=answer.status)
    return believed(answer)
