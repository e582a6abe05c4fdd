"""The clock of this process: the one place where the present moment comes from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """The date in a time zone. `zone` is an IANA name."""
    return now().astimezone(ZoneInfo(zone)).date()


def stamp(moment: datetime | None = None) -> str:
    """A moment, the present one where none is given, as RFC 3339 in UTC with milliseconds."""
    return (moment or now()).astimezone(UTC).isoformat(timespec="milliseconds")
