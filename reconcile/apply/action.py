"""Performs the one-off actions of a plan, and says what shows that one took effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from connectors.actions import Acting, Action, ActionRule, Performed, TemporaryPassword
from connectors.contract import Target
from connectors.errors import ConnectorError, Rejected, Uncertain
from reconcile.apply.outcomes import answer_of, outcome_of, outcome_of_error
from reconcile.apply.precondition import check_precondition
from reconcile.apply.standing import Standing
from reconcile.errors import ExitCode, ReconcileError
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan, Verb
from reconcile.plan.operation_rows import queryable

PasswordSink = Callable[[Operation, TemporaryPassword], None]
"""Hands a temporary password to the person who asked for it. It is kept nowhere else."""


class NoPlaceForPasswords(ReconcileError):
    """A plan gives temporary passwords, and the command does not say where they go."""

    exit_code = ExitCode.USAGE

    def __init__(self, plan: str) -> None:
        self.plan = plan
        super().__init__(
            f"The plan {plan} gives temporary passwords, which are shown on a terminal only. Name a file with --passwords FILE: it is created "
            "for its owner alone, and must not exist yet."
        )


def gives_passwords(plan: Plan) -> bool:
    """Whether a plan gives temporary passwords."""
    return any(verb is Verb.TEMPORARY_PASSWORD for _, verb in queryable(plan.operations).sizes())


async def perform(target: Target, operation: Operation, password_sink: PasswordSink | None) -> Outcome:
    """Performs an action once and says what came of it.

    Raises what the target raises; Uncertain only where a second request does no more than the first (`ActionRule.repeatable`).
    """
    action = ACTION_VERBS[operation.verb]
    rule = target.traits.can.actions.get(action)
    if rule is None or not isinstance(target, Acting):
        raise Rejected(f"{operation.target} does not offer {action.value}")
    if action is Action.TEMPORARY_PASSWORD and password_sink is None:
        raise Rejected("this run has no place to put a temporary password. Ask for it again with --passwords FILE")
    try:
        done = await target.perform(operation.account_id, action)
    except Uncertain as error:
        if rule.repeatable:
            raise
        return await _without_answer(target, operation, error)
    if done.password is not None and password_sink is not None:
        try:
            password_sink(operation, done.password)
        except OSError as error:
            lost = f"the password was replaced, and the new one could not be handed over ({error.strerror}). Ask for another one"
            return outcome_of(OutcomeKind.UNKNOWN, lost, operation.account_id)
    return _outcome(operation, rule, done)


def _outcome(operation: Operation, rule: ActionRule, done: Performed) -> Outcome:
    """Returns what an accepted action came to, by the status that was read back."""
    if not rule.leads_to:
        return outcome_of(OutcomeKind.DONE, f"{operation.target} accepted it; an account does not show it", operation.account_id)
    if done.record is None:
        detail = f"{operation.target} accepted it, and the account could not be read after it. Look at it before you ask again"
        return outcome_of(OutcomeKind.UNKNOWN, detail, operation.account_id)
    if done.record.status != rule.leads_to:
        detail = f"{operation.target} accepted it, and the account is {done.record.status}, not {rule.leads_to}"
        return outcome_of(OutcomeKind.UNKNOWN, detail, operation.account_id)
    return outcome_of(OutcomeKind.DONE, "", operation.account_id)


async def _without_answer(target: Target, operation: Operation, error: Uncertain) -> Outcome:
    """Reads the account back after an action whose answer is lost and which must not be sent twice."""
    try:
        after = await check_precondition(target, operation, sent_before=True)
    except ConnectorError as unread:
        detail = f"{error}; the account could not be read after it ({unread}). Look at it before you ask again"
        return outcome_of_error(OutcomeKind.UNKNOWN, error, operation.account_id, detail=detail)
    kind = OutcomeKind.DONE if after.standing is Standing.ALREADY else OutcomeKind.UNKNOWN
    return outcome_of_error(kind, error, operation.account_id, detail=f"{error}; {after.detail}")


def ended_with(operation: Operation, error: Exception, *, sent_before: bool) -> Outcome:
    """Returns the outcome of an operation that ended with an error."""
    return replace(_maybe_sent(operation, str(error), OutcomeKind.FAILED, sent_before=sent_before), answer=answer_of(error))


def not_reached(operation: Operation, stopped: str, *, sent_before: bool) -> Outcome:
    """Returns the outcome of an operation in a target that is given up."""
    return _maybe_sent(operation, stopped, OutcomeKind.HELD, sent_before=sent_before)


def _maybe_sent(operation: Operation, why: str, otherwise: OutcomeKind, *, sent_before: bool) -> Outcome:
    """Returns an outcome: unknown for an action that an interrupted run may have sent. A later plan makes good for every other verb."""
    if operation.verb not in ACTION_VERBS or not sent_before:
        return outcome_of(otherwise, why, operation.account_id)
    detail = f"it may have been sent before the interruption, and {why}. Look at the account before you ask again"
    return outcome_of(OutcomeKind.UNKNOWN, detail, operation.account_id)
