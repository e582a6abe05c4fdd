"""The command line on a day of the test's choice; as a script: `day.py 2026-03-02 WORD...`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime, time
from itertools import pairwise
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

from reconcile.clock import Clock  # noqa: E402 - as a script this file's own folder comes first


def clock_on(day: date, hour: int = 12) -> Clock:
    """A clock that stands at noon of a day now, or at another hour, and goes on from there."""
    ahead = datetime.combine(day, time(hour), UTC) - datetime.now(UTC)
    return Clock(lambda: datetime.now(UTC) + ahead)


def day_meant(words: tuple[str, ...], usual: date) -> date:
    """The day that a command line names with `--clock`, else the usual one: most tests decide for the day on which they act."""
    named = [date.fromisoformat(after) for word, after in pairwise(words) if word == "--clock" and after[:1].isdigit()]
    return named[0] if named else usual


if __name__ == "__main__":
    os.umask(0o077)
    from reconcile.cli import cli

    first, *sys.argv[1:] = sys.argv[1:]
    sys.exit(cli(clock_on(date.fromisoformat(first))))
