"""The outcome of a whole run as a word, for settings, notices and metrics; each exit code is one of them."""

from __future__ import annotations

from enum import StrEnum

from reconcile.errors import ExitCode


class RunOutcome(StrEnum):
    """Outcome of a run of the command `run`."""

    DONE = "done"
    CHANGES_WAIT = "changes_wait"
    REFUSED = "refused"
    NOT_TRUSTED = "not_trusted"
    PARTLY = "partly"
    MOVED = "moved"
    LOCKED = "locked"
    FAILED = "failed"


RAN = frozenset({RunOutcome.DONE, RunOutcome.CHANGES_WAIT})
"""Outcomes of a run in which nothing failed and nothing stood in the way."""


_BY_CODE = {
    ExitCode.DONE: RunOutcome.DONE,
    ExitCode.CHANGES_WAIT: RunOutcome.CHANGES_WAIT,
    ExitCode.REFUSED: RunOutcome.REFUSED,
    ExitCode.UNTRUSTED: RunOutcome.NOT_TRUSTED,
    ExitCode.PARTLY_APPLIED: RunOutcome.PARTLY,
    ExitCode.WORLD_MOVED: RunOutcome.MOVED,
    ExitCode.LOCKED: RunOutcome.LOCKED,
}


def run_outcome(code: ExitCode) -> RunOutcome:
    """Gives the outcome that an exit code stands for: every other code is a run that failed."""
    return _BY_CODE.get(code, RunOutcome.FAILED)
