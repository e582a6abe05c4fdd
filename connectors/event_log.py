"""The log that a system keeps of itself: who did what to whom, and when."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable


class LogEvent(NamedTuple):
    """One event."""

    uuid: str
    published: str
    """RFC 3339, UTC."""
    type: str
    """`user.lifecycle.deactivate`, `group.user_membership.add`."""
    result: str
    """`SUCCESS`, `FAILURE`; empty where the event does not say."""
    actor: str
    """The id of who did it."""
    targets: tuple[str, ...]
    """The ids of what it was done to."""
    request_id: str
    """The id of the call that did it; for what the system did by itself its own."""
    actor_name: str = ""
    """The login or name of who did it, empty where the event does not say."""


@runtime_checkable
class EventLog(Protocol):
    """A system that keeps such a log."""

    def events(self, since: datetime, until: datetime) -> AsyncGenerator[LogEvent, None]:
        """Yields the events between two moments, the oldest first. Raises ConnectorError."""
        ...
