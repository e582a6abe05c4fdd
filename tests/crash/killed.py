"""The command line in a process that kills itself at a write of its journal: `killed.py DAY NUMBER before|after WORD...`.

NUMBER counts the intents and outcomes that this process writes, from 1; `before` kills in place of the write, `after` once it is on disk.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2])]

from reconcile.apply.journal_file import JournalFile  # noqa: E402 - as a script this file's own folder comes first
from tests.support.day import clock_on  # noqa: E402 - the same

BOUNDARY = "add_entry"
"""The statement that writes an intent or an outcome."""


def arm(number: int, *, before: bool) -> None:
    """Makes this process end itself at one of its journal entries."""
    write, seen = JournalFile.do, 0

    def do(file: JournalFile, statement: str, **parameters: Any) -> None:
        nonlocal seen
        seen += statement == BOUNDARY
        here = statement == BOUNDARY and seen == number
        if here and before:
            os.kill(os.getpid(), signal.SIGKILL)
        write(file, statement, **parameters)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)

    JournalFile.do = do  # type: ignore[method-assign]


if __name__ == "__main__":
    os.umask(0o077)
    from reconcile.cli import cli

    day, number, moment, *sys.argv[1:] = sys.argv[1:]
    arm(int(number), before=moment == "before")
    sys.exit(cli(clock_on(date.fromisoformat(day))))
