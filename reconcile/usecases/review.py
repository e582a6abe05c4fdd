"""Loads a saved plan with its run, without asking any system. The store is asked only where the journal knows no plan."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from reconcile.apply.approvals import with_approvals
from reconcile.apply.journal import Journal
from reconcile.apply.ledger import refuse_replaced
from reconcile.apply.overrides import with_overrides
from reconcile.apply.recorded_outcomes import recorded_run
from reconcile.clock import SYSTEM, Clock
from reconcile.plan.model import Plan, Run
from reconcile.store.plans.files import load


def reviewed(plan: Plan, journal: Journal, run: str = "") -> Plan:
    """The plan with what people said of it: its approvals, and the overrides of its guards; those that a run used up where one is named."""
    return with_approvals(with_overrides(plan, journal, run), journal.approvals, run)


def load_plan(state: Path, journal: Journal, digest: str = "") -> Plan:
    """The plan whose digest begins so, or the newest, with what people said of it. Raises NoSuchPlan, PlanDamaged, JournalReplaced."""
    newest = journal.plans.newest()
    if newest is None:
        refuse_replaced(state, journal)
    return reviewed(load(state, digest or newest or ""), journal)


@contextlib.contextmanager
def load_with_run(state: Path, project: str, digest: str = "", clock: Clock = SYSTEM) -> Iterator[tuple[Plan, Run | None]]:
    """The plan whose digest begins so, or the newest, and its latest live run, whose outcomes are read from the journal until the context ends.

    Raises NoSuchPlan, PlanDamaged, ForeignJournal, JournalReplaced.
    """
    with contextlib.closing(Journal(state, clock)) as journal:
        journal.claim(project)
        plan = load_plan(state, journal, digest)
        run = journal.runs.last_of(plan.digest)
        yield reviewed(plan, journal, run or ""), recorded_run(journal, run) if run else None
