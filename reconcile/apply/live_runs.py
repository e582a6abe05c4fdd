"""Answers questions about the live runs in a journal: which there were, what they intended, and what came of it."""

from __future__ import annotations

from dataclasses import replace

from reconcile.apply.journal_file import JournalFile
from reconcile.apply.recorded_outcomes import recorded_run
from reconcile.plan.journal_place import JournalPlace
from reconcile.plan.model import Run


class LiveRuns:
    """The live runs in a journal, as far as they are recorded."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def recorded(self, run: str) -> Run:
        """A live run with the outcomes it has so far."""
        found = recorded_run(self._file, run)
        return replace(found, outcomes=tuple(found.outcomes))

    def ids(self, prefix: str = "") -> list[str]:
        """The live runs with an id prefix, the newest first."""
        return [row[0] for row in self._file.rows("live_runs", prefix=prefix)]

    def unfinished(self) -> tuple[str, str] | None:
        """The run that began and did not end, with its plan's digest."""
        found = self._file.rows("unfinished_run")
        return found[0] if found else None

    def began(self, run: str) -> JournalPlace:
        """The place of a run in the journal: its beginning, and its first entry."""
        return JournalPlace(*self._file.rows("beginning_of_run", run=run)[0])

    def last_of(self, plan_digest: str) -> str | None:
        """The latest live run of a plan."""
        found = self._file.rows("last_run_of_plan", plan=plan_digest)
        return found[0][0] if found else None

    def around(self, run_date: str, since: str) -> list[tuple[str, str, bool]]:
        """The live runs of a date, and those that were under way since a moment: their plan, and whether they are of the date."""
        rows = self._file.rows("runs_around_date", run_date=run_date, since=since)
        return [(run, plan, bool(of_date)) for run, plan, of_date in rows]

    def intended(self, run: str) -> frozenset[str]:
        """The operations of a run whose request may have gone out."""
        return frozenset(row[0] for row in self._file.rows("intended_operations", run=run))

    def sizes(self) -> list[tuple[str, str, str, str, int]]:
        """The sizes of runs, in order: run, its date, target, verb, number of operations."""
        return self._file.rows("run_sizes")

    def sizes_of(self, run: str) -> list[tuple[str, str, int]]:
        """The sizes of one run: target, verb, number of operations."""
        return self._file.rows("sizes_of_run", run=run)
