"""The state of a project for monitors: the last success and its age, what was interrupted, and what waits for a person."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reconcile.apply.journal import Journal
from reconcile.apply.ledger import refuse_replaced
from reconcile.apply.run_list import ListedRun, listed_runs
from reconcile.clock import SYSTEM, Clock
from reconcile.store.plans.files import operations_of
from reconcile.usecases.run_lock import lock_holder

RESUMING = "resume"
CARRYING_OUT = frozenset({"run", "apply", "act", RESUMING})
"""The commands that carry out a plan."""
SEARCHED = 1_000
"""Runs that are searched for the last success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The newest plan that was made to be applied, where no run has begun since."""

    plan_digest: str
    operations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatus:
    """The state of a project."""

    now: str
    """RFC 3339, UTC."""
    last_run: ListedRun | None
    last_night: ListedRun | None
    """The newest run of what the sources ask for: one of an action, an undo or a restore tells nothing about the nights."""
    last_success: ListedRun | None
    """The newest of these that succeeded."""
    hours_since_success: float | None
    """Below 0 where the success lies in the future, because a clock was wrong then or is now."""
    interrupted: str
    """Id of the run that began, did not end, and that no process carries out; empty where there is none."""
    under_way: str
    """Id of the run that a process carries out; empty where there is none. The runs above are those before it."""
    waiting: Waiting | None
    holds: int
    rejections: int

    def is_well(self, within: float) -> bool:
        """Whether nothing was interrupted, the last run and the last night succeeded, and that night ended within so many hours."""
        last, hours = self.last_run, self.hours_since_success
        if self.interrupted or last is None or not last.succeeded or self.last_night != self.last_success:
            return False
        return hours is not None and 0 <= hours <= within


def project_status(state: Path, project: str, clock: Clock = SYSTEM) -> ProjectStatus:
    """The state of a project by the journal of its state folder. It can be asked while a run is under way.

    Raises ForeignJournal, JournalReplaced. The store is asked whose journal it is, unless a run is writing it.
    """
    with contextlib.closing(Journal(state, clock)) as journal:
        journal.claim(project)
        refuse_replaced(state, journal)
        now = clock.stamp()
        under_way = run_under_way(state, journal)
        last = next((run for run in listed_runs(journal, 2) if run.id != under_way), None)
        nights = (run for run in listed_runs(journal, SEARCHED) if run.of_night and run.id != under_way)
        night = next(nights, None)
        success = night if night is None or night.succeeded else next((run for run in nights if run.succeeded), None)
        unfinished = journal.runs.unfinished()
        return ProjectStatus(
            now=now,
            last_run=last,
            last_night=night,
            last_success=success,
            hours_since_success=_hours(success.ended, now) if success else None,
            interrupted=unfinished[0] if unfinished and not under_way else "",
            under_way=under_way,
            waiting=_waiting(state, journal),
            holds=len(journal.holds.on(datetime.fromisoformat(now).date())),
            rejections=len(journal.approvals.rejections()),
        )


def run_under_way(state: Path, journal: Journal) -> str:
    """Returns the id of the run that a process carries out; empty where none is under way.

    The lock alone does not tell: a plan may be made beside a run that was interrupted, and a night that finds one refuses to begin.
    """
    unfinished = journal.runs.unfinished()
    holder = lock_holder(state) if unfinished else None
    if not unfinished or not holder or holder.command not in CARRYING_OUT:
        return ""
    run, _ = unfinished
    return run if holder.command == RESUMING or journal.runs.recorded(run).started >= holder.since else ""


def _waiting(state: Path, journal: Journal) -> Waiting | None:
    digest = journal.plans.newest()
    if digest is None or journal.plans.runs_since(digest):
        return None
    operations = operations_of(state, digest)
    return Waiting(plan_digest=digest, operations=operations) if operations else None


def _hours(since: str, now: str) -> float:
    return round((datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds() / 3600, 1)
