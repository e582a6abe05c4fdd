"""The log that a system keeps of itself: who did what to whom, and when."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
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
    attributes: tuple[str, ...] = ()
    """The attributes that it changed, where the event says so."""


class LogPage(NamedTuple):
    """A page of a log that is followed from night to night."""

    events: Sequence[LogEvent]
    cursor: str
    """The place after it, from which the log goes on at any later time."""
    unreadable: int = 0
    """Events of it that cannot be read."""


@runtime_checkable
class EventLog(Protocol):
    """A system that keeps such a log."""

    def events(self, since: datetime, until: datetime) -> AsyncGenerator[LogEvent, None]:
        """Yields the events between two moments, the oldest first. Raises ConnectorError."""
        ...


@runtime_checkable
class FollowedLog(EventLog, Protocol):
    """A system whose log is kept beside its snapshots, where its settings ask for that."""

    log_days: int
    """Days for which the system itself keeps its log."""

    @property
    def follows_log(self) -> bool:
        """Whether it is asked for."""
        ...

    def log_pages(self, since: datetime, cursor: str) -> AsyncGenerator[LogPage, None]:
        """Yields the pages from a cursor on, or from a moment where there is none, up to the present, in the order in which the system came to know them.

        Only events about accounts and what they hold. Raises ConnectorError.
        """
        ...
