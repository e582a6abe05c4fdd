"""Waiting in tests: for an event, never for a time. A slow machine makes a test slow and does not make it fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

LIMIT = 3000.0
"""Seconds after which what a test waits for will not come any more: it ends what hangs, below the time-out of pytest."""


def until(condition: Callable[[], object]) -> None:
    """Returns when something is so."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not come about"
        time.sleep(0.02)


async def come(condition: Callable[[], object]) -> None:
    """The same beside other tasks."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not come about"
        await asyncio.sleep(0.001)
