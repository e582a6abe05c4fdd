"""Protected people and accounts: no operation about them is ever in a plan, whatever a mapping says."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.config import Protected
from reconcile.decision import TargetView
from reconcile.model import Finding, FindingKind, Operation, Severity
from reconcile.store import Store


def withhold(
    store: Store, view: TargetView, protected: Protected, operations: Iterable[Operation]
) -> tuple[tuple[Operation, ...], tuple[Finding, ...]]:
    """The operations that may stay, and a finding for every protected one of whom something would have been planned."""
    listed = frozenset(name.strip().lower() for name in protected.accounts.get(view.name, ()))
    people = frozenset(protected.people)
    each = list(operations)
    ids = sorted({operation.account_id for operation in each if operation.account_id})
    names = {row[0]: {str(row[0]).lower(), str(row[1]).lower(), str(row[2]).lower()} for row in store.rows("logins", ids=ids)}
    stay, withheld = [], {}
    for operation in each:
        known_as = names.get(operation.account_id, set()) | {operation.who.lower()} | _new_names(view, operation)
        if operation.anchor in people or known_as & listed:
            withheld[operation.anchor, operation.account_id] = operation
        else:
            stay.append(operation)
    return tuple(stay), tuple(_finding(view, operation) for _, operation in sorted(withheld.items()))


def _new_names(view: TargetView, operation: Operation) -> set[str]:
    """What the operation would make the account known as: nobody is given a protected name either."""
    return {str(operation.after[name]).lower() for name in (view.traits.login, view.traits.email) if name in operation.after}


def _finding(view: TargetView, operation: Operation) -> Finding:
    return Finding(
        kind=FindingKind.PROTECTED,
        severity=Severity.ATTENTION,
        target=view.name,
        anchor=operation.anchor,
        account_id=operation.account_id,
        who=operation.who,
        message=f"{operation.who or operation.anchor} is protected; without that, the plan would {operation.verb.value.replace('_', ' ')} here.",
    )
