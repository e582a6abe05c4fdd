"""The state of a project for monitors: the last success and its age, what was interrupted, and what waits for a person."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reconcile.apply.journal import Journal
from reconcile.apply.run_list import ListedRun, listed_runs
from reconcile.clock import SYSTEM, Clock
from reconcile.store.plans.files import operations_of

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
    last_success: ListedRun | None
    hours_since_success: float | None
    interrupted: str
    """Id of the run that began and did not end; empty where there is none."""
    waiting: Waiting | None
    holds: int
    rejections: int

    def is_well(self, within: float) -> bool:
        """Whether nothing was interrupted, the last run succeeded, and it ended within so many hours."""
        last, hours = self.last_run, self.hours_since_success
        return not self.interrupted and last is not None and last.succeeded and hours is not None and hours <= within


def project_status(state: Path, clock: Clock = SYSTEM) -> ProjectStatus:
    """The state of the project with a state folder. Reads the journal alone: it can be asked while a run is under way."""
    with contextlib.closing(Journal(state, clock)) as journal:
        runs = listed_runs(journal, SEARCHED)
        now = clock.stamp()
        last = next(runs, None)
        success = last if last is not None and last.succeeded else next((run for run in runs if run.succeeded), None)
        unfinished = journal.runs.unfinished()
        return ProjectStatus(
            now=now,
            last_run=last,
            last_success=success,
            hours_since_success=_hours(success.ended, now) if success else None,
            interrupted=unfinished[0] if unfinished else "",
            waiting=_waiting(state, journal),
            holds=len(journal.holds.on(datetime.fromisoformat(now).date())),
            rejections=len(journal.approvals.rejections()),
        )


def _waiting(state: Path, journal: Journal) -> Waiting | None:
    digest = journal.plans.newest()
    if digest is None or journal.plans.runs_since(digest):
        return None
    operations = operations_of(state, digest)
    return Waiting(plan_digest=digest, operations=operations) if operations else None


def _hours(since: str, now: str) -> float:
    return round(max((datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds(), 0) / 3600, 1)
