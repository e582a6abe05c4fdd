"""Outcomes of operations: how one is made, completed, and what a precondition makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connectors.errors import ConnectorError
from reconcile.apply.prerequisites import Prerequisite
from reconcile.apply.protected_members import MemberReader, group_reason
from reconcile.apply.standing import PreconditionCheck, Standing
from reconcile.clock import Clock
from reconcile.decide.protection.protected import Protection
from reconcile.plan.intention import intention
from reconcile.plan.model import Operation, Outcome, OutcomeKind
from reconcile.plan.server_answer import ServerAnswer


async def refused(target: MemberReader, operation: Operation, seen: PreconditionCheck, protection: Protection) -> Outcome | None:
    """Returns the reason why a precondition keeps an operation from being sent. An account that is protected now is held in any case."""
    if seen.standing is Standing.ALREADY:
        return None
    if seen.standing is Standing.UNKNOWN:
        return outcome_of(OutcomeKind.UNKNOWN, seen.detail, operation.account_id)
    reason = protection.reason(operation, target.traits, record=seen.seen)
    if reason := reason or await group_reason(target, protection, operation.account_id or (seen.seen.id if seen.seen else "")):
        return outcome_of(OutcomeKind.HELD, reason, operation.account_id)
    return outcome_of(OutcomeKind.MOVED, seen.detail, operation.account_id) if seen.standing is Standing.DRIFTED else None


def without_approval(operation: Operation, reasons: Mapping[str, str], needed: Iterable[Prerequisite] = ()) -> Outcome | None:
    """Returns the outcome of an operation that a reviewer held or rejected, or one that it depends on; None for any other."""
    if reason := reasons.get(operation.id):
        return outcome_of(OutcomeKind.NOT_APPROVED, reason, operation.account_id)
    for each in needed:
        if each.outcome.kind is OutcomeKind.NOT_APPROVED:
            return outcome_of(OutcomeKind.NOT_APPROVED, depending_on(each.outcome.operation_id), operation.account_id)
    return None


def depending_on(operation_id: str) -> str:
    """Returns the reason why an operation is not applied that depends on one which was not approved."""
    return f"it depends on {operation_id}, which was not approved"


def outcome_of(kind: OutcomeKind, detail: str, account_id: str = "", entitlement_id: str = "") -> Outcome:
    """Returns an outcome that does not name its operation yet."""
    return Outcome(operation_id="", kind=kind, account_id=account_id, entitlement_id=entitlement_id, detail=detail)


def outcome_of_error(kind: OutcomeKind, error: Exception, account_id: str = "", *, detail: str = "") -> Outcome:
    """Returns an outcome that an error led to, with the answer of the system beside its sentence; `detail`: another sentence."""
    return replace(outcome_of(kind, detail or str(error), account_id), answer=answer_of(error))


def answer_of(error: Exception) -> ServerAnswer | None:
    """Returns what a system answered; None for an error that is not one of a system."""
    if not isinstance(error, ConnectorError):
        return None
    return ServerAnswer(status=error.status or 0, code=error.code, request_id=error.request_id, repetition=error.repetition.value)


def finished(operation: Operation, outcome: Outcome, clock: Clock) -> Outcome:
    """Returns the outcome of an operation: now, with the ids that the operation had already, and of one that moved with what was wanted."""
    detail = f"{outcome.detail}; {intention(operation)}" if outcome.kind is OutcomeKind.MOVED else outcome.detail
    return Outcome(
        operation_id=operation.id,
        kind=outcome.kind,
        account_id=outcome.account_id or operation.account_id,
        entitlement_id=outcome.entitlement_id or operation.entitlement_id,
        detail=detail,
        at=clock.stamp(),
        answer=outcome.answer,
    )
