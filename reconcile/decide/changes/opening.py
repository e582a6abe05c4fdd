"""Decides how accounts that a plan makes usable are opened: at once or on the first working day, with or without the activation mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from connectors.contract import AccountState, Opening
from reconcile.decide.fragment import PlanFragment, TargetContext
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Verb
from reconcile.store.connection import Store

WORKING = frozenset({AccountState.ACTIVE, AccountState.UNKNOWN})
"""States of accounts that admit a sign-in."""
CLOSED = (AccountState.STAGED, AccountState.DEACTIVATED)
"""States of an account that admits no sign-in; a suspended account keeps its credentials."""


def with_openings(store: Store, view: TargetContext, decision: PlanFragment) -> PlanFragment:
    """The decision with the way in which each new, staged or deactivated account is opened.

    Where the mapping says `new_accounts = "staged"`, nothing is opened before the person's first working day.
    """
    waiting = frozenset(row[0] for row in store.rows("not_started")) if view.mapping.new_accounts == "staged" else frozenset()
    operations = tuple(_opened(view, decision.operations, waiting))
    return replace(decision, operations=operations)


def without_a_way_in(view: TargetContext, operations: Sequence[Operation]) -> Iterator[Finding]:
    """A note where accounts become usable, their people have no password there, and the target could mail them and is not asked to."""
    silent = [each for each in operations if _opens(each) and each.opening is Opening.SILENT]
    if silent and view.traits.can.activation_mail:
        count = number_of(len(silent), "account")
        are = "becomes" if len(silent) == 1 else "become"
        yield Finding(
            kind=FindingKind.NO_WAY_IN,
            severity=Severity.NOTE,
            target=view.name,
            message=(
                f"{count} {are} active without a password and without an activation mail. Send the people an activation link, or set "
                f"activation_mail = true in mappings/{view.name}.toml. Where they sign in through another system (SSO), nothing is to be done."
            ),
        )


def _opened(view: TargetContext, operations: Iterable[Operation], waiting: frozenset[str]) -> Iterator[Operation]:
    usual = Opening.MAIL if view.mapping.activation_mail else Opening.SILENT
    for operation in operations:
        if not _opens(operation):
            yield operation
        elif operation.anchor not in waiting:
            yield _with(operation, usual)
        elif operation.verb is Verb.CREATE:
            yield _with(operation, Opening.LATER)


def _opens(operation: Operation) -> bool:
    """Whether an operation makes an account usable without giving its person a way in."""
    return operation.verb is Verb.CREATE or (operation.verb is Verb.REACTIVATE and operation.before.get("state") in CLOSED)


_WORDS = {
    Opening.SILENT: "",
    Opening.MAIL: " The system sends its activation mail.",
    Opening.LATER: " It is left staged until the first working day.",
}


def _with(operation: Operation, opening: Opening) -> Operation:
    if opening is operation.opening and not _WORDS[opening]:
        return operation
    because = replace(operation.because, detail=operation.because.detail + _WORDS[opening])
    return replace(operation, opening=opening, because=because)
