"""Outcomes of operations: how one is made, completed, and what a precondition makes of it."""

from __future__ import annotations

from connectors.contract import Target
from reconcile.apply.precondition import PreconditionCheck, Standing
from reconcile.apply.protected_members import group_reason
from reconcile.clock import Clock
from reconcile.decide.protection.protected import Protection
from reconcile.plan.model import Operation, Outcome, OutcomeKind


async def refused(target: Target, operation: Operation, seen: PreconditionCheck, protection: Protection) -> Outcome | None:
    """Returns the reason why a precondition keeps an operation from being sent. An account that is protected now is held in any case."""
    if seen.standing is Standing.ALREADY:
        return None
    if seen.standing is Standing.UNKNOWN:
        return outcome_of(OutcomeKind.UNKNOWN, seen.detail, operation.account_id)
    reason = protection.reason(operation, target.traits, record=seen.seen)
    if reason := reason or await group_reason(target, protection, operation.account_id or (seen.seen.id if seen.seen else "")):
        return outcome_of(OutcomeKind.HELD, reason, operation.account_id)
    return outcome_of(OutcomeKind.MOVED, seen.detail, operation.account_id) if seen.standing is Standing.DRIFTED else None


def outcome_of(kind: OutcomeKind, detail: str, account_id: str = "", entitlement_id: str = "") -> Outcome:
    """Returns an outcome that does not name its operation yet."""
    return Outcome(operation_id="", kind=kind, account_id=account_id, entitlement_id=entitlement_id, detail=detail)


def finished(operation: Operation, outcome: Outcome, clock: Clock) -> Outcome:
    """Returns the outcome of an operation: now, and with the ids that the operation had already."""
    return Outcome(
        operation_id=operation.id,
        kind=outcome.kind,
        account_id=outcome.account_id or operation.account_id,
        entitlement_id=outcome.entitlement_id or operation.entitlement_id,
        detail=outcome.detail,
        at=clock.stamp(),
    )
