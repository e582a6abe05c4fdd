"""Finds the saved plans that nothing needs any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from reconcile.apply.journal import Journal
from reconcile.clock import stamp

RUNS = 30
"""Number of newest live runs whose plans stay, however old: as many as the guards compare with."""


def plans_without_use(journal: Journal, digests: Iterable[str], days: int) -> list[str]:
    """Returns those of some saved plans that were made with this journal and are not needed after so many days."""
    now = journal.latest_moment()
    since = stamp(journal.clock.now() - timedelta(days=days))
    needed = {plan for (plan,) in journal.rows("needed_plans", since=since, now=now, runs=RUNS)}
    made = {plan for (plan,) in journal.rows("made_plans")}
    return sorted((set(digests) & made) - needed)
