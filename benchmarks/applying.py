"""Applies a night to a target, with a journal as a run has one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from benchmarks.request_plans import Night
from connectors.contract import Target
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.plan.digest import digested
from reconcile.plan.model import Plan
from reconcile.plan.ordering import ordered

RUN = "bench"


async def apply_night(
    target: Target, night: Night, journal: Journal, timed: Callable[[], AbstractContextManager[None]] = nullcontext
) -> Counter[str]:
    """Returns how many operations ended in each way. The apply alone runs inside `timed`; the target and the journal are closed after it."""
    plan = digested(Plan(run_date="2026-05-04", planner="0", snapshots={}, mapping="", scopes=(), census=(), operations=ordered(night.operations), findings=(), verdicts=(), links=()))  # fmt: skip
    try:
        journal.start(RUN, plan)
        with timed():
            await Applier(plan, {target.name: target}, journal, RUN).apply()
        return Counter(each.kind.value for each in journal.runs.recorded(RUN).outcomes)
    finally:
        journal.close()
        await target.close()
