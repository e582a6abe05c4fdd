"""Makes a plan as it is asked for, and measures its stages."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from reconcile.decide.planner import Planner
from reconcile.plan.model import Plan
from reconcile.store.connection import Store
from reconcile.store.plans.files import save_streamed
from reconcile.store.plans.writing import FramedRows
from reconcile.store.stages import Stage

Measured: TypeAlias = Callable[[Sequence[Stage], float], None]
"""Function that is called with the stages of a plan, and with the seconds of the whole."""


def not_measured(_stages: Sequence[Stage], _seconds: float) -> None:
    """Ignores the stages, where they are not asked for."""


BULK_FROM = 200_000


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The options of a plan."""

    threads: int | None = None
    """The number of processors to use; all where it is None."""
    deletions: bool = False
    """Whether the deletions that are due are planned."""
    renames: bool = False
    """Whether the changes that wait for review are planned."""
    measured: Measured = not_measured
    bulk_from: int | None = BULK_FROM
    """From so many plain additions of memberships on, those of a target are written without being made values one by one."""


USUAL = PlanRequest()
"""The plan of a night."""
IN_MEMORY = PlanRequest(bulk_from=None)
"""The same with all its operations in memory, for readers that look at them before it is saved."""


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Pauses the garbage collector: deciding creates millions of objects and no reference cycles, and scanning them takes a fifth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def make_plan(planner: Planner, request: PlanRequest, run_date: date, kept_in: Path | None = None) -> Plan:
    """The plan of the latest snapshots. One whose operations are columns is saved as it is made, in a state folder: `kept_in`, or the project's."""
    began = time.perf_counter()
    with _collector_paused(), Store.open(planner.project.state, write=False, threads=request.threads) as store:
        store.stages.counted = request.measured is not not_measured
        plan = planner.planned(store, run_date).plan
        if isinstance(plan.operations, FramedRows):
            plan = save_streamed(plan, kept_in or planner.project.state)
        request.measured(list(store.stages), time.perf_counter() - began)
    return plan
