"""Names the request that makes possible what the status of an account does not allow, or that does instead."""

from __future__ import annotations

from collections.abc import Collection

from connectors.actions import Action, ActionRule
from connectors.contract import AccountState, Capability
from reconcile.decide.act.accounts import AskedAccount
from reconcile.decide.act.request import RequestKind
from reconcile.decide.changes.opening import CLOSED


def first_step(can: Capability, status: str, wanted: Collection[str]) -> RequestKind | None:
    """Returns the request for an action that leads from a status to one of those wanted; None where none does."""
    for action, rule in sorted(can.actions.items()):
        if rule.leads_to in wanted and rule.possible is not None and status in rule.possible:
            return RequestKind(action.value.replace("_", "-"))
    return None


def way_out(can: Capability, account: AskedAccount, rule: ActionRule, target: str) -> str:
    """Returns a sentence for an account whose status does not allow an action."""
    if first := first_step(can, account.status, rule.possible or ()):
        return _first(first)
    if account.state is AccountState.SUSPENDED:
        return _first(RequestKind.UNSUSPEND)
    if account.state in CLOSED:
        return _first(RequestKind.ACTIVATE)
    reset = can.actions.get(Action.RESET_PASSWORD)
    if rule is not reset and reset is not None and account.status in (reset.possible or ()):
        return f"Instead: reconcile act {RequestKind.RESET_PASSWORD.value}."
    return f"Wait until the person signs in, or do it in {target} itself."


def _first(kind: RequestKind) -> str:
    return f"First: reconcile act {kind.value}."
