"""Counts the calls of a bucket that a token has left, for the three headers that state it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sandbox.okta.settings import Bucket, OktaSandboxSettings

WINDOW = 60.0
"""Seconds; a window starts with its first call, not with the minute."""
UNLIMITED = 1_000_000
"""Number that the headers show for a bucket that never refuses."""


@dataclass(slots=True)
class _Window:
    started: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class RateState:
    """State of a bucket in an answer."""

    limit: int
    remaining: int
    reset: int
    refused: bool

    def headers(self) -> Iterator[tuple[str, str]]:
        yield "X-Rate-Limit-Limit", str(self.limit)
        yield "X-Rate-Limit-Remaining", str(self.remaining)
        yield "X-Rate-Limit-Reset", str(self.reset)


class RateBuckets:
    """The counters of an org, one for each bucket and token."""

    def __init__(self, settings: OktaSandboxSettings) -> None:
        self._settings = settings
        self._windows: dict[tuple[Bucket, str], _Window] = {}

    def spend(self, bucket: Bucket, token: str) -> RateState:
        """Counts one call; refused calls do not count further."""
        now = self._settings.clock()
        window = self._windows.get((bucket, token))
        if window is None or now >= window.started + WINDOW:
            window = self._windows[bucket, token] = _Window(now)
        limit = self._limit(bucket)
        refused = window.used >= limit
        window.used += not refused
        return RateState(limit, limit - window.used, math.ceil(window.started + WINDOW), refused)

    def crowded(self) -> RateState:
        """Returns the state in an answer to too many calls at once: zeros, and a reset that is only a hint."""
        return RateState(0, 0, math.ceil(self._settings.clock() + WINDOW), refused=True)

    def _limit(self, bucket: Bucket) -> int:
        whole = self._settings.limits.get(bucket)
        return UNLIMITED if whole is None else max(1, int(whole * self._settings.token_share))
