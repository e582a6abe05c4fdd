"""Gathers the changes of users that are under way at once for bulk requests; each has an answer of its own.

Bulk is an accelerator and nothing depends on it: what it does not take, or refuses, goes alone, as without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from connectors.errors import Uncertain
from connectors.http.answer import Answer
from connectors.scim.bulk_message import BulkLimits, Change, stated_limits
from connectors.scim.bulk_requests import BulkRequests, Waiting
from connectors.scim.errors import believed

PATIENCE = 2.0
"""Seconds after the last change has come, in which others may come. Beyond them nothing is waited for: what is under way may itself wait."""
_TAKEN = frozenset({"POST", "PUT", "PATCH"})


@dataclass(slots=True)
class Bulk:
    """The changes of one application that wait to be sent together."""

    requests: BulkRequests
    most: int
    """Operations that the dialect lets one request have; less than 2 where it, or the operator, wants none."""
    advertised: Callable[[], Awaitable[Mapping[str, Any]]]
    _asked: bool = False
    _waiting: list[Waiting] = field(default_factory=list)
    _under_way: int = 0
    _timer: asyncio.TimerHandle | None = None
    _sent: set[asyncio.Task[None]] = field(default_factory=set)

    async def limits(self) -> BulkLimits | None:
        """The limits of a bulk request; None where none is sent."""
        if self.most < 2 or self.requests.refused:
            return None
        if not self._asked:
            stated = stated_limits(await self.advertised())
            self.requests.limits = stated and BulkLimits(min(stated.operations, self.most), stated.payload)
            self._asked = True
        return self.requests.limits if self._full > 1 else None

    @property
    def _full(self) -> int:
        """The changes that fill a request."""
        return self.requests.limits.operations if self.requests.limits else 1

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """The time of one operation."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._send_what_is_due()

    async def answer(self, change: Change) -> Answer | None:
        """The answer to a change that went with others, if it is 2xx; None where it is to go alone. Raises as a request of its own would."""
        if change.method not in _TAKEN or await self.limits() is None:
            return None
        waiting = Waiting(change, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._send_what_is_due()
        try:
            answer = await waiting.answer
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
        return None if answer is None else _judged(answer)

    async def close(self) -> None:
        """Waits for the requests that are under way."""
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*self._sent, return_exceptions=True)

    def _send_what_is_due(self) -> None:
        """Sends what waits where a request is full, or all that is under way waits; else sees to it that it does not wait for long."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting and len(self._waiting) >= min(self._full, max(self._under_way, 1)):
            self._send()
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._send)

    def _send(self) -> None:
        """Sends one request with what waits, each resource once: which of two answers is whose could not be told."""
        some: dict[str, Waiting] = {}
        for each in self._waiting:
            named = each.change.path if each.change.method != "POST" else f"new {id(each)}"
            if named not in some and len(some) < self._full:
                some[named] = each
        self._waiting = [each for each in self._waiting if each not in some.values()]
        request = asyncio.get_running_loop().create_task(self.requests.carry_out(list(some.values())))
        self._sent.add(request)
        request.add_done_callback(self._sent.discard)


def _judged(answer: Answer) -> Answer:
    """The answer to one operation, if it is 2xx. Raises Uncertain where the service failed, as for a request of its own."""
    if answer.status >= 500 and answer.status != HTTPStatus.NOT_IMPLEMENTED:
        raise Uncertain(f"{answer.what} failed on the server's side", status=answer.status)
    return believed(answer)
