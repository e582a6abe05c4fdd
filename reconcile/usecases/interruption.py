"""Live runs that did not reach their end: which one there is, and how it is ended where it cannot be finished."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path

from reconcile.apply.audit import AuditEvent
from reconcile.apply.journal import Journal
from reconcile.apply.journal_gaps import Unanswered, conclude_unanswered, unanswered
from reconcile.apply.outcome_facts import facts
from reconcile.apply.stopping import Stopping
from reconcile.errors import Interrupted, NoSuchPlan, NothingToResume, PlanDamaged, RunUnresumable
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan
from reconcile.plan.operation_rows import queryable
from reconcile.store.plans.files import load

ABANDONED = "the run was abandoned"
PATIENCE = 10.0
"""Seconds that a run which is asked to stop waits for what is under way."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A run that was ended without being finished."""

    run: str
    plan_digest: str
    started: str
    plan_problem: str
    """Reason why its plan cannot be read any more; empty where it can."""
    ended: int
    """Operations whose outcome is known."""
    unknown: tuple[Unanswered, ...]
    """Operations whose request may have gone out, and whose outcome was never recorded."""
    not_begun: int

    @property
    def whole(self) -> bool:
        """Whether every operation had ended, so that nothing is unknown or left undone."""
        return not self.unknown and not self.not_begun


def unfinished_run(journal: Journal) -> tuple[str, str]:
    """The run that began and did not end, and its plan's digest. Raises NothingToResume."""
    found = journal.runs.unfinished()
    if found is None:
        raise NothingToResume
    return found


def plan_of(state: Path, run: str, digest: str) -> Plan:
    """The plan that an interrupted run is finished from. Raises RunUnresumable where it is lost or damaged."""
    try:
        return load(state, digest)
    except (NoSuchPlan, PlanDamaged) as error:
        raise RunUnresumable(run, str(error)) from error


def abandon(state: Path, journal: Journal) -> Abandoned:
    """Ends the interrupted run: what may have been sent is UNKNOWN, what was not begun is HELD. Nothing is sent. Raises NothingToResume.

    Where the plan is lost, the journal alone says what was set out to be done and what was begun.
    """
    run, digest = unfinished_run(journal)
    found, problem = _plan_or_problem(state, digest)
    done, gaps = journal.runs.recorded(run), unanswered(journal, run)
    begun = {outcome.operation_id for outcome in done.outcomes} | {gap.operation_id for gap in gaps}
    operations = queryable(found.operations).with_ids([gap.operation_id for gap in gaps]) if found else {}
    left = 0 if found else max(0, sum(row[-1] for row in journal.runs.sizes() if row[0] == run) - len(begun))
    with journal.transaction():
        for gap in gaps:
            _conclude_unknown(journal, run, gap, operations.get(gap.operation_id))
        for operation in found.operations if found else ():
            if operation.id not in begun:
                journal.conclude(run, operation, _outcome(operation, OutcomeKind.HELD, ABANDONED, journal.clock.stamp()), ())
                left += 1
        journal.audit.run_event(AuditEvent.ABANDONED, run)
        journal.end(run)
    return Abandoned(run, digest, done.started, problem, len(done.outcomes), gaps, left)


async def until_stopped(work: Coroutine[None, None, None], stopping: Stopping, run: str) -> None:
    """Carries out the work of a live run, which Ctrl-C and SIGTERM stop. Raises Interrupted.

    The first signal lets nothing more begin and waits for what is under way, at most PATIENCE seconds; a second one waits no longer.
    """
    task, asked = asyncio.ensure_future(work), asyncio.Event()
    with _signals(lambda: task.cancel() if asked.is_set() else asked.set()):
        waiting = asyncio.ensure_future(asked.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if asked.is_set():
            stopping.ask()
            ended = asyncio.ensure_future(stopping.ended())
            await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
            ended.cancel()
            task.cancel()
            await asyncio.wait({task})
        waiting.cancel()
    if task.cancelled():
        raise Interrupted(run)
    # What else ended it, such as a full disk, is not hidden by the signal.
    await task


@contextlib.contextmanager
def _signals(stop: Callable[[], object]) -> Iterator[None]:
    """Calls a function for Ctrl-C and SIGTERM, where this thread gets signals."""
    loop = asyncio.get_running_loop()
    handled = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() and os.name != "nt" else ()
    for number in handled:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


def _plan_or_problem(state: Path, digest: str) -> tuple[Plan | None, str]:
    try:
        return load(state, digest), ""
    except (NoSuchPlan, PlanDamaged) as error:
        return None, str(error)


def _conclude_unknown(journal: Journal, run: str, gap: Unanswered, operation: Operation | None) -> None:
    if operation is None:
        conclude_unanswered(journal, run, gap, ABANDONED)
        return
    outcome = _outcome(operation, OutcomeKind.UNKNOWN, f"{ABANDONED} before its answer was written down", journal.clock.stamp())
    journal.conclude(run, operation, outcome, facts(operation, outcome))


def _outcome(operation: Operation, kind: OutcomeKind, detail: str, at: str) -> Outcome:
    return Outcome(
        operation_id=operation.id,
        kind=kind,
        account_id=operation.account_id,
        entitlement_id=operation.entitlement_id,
        detail=detail,
        at=at,
    )
