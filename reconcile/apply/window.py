"""Bounded concurrency: tasks that run side by side, a limited number at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Self


class Window:
    """Tasks that run side by side, at most `most` at once. Leaving the block waits for all of them.

    The first failure, and any exception that leaves the block, cancels the others and waits until they have ended: what they use is still open.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                await self._until_under_way(0)
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def begin(self, work: Coroutine[None, None, None]) -> None:
        """Begins a task, and waits until there is room for the next. Raises what another one failed with."""
        self._under_way.add(asyncio.create_task(work))
        await self._until_under_way(self._most - 1)

    async def _until_under_way(self, most: int) -> None:
        while len(self._under_way) > most:
            done, self._under_way = await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            # Each failure is fetched, so that asyncio reports none of those beside the one that is raised.
            failures = [error for task in done if (error := task.exception()) is not None]
            if failures:
                raise failures[0]
