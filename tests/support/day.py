"""The command line on a day of the test's choice; as a script: `day.py 2026-03-02 WORD...`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

sys.path[:0] = [str(Path(__file__).parents[2])]

from reconcile import clock  # noqa: E402 - as a script this file's own folder comes first


@contextlib.contextmanager
def on(day: date) -> Iterator[None]:
    """Sets the clock of this process to noon of a day; it goes on from there."""
    ahead = datetime.combine(day, time(12), UTC) - datetime.now(UTC)
    with patch.object(clock, "now", lambda: datetime.now(UTC) + ahead):
        yield


def day_meant(words: tuple[str, ...], usual: date) -> date:
    """The day that a command line names with `--clock`, else the usual one: most tests decide for the day on which they act."""
    named = [date.fromisoformat(after) for word, after in pairwise(words) if word == "--clock" and after[:1].isdigit()]
    return named[0] if named else usual


if __name__ == "__main__":
    from reconcile.__main__ import main

    first, *sys.argv[1:] = sys.argv[1:]
    with on(date.fromisoformat(first)):
        main()
