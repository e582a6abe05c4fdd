"""Changes of several accounts that travel in one request: operations that are under way at once wait for one another."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable


@runtime_checkable
class SendsTogether(Protocol):
    """A target that sends changes of several accounts in one request. Each change keeps an answer, or an error, of its own."""

    async def most_together(self) -> int:
        """Returns the changes that one request takes; 1 where each goes alone. Asks the system once."""

    def under_way(self) -> AbstractContextManager[None]:
        """The time of one operation: its change is sent when all operations under way wait to be sent, or a request is full."""
