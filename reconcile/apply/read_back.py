"""Reads back what became of an operation whose request went out and whose end is not known."""

from __future__ import annotations

import contextlib

from connectors.errors import BadResponse, ConnectorError, RateLimited, Unauthorised, Unreachable
from connectors.secrets import SecretMissing
from reconcile.apply.outcomes import outcome_of, outcome_of_error
from reconcile.apply.precondition import Reader, check_precondition
from reconcile.apply.standing import PreconditionCheck, Standing
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb
from reconcile.plan.same_account import PlannedWrites
from reconcile.unexpected import fault

UNJUDGED = (Unreachable, BadResponse, RateLimited, Unauthorised, SecretMissing)
"""Errors that do not tell whether the request was carried out: they may come of the read after it."""


async def read_back(target: Reader, operation: Operation, planned: PlannedWrites, error: Exception) -> Outcome:
    """Returns what the target shows after an error that does not tell whether the request was carried out: done, failed where nothing came of it, else unknown."""
    if operation.verb in ACTION_VERBS:
        return _of_an_action(target, operation, error)
    try:
        after = await check_precondition(target, operation, planned=planned, sent_before=True)
    except (ConnectorError, SecretMissing) as unread:
        detail = f"{error}; it could not be read back ({unread})"
        return outcome_of_error(OutcomeKind.UNKNOWN, error, operation.account_id, detail=detail)
    if after.standing is Standing.AS_PLANNED:
        return outcome_of_error(OutcomeKind.FAILED, error, made(operation, after) or operation.account_id)
    return _shown(operation, after, error, f"{error}; {after.detail}")


async def without_answer(target: Reader, operation: Operation, planned: PlannedWrites, error: Exception) -> Outcome:
    """Returns what the target shows after two requests without an answer. A creation of which a first step shows is ours."""
    after = await check_precondition(target, operation, planned=planned, sent_before=True)
    if account_id := made(operation, after):
        return outcome_of_error(OutcomeKind.FAILED, error, account_id, detail=f"it was created and not opened: {error}")
    if _is_unseen(target, operation):
        return outcome_of_error(OutcomeKind.UNKNOWN, error, operation.account_id, detail=f"sent twice without an answer: {error}")
    return _shown(operation, after, error, f"sent twice, and read back nothing has come of it: {error}")


async def unexpected(target: Reader, operation: Operation, planned: PlannedWrites, error: Exception) -> Outcome:
    """Returns the outcome of a row for which the program failed after its request may have gone out: unknown.

    An account that may be there by then is looked for: what this job made is linked.
    """
    if operation.verb is Verb.CREATE:
        with contextlib.suppress(Exception):
            after = await check_precondition(target, operation, planned=planned, sent_before=True)
            if after.seen is not None and after.standing is not Standing.DRIFTED:
                return outcome_of(OutcomeKind.FAILED, fault(error), after.seen.id)
    return outcome_of(OutcomeKind.UNKNOWN, fault(error), operation.account_id)


def _of_an_action(target: Reader, operation: Operation, error: Exception) -> Outcome:
    """Returns the outcome of an action: its target reads back by itself, but for one of which an account shows nothing."""
    if not (_is_unseen(target, operation) and isinstance(error, Unreachable | BadResponse)):
        return outcome_of_error(OutcomeKind.FAILED, error, operation.account_id)
    detail = f"{error}; it may have been done, and an account does not show it. Ask for it again"
    return outcome_of_error(OutcomeKind.UNKNOWN, error, operation.account_id, detail=detail)


def _is_unseen(target: Reader, operation: Operation) -> bool:
    """Whether it is an action that may be repeated and of which an account shows nothing. Others raise Uncertain once they are sent."""
    action = ACTION_VERBS.get(operation.verb)
    rule = target.traits.can.actions[action] if action else None
    return rule is not None and rule.repeatable and not rule.leads_to


def made(operation: Operation, after: PreconditionCheck) -> str:
    """Returns the id of the account that an unfinished creation has made; empty where there is none."""
    unfinished = operation.verb is Verb.CREATE and after.standing is Standing.AS_PLANNED
    return after.seen.id if unfinished and after.seen is not None else ""


def _shown(operation: Operation, after: PreconditionCheck, error: Exception, otherwise: str) -> Outcome:
    if after.standing is Standing.ALREADY:
        account_id = after.seen.id if after.seen else operation.account_id
        return outcome_of(OutcomeKind.DONE, after.detail, account_id, after.entitlement_id)
    return outcome_of_error(OutcomeKind.UNKNOWN, error, operation.account_id, detail=otherwise)
