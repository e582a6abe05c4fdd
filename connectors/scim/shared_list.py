"""One list of an application, read once for all that look something up in it.

Several creations are under way at once. Were the list read for each of them, the creations of the others would move its pages, and the
whole list would be read once a row. So it is read before the first creation and nothing is created meanwhile; what this process creates
or changes is added. It is read again where a creation may have happened unseen, and once after a refusal that says that a
value is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from connectors.contract import RawPage
from connectors.errors import BadResponse, Conflict, ConnectorError, Forbidden, RateLimited, Rejected, Unauthorised
from connectors.scim.lists import Walk

_READINGS = 2
"""Number of readings of a list that moved while it was read, before it is given up for this time."""
_NOTHING_MADE = (Rejected, Forbidden, Unauthorised, RateLimited)
"""Refusals after which the list holds nothing new."""
_FAILURES = 3
"""After so many readings that were given up the list is not read any more."""


@dataclass(slots=True)
class SharedList:
    """The ids of what one list holds, by the keys that `keys` finds in a page."""

    walk: Callable[[], Walk]
    keys: Callable[[RawPage], Iterable[tuple[Hashable, str]]]
    _ids: dict[Hashable, list[str]] = field(default_factory=dict)
    _fresh: bool = False
    _reading: bool = False
    _creating: int = 0
    _taken: bool = False
    """Whether the list was read again because a value was taken."""
    _failures: list[str] = field(default_factory=list)
    _turn: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def known(self) -> bool:
        """Whether a look-up needs no reading."""
        return self._fresh

    async def ids(self, key: Hashable) -> Sequence[str]:
        """The ids of what had this key when the list was read, or got it by this process. Raises BadResponse where the list is not whole."""
        await self._read_if_needed()
        return tuple(self._ids.get(key, ()))

    def add(self, keys: Iterable[tuple[Hashable, str]]) -> None:
        """Takes in what this process created or changed."""
        for key, resource_id in keys:
            known = self._ids.setdefault(key, [])
            if resource_id not in known:
                known.append(resource_id)

    def distrust(self) -> None:
        """Has the list read again before the next look-up."""
        self._fresh = False

    @asynccontextmanager
    async def creation(self) -> AsyncIterator[None]:
        """Keeps a creation and the reading of the list apart, and distrusts the list where the outcome may be in it unseen."""
        async with self._turn:
            await self._turn.wait_for(lambda: not self._reading)
            self._creating += 1
        try:
            yield
        except _NOTHING_MADE:
            raise
        except Conflict:
            if not self._taken:
                self._taken = True
                self.distrust()
            raise
        except ConnectorError:
            self.distrust()
            raise
        finally:
            async with self._turn:
                self._creating -= 1
                self._turn.notify_all()

    async def _read_if_needed(self) -> None:
        async with self._turn:
            await self._turn.wait_for(lambda: self._fresh or not (self._reading or self._creating))
            if self._fresh:
                return
            if len(self._failures) >= _FAILURES:
                raise BadResponse(f"it was not whole {_FAILURES} times and is not read again: {self._failures[-1]}")
            self._reading = True
        try:
            self._ids = await self._read()
            self._fresh = True
        finally:
            async with self._turn:
                self._reading = False
                self._turn.notify_all()

    async def _read(self) -> dict[Hashable, list[str]]:
        for _ in range(_READINGS):
            walk, found = self.walk(), dict[Hashable, list[str]]()
            async for page in walk.pages():
                for key, resource_id in self.keys(page):
                    found.setdefault(key, []).append(resource_id)
            if not walk.problem:
                return found
            if not walk.repeatable:
                break
        self._failures.append(walk.problem)
        raise BadResponse(walk.problem)
