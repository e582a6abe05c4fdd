"""Gathers what the operations under way at once ask for, so that one request serves them all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

PATIENCE = 2.0
"""Seconds after the last one has joined, in which others may join. Beyond them nothing is waited for: what is under way may itself wait."""


class Queue(Protocol):
    """Asked for, and not sent yet."""

    @property
    def length(self) -> int: ...

    @property
    def full(self) -> int:
        """The number that fills a request."""

    def send(self) -> None:
        """Sends as many as one request takes."""


@dataclass(slots=True)
class Gathering:
    """The operations under way in one application, and the queues that they wait in."""

    queues: list[Queue] = field(default_factory=list)
    _under_way: int = 0
    _check: asyncio.Handle | None = None
    _timer: asyncio.TimerHandle | None = None
    _requests: set[asyncio.Task[None]] = field(default_factory=set)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """The time of one operation."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self.send_what_is_due()

    def send_what_is_due(self) -> None:
        """Has what is due sent, once the operations that can go on by now have: one that has just begun may be about to join."""
        if self._check is None:
            self._check = asyncio.get_running_loop().call_soon(self._send_what_is_due)

    def _send_what_is_due(self) -> None:
        """Sends what fills a request, and all where everything under way waits; else sees to it that nothing waits for long."""
        self._check = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        everybody = sum(queue.length for queue in self.queues) >= max(self._under_way, 1)
        for queue in self.queues:
            while queue.length and (everybody or queue.length >= queue.full):
                queue.send()
        if any(queue.length for queue in self.queues):
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._send_all)

    def begin(self, request: Coroutine[Any, Any, None]) -> None:
        """Begins a request."""
        task = asyncio.get_running_loop().create_task(request)
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)

    async def close(self) -> None:
        """Waits for the requests that are under way."""
        for each in (self._check, self._timer):
            if each is not None:
                each.cancel()
        await asyncio.gather(*self._requests, return_exceptions=True)

    def _send_all(self) -> None:
        for queue in self.queues:
            while queue.length:
                queue.send()
