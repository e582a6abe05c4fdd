"""Outcomes of operations that an error of their target ended."""

from __future__ import annotations

from typing import Protocol

from connectors.errors import NotFound
from reconcile.apply.action import ended_with
from reconcile.apply.outcomes import outcome_of_error
from reconcile.apply.read_back import UNJUDGED, read_back
from reconcile.apply.standing import GONE
from reconcile.apply.target_run import TargetRun
from reconcile.apply.teaching import Teaching
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb
from reconcile.plan.same_account import PlannedWrites


class Run(Protocol):
    """The live run that an operation is a part of."""

    before: frozenset[str]
    sent: set[str]
    writes: PlannedWrites
    teaching: Teaching


async def failed(run: Run, at: TargetRun, operation: Operation, error: Exception) -> Outcome:
    """The outcome of an operation that an error ended: read back where the error does not tell whether a request was carried out."""
    if isinstance(error, NotFound):
        return _not_found(operation, error)
    if not at.is_given_up_for(operation, error) and operation.id in run.sent:
        run.teaching.refused(operation, error)
    if operation.id in run.sent and isinstance(error, UNJUDGED):
        return await read_back(at.target, operation, run.writes, error)
    return ended_with(operation, error, sent_before=operation.id in run.before - run.sent)


def _not_found(operation: Operation, error: NotFound) -> Outcome:
    """The outcome of a write to something that does not exist: of an account that could only be reactivated unseen, that it is gone."""
    if operation.verb is Verb.REACTIVATE:
        return outcome_of_error(OutcomeKind.MOVED, error, operation.account_id, detail=GONE)
    return outcome_of_error(OutcomeKind.FAILED, error, operation.account_id)
