"""Counts the requests to each system, and the time that they waited for its rate limit or before they were repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from connectors.http.budget import Budget, Turn

LEAST_WAIT = 0.01
"""Seconds; a turn that comes sooner did not wait."""


@dataclass(slots=True)
class Sent:
    """The requests to one system."""

    requests: int = 0
    by_limit: Counter[str] = field(default_factory=Counter)
    """The same by the limit that they count against, by the connector's own name."""
    waits: int = 0
    waited_seconds: float = 0.0
    """Together: those of requests that waited side by side are added."""

    def wait(self, seconds: float) -> None:
        if seconds >= LEAST_WAIT:
            self.waits += 1
            self.waited_seconds += seconds


@dataclass(slots=True)
class Traffic:
    """The requests of one command, by system."""

    by_system: dict[str, Sent] = field(default_factory=dict)

    def of(self, system: str) -> Sent:
        return self.by_system.setdefault(system, Sent())


_measured: ContextVar[Traffic | None] = ContextVar("traffic", default=None)


@contextmanager
def measured() -> Iterator[Traffic]:
    """Counts everything that is sent inside the block."""
    traffic = Traffic()
    token = _measured.set(traffic)
    try:
        yield traffic
    finally:
        _measured.reset(token)


@asynccontextmanager
async def counted_turn(system: str, budget: Budget, bucket: str) -> AsyncIterator[Turn]:
    """A turn of a budget, counted as one request."""
    asked = budget.clock()
    async with budget.turn(bucket) as turn:
        if traffic := _measured.get():
            sent = traffic.of(system)
            sent.requests += 1
            sent.by_limit[bucket] += 1
            sent.wait(budget.clock() - asked)
        yield turn


def counted_sleep(system: str, sleep: Callable[[float], Awaitable[None]]) -> Callable[[float], Awaitable[None]]:
    """The sleep before a request is repeated, counted as a wait."""

    async def slept(seconds: float) -> None:
        if traffic := _measured.get():
            traffic.of(system).wait(seconds)
        await sleep(seconds)

    return slept
