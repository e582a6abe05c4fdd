"""Makes the findings about rows of a run that an undo leaves as they are."""

from __future__ import annotations

from reconcile.decide.fragment import named
from reconcile.plan.model import Finding, FindingKind, Operation, Severity


def not_undone(operation: Operation, why: str) -> Finding:
    """The finding about one row, and so about its account. `why`: what follows the name of the person or account."""
    who = named(operation.name or operation.who or operation.account_id, operation.anchor)
    return Finding(
        kind=FindingKind.NOT_UNDONE,
        severity=Severity.NOTE,
        target=operation.target,
        anchor=operation.anchor,
        account_id=operation.account_id,
        who=operation.who,
        message=f"{who}: {why}",
    )
