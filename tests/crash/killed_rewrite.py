"""The command line in a process that kills itself where a forgetting would write a file anew: `killed_rewrite.py DAY FUNCTION WORD...`."""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

from reconcile.usecases import rewriting  # noqa: E402 - as a script this file's own folder comes first
from tests.support.day import clock_on  # noqa: E402 - the same

if __name__ == "__main__":
    os.umask(0o077)
    from reconcile.cli import cli

    day, function, *sys.argv[1:] = sys.argv[1:]
    setattr(rewriting, function, lambda _: os.kill(os.getpid(), signal.SIGKILL))
    sys.exit(cli(clock_on(date.fromisoformat(day))))
