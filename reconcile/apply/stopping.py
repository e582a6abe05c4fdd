"""Stops a live run in an orderly way: nothing more is begun, and what is under way ends and is written down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Stopping:
    """Counts the operations that are under way, and keeps others from beginning once a stop is asked for."""

    def __init__(self) -> None:
        self._asked = False
        self._under_way = 0
        self._ended = asyncio.Event()

    def ask(self) -> None:
        """Asks for the stop."""
        self._asked = True
        self._note()

    @contextlib.asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """The time from the first look at an operation to its outcome in the journal. Once a stop is asked for, it never begins."""
        if self._asked:
            await asyncio.get_running_loop().create_future()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._note()

    async def ended(self) -> None:
        """Waits until a stop was asked for and nothing is under way any more."""
        await self._ended.wait()

    def _note(self) -> None:
        if self._asked and not self._under_way:
            self._ended.set()
