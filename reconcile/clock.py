"""The present moment, as a value that is handed in: from this machine unless a caller says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime


def _system_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Source of the present moment."""

    read: Callable[[], datetime] = _system_now
    """Gives the present moment, with its time zone."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self.read().astimezone(UTC)

    def today(self, zone: str) -> date:
        """The date in a time zone. `zone` is an IANA name."""
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - deferred: `--help` needs no time zones

        return self.read().astimezone(ZoneInfo(zone)).date()

    def stamp(self) -> str:
        """The present moment as RFC 3339."""
        return stamp(self.read())


def stamp(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


SYSTEM = Clock()
"""The clock of this machine."""
