"""Schedules requests within a system's rate limit, and leaves room for its other clients.

A system states its limit in headers (Okta: `X-Rate-Limit-Limit`, `-Remaining`, `-Reset`), or it is declared beforehand.
Of either only a share is used, evenly spread after a first burst; and nothing goes where the headers say that nothing is left.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from connectors.http.answer import Headers

LONGEST_WINDOW = 3600.0
"""No stated reset further away than this many seconds is believed."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Number of requests allowed in a number of seconds."""

    count: int
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class StatedLimit:
    """Rate limit that an answer states. A limit of 0 is Okta's mark of too many at once, and states nothing of the bucket."""

    limit: int
    remaining: int
    seconds_to_reset: float

    @staticmethod
    def read(headers: Headers) -> StatedLimit | None:
        """Reads `X-Rate-Limit-*` or `X-RateLimit-*`; the reset is a moment (epoch) or a distance, both in seconds."""
        for prefix in ("x-rate-limit-", "x-ratelimit-"):
            texts = [headers.first(prefix + name) for name in ("limit", "remaining", "reset")]
            if all(text.isascii() and text.isdigit() and len(text) < 16 for text in texts):
                limit, remaining, reset = map(int, texts)
                distance = reset - headers.date().timestamp() if reset > 1_000_000_000 else float(reset)
                return StatedLimit(limit, remaining, min(max(distance, 0.0), LONGEST_WINDOW))
        return None


@dataclass(slots=True)
class _Bucket:
    """Requests that count against one limit."""

    share: float
    allowance: Allowance | None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    in_flight: int = 0
    silent: bool = False
    """Whether it has answered without stating a limit."""
    remaining: int | None = None
    reset_at: float = 0.0
    blocked_until: float = 0.0
    sent: deque[float] = field(default_factory=deque)
    due: float = 0.0
    """Time at which the next request would go if every one so far had been evenly spaced."""

    def delay(self, now: float) -> float:
        """Seconds until the next request may go; infinite where only an answer to one in flight can tell."""
        if now >= self.reset_at:
            self.remaining = None
        if now < self.blocked_until:
            return self.blocked_until - now
        if self.remaining == 0:
            return self.reset_at - now
        room = math.inf if self.silent else 1
        if self.in_flight >= (room if self.remaining is None else self.remaining):
            return math.inf
        return self._pace(now)

    def _pace(self, now: float) -> float:
        if self.allowance is None:
            return 0.0
        quota, spacing = self._quota(self.allowance)
        while self.sent and self.sent[0] <= now - self.allowance.seconds:
            self.sent.popleft()
        full = self.sent[-quota] + self.allowance.seconds - now if len(self.sent) >= quota else 0.0
        # A quarter of the share may go at once, so that a small run never waits.
        ahead = self.due - now - spacing * (quota // 4)
        return max(full, ahead, 0.0)

    def _quota(self, allowance: Allowance) -> tuple[int, float]:
        quota = max(1, math.floor(self.share * allowance.count))
        return quota, allowance.seconds / quota

    def take(self, now: float) -> None:
        self.in_flight += 1
        if self.allowance is not None:
            self.sent.append(now)
            self.due = max(self.due, now) + self._quota(self.allowance)[1]

    def learn(self, headers: Headers, now: float) -> None:
        stated = StatedLimit.read(headers)
        if stated is None:
            self.silent = True
        elif stated.limit > 0:
            self.silent = False
            window = self.allowance.seconds if self.allowance else 60.0
            self.allowance = Allowance(stated.limit, max(window, stated.seconds_to_reset))
            # Reset and Date are whole seconds of the server's clock: one more covers what both leave out.
            reset_at = now + stated.seconds_to_reset + 1
            # Answers overtake each other: within one window only the smallest number left is sure.
            same_window = self.remaining is not None and reset_at < self.reset_at + 2
            self.remaining = min(self.remaining, stated.remaining) if same_window and self.remaining is not None else stated.remaining
            self.reset_at = reset_at


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave for one request; what its answer says is told here."""

    _bucket: _Bucket
    _clock: Callable[[], float]

    def learn(self, headers: Headers) -> None:
        """Takes over what the answer states of the limit."""
        self._bucket.learn(headers, self._clock())

    def refused(self, seconds: float) -> None:
        """Holds every request of the bucket back for so long: one refusal speaks for all of them."""
        self._bucket.blocked_until = max(self._bucket.blocked_until, self._clock() + seconds)


@dataclass(slots=True)
class Budget:
    """Hands out turns, first come, first served in each bucket. The first request of a bucket goes alone, to learn its limit."""

    share: float = 0.75
    declared: Mapping[str, Allowance] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[Turn]:
        """Waits until a request of this bucket may go, and counts it as in flight until the block ends."""
        bucket = self._buckets.setdefault(name, _Bucket(self.share, self.declared.get(name)))
        async with bucket.lock:
            while (delay := bucket.delay(self.clock())) > 0:
                await self._wait(bucket, delay)
            bucket.take(self.clock())
        try:
            yield Turn(bucket, self.clock)
        finally:
            bucket.in_flight -= 1
            bucket.answered.set()

    async def _wait(self, bucket: _Bucket, delay: float) -> None:
        if math.isfinite(delay):
            await self.sleep(max(delay, 0.001))
            return
        bucket.answered.clear()
        await bucket.answered.wait()
