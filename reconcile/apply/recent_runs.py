"""Reads from the journal and the saved plans what live runs applied on a day, for the guards of that day's next plan.

A run counts where it was of that date, and what it did within the last `WINDOW` counts in any case: two runs at both sides of midnight
count as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import assert_never

from reconcile.apply.journal import Journal
from reconcile.apply.plan_register import PlanPurpose
from reconcile.clock import stamp
from reconcile.errors import NoSuchPlan, PlanDamaged
from reconcile.plan.earlier import Applied, standing
from reconcile.plan.model import Because, Operation, Outcome, OutcomeKind, Situation, Verb
from reconcile.plan.placeholders import completes_creation
from reconcile.store.plans.files import load

WINDOW = timedelta(hours=12)
"""Shorter than the time between the end of a long run and the next one, longer than any run that goes over midnight."""


def recently_applied(state: Path, journal: Journal, day: date) -> tuple[Applied, ...]:
    """Operations that live runs applied on a day or within `WINDOW`, and that no later one reverted."""
    since = stamp(journal.clock.now() - WINDOW)
    runs = journal.runs.around(day.isoformat(), since)
    return standing(each for run, digest, of_day in runs for each in _of_run(state, journal, run, digest) if of_day or each.at >= since)


def _of_run(state: Path, journal: Journal, run: str, digest: str) -> Iterator[Applied]:
    """The operations that one run applied; all that it intended where its plan is lost."""
    done = journal.runs.recorded(run)
    overridden = frozenset(each.guard for each in journal.overrides.of_plan(digest) if each.run == run)
    undo = journal.plans.purpose(digest) in (PlanPurpose.UNDO, PlanPurpose.RESTORE)
    try:
        plan = load(state, digest)
    except (NoSuchPlan, PlanDamaged):
        for operation in _planned_operations(run, journal.runs.sizes_of(run)):
            yield Applied(operation=operation, run=run, at=done.started, overridden=overridden, undo=undo)
        return
    outcomes = {outcome.operation_id: outcome for outcome in done.outcomes}
    sent = journal.runs.intended(run)
    for operation in plan.operations:
        outcome = outcomes.get(operation.id)
        if _may_be_applied(operation, outcome, sent=operation.id in sent) and not completes_creation(operation):
            yield Applied(
                operation=_as_it_ended(operation, outcome),
                run=run,
                at=outcome.at if outcome else done.started,
                snapshot=plan.snapshots.get(operation.target, ""),
                overridden=overridden,
                undo=undo,
            )


def _may_be_applied(operation: Operation, outcome: Outcome | None, *, sent: bool) -> bool:
    """Whether the operation may have changed its target. What was as desired before was changed by others."""
    if outcome is None:
        return sent
    match outcome.kind:
        case OutcomeKind.DONE | OutcomeKind.UNKNOWN:
            return True
        case OutcomeKind.FAILED:
            # Creating takes two steps in some systems: the account of the first one is there.
            return operation.verb is Verb.CREATE and bool(outcome.account_id)
        case OutcomeKind.ALREADY | OutcomeKind.MOVED | OutcomeKind.HELD | OutcomeKind.NOT_APPROVED:
            return False
        case _:
            assert_never(outcome.kind)


def _as_it_ended(operation: Operation, outcome: Outcome | None) -> Operation:
    """The operation with the ids that its account and its group got."""
    if outcome is None:
        return operation
    account, group = outcome.account_id or operation.account_id, outcome.entitlement_id or operation.entitlement_id
    return replace(operation, account_id=account, entitlement_id=group)


def _planned_operations(run: str, sizes: Iterable[tuple[str, str, int]]) -> Iterator[Operation]:
    """Yields as many operations as the run intended, of accounts that are not known any more."""
    why = Because(situation=Situation.CONFIRMED, rule="", detail=f"The plan of the run {run} is lost.")
    for target, verb, count in sizes:
        for number in range(count):
            yield Operation(
                id=f"{run} {verb} {number}", target=target, verb=Verb(verb), anchor="", account_id="", who="", name="", because=why
            )
