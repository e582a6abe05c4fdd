"""Retries: the requests that are worth repeating, and the wait before each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from connectors.errors import ConnectorError
from connectors.http.answer import Answer, Headers, http_date
from connectors.http.budget import StatedLimit


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Number of tries of one request, and the longest wait in seconds that a system may ask for."""

    attempts: int = 6
    longest_wait: float = 120.0
    first_wait: float = 0.5


class RetryableError(Exception):
    """The request may be repeated: after `wait` seconds where the system said so. `error` is what to raise when patience ends."""

    def __init__(self, error: ConnectorError, wait: float | None = None) -> None:
        self.error = error
        self.wait = wait
        super().__init__(str(error))


def stated_wait(headers: Headers) -> float | None:
    """Returns the wait that the system asks for: `Retry-After` (RFC 9110, section 10.2.3), else until its rate limit resets."""
    after = headers.first("retry-after").strip()
    if after.isascii() and after.isdigit():
        return float(after)
    moment = http_date(after)
    if moment is not None:
        return max((moment - headers.date()) / timedelta(seconds=1), 0.0)
    stated = StatedLimit.read(headers)
    # A limit of 0 is Okta's refusal of too many at once; its reset is only a hint.
    return stated.seconds_to_reset + 1 if stated and stated.limit > 0 and stated.remaining == 0 else None


@dataclass(slots=True)
class Retries:
    """Repeats requests, all together only so often: when a system is down for good, most requests fail at once instead of each waiting."""

    patience: RetryPolicy
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _credit: float = field(default=40.0, init=False)

    async def run(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of the first attempt that gets one; else the error of the last."""
        retrying = AsyncRetrying(
            retry=retry_if_exception(self._worth_it),
            stop=stop_after_attempt(self.patience.attempts),
            wait=self._wait,
            sleep=self.sleep,
            reraise=True,
        )

        async def once() -> Answer:
            return await attempt()

        try:
            answer: Answer = await retrying(once)
        except RetryableError as again:
            raise again.error from None
        self._credit = min(self._credit + 0.1, 40.0)
        return answer

    def _worth_it(self, error: BaseException) -> bool:
        if not isinstance(error, RetryableError) or (error.wait or 0) > self.patience.longest_wait:
            return False
        if error.wait is None:
            self._credit -= 1
        return self._credit > 0

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        backoff = wait_random_exponential(multiplier=self.patience.first_wait, max=self.patience.longest_wait)(state)
        if isinstance(error, RetryableError) and error.wait is not None:
            # Everybody who was told the same moment would come back at that moment.
            return error.wait + min(backoff, 0.5)
        return backoff
