"""Plans the changes of an account's state that a request asks for: activation, suspension, deactivation, deletion."""

from __future__ import annotations

from dataclasses import replace

from connectors.contract import AccountState, Value
from reconcile.decide.act.accounts import AskedAccount
from reconcile.decide.act.afterwards import afterwards
from reconcile.decide.act.builder import Builder, named, standing
from reconcile.decide.act.request import RequestKind
from reconcile.decide.act.ways_out import first_step
from reconcile.decide.changes.opening import CLOSED, WORKING
from reconcile.decide.changes.retention import DELETED
from reconcile.plan.model import Finding, Operation, Severity, Verb

_AFTER = {
    Verb.DEACTIVATE: AccountState.DEACTIVATED.value,
    Verb.SUSPEND: AccountState.SUSPENDED.value,
    Verb.REACTIVATE: AccountState.ACTIVE.value,
    Verb.DELETE: DELETED,
}


def state_step(build: Builder, account: AskedAccount, verb: Verb) -> Operation | Finding:
    """Returns the operation, or a note where the account is so already or it is not possible."""
    view, kind = build.view, build.request.kind
    if kind is RequestKind.LOCKDOWN and account.state in WORKING and not view.traits.can.suspends(account.status):
        return _ended_instead(build, account)
    if kind is RequestKind.LOCKDOWN and account.state in CLOSED:
        return build.note(account, f"{named(account)} is {standing(account)} and admits no sign-in: nothing is planned.", Severity.NOTE)
    if account.state.value == _AFTER[verb] or (account.state in WORKING and verb is Verb.REACTIVATE):
        return build.note(account, f"{named(account)} is {standing(account)} already: nothing is planned.", Severity.NOTE)
    if why := _impossible(build, account, verb):
        return build.note(account, f"{named(account)} {why}")
    before: dict[str, Value] = {"state": account.state.value}
    return build.operation(account, verb, before, {"state": _AFTER[verb]}, afterwards(account, verb))


def _ended_instead(build: Builder, account: AskedAccount) -> Operation | Finding:
    """Returns the deactivation of an account that cannot be suspended: a lockdown ends access."""
    if not build.view.traits.can.deactivate:
        return build.note(account, f"{build.view.name} can neither suspend nor deactivate {account.who}. End its access there by hand.")
    before: dict[str, Value] = {"state": account.state.value}
    then = afterwards(account, Verb.DEACTIVATE)
    made = build.operation(account, Verb.DEACTIVATE, before, {"state": AccountState.DEACTIVATED.value}, then)
    cannot = f"{build.view.name} cannot suspend it ({account.status or 'no status'}), so it is deactivated."
    return replace(made, because=replace(made.because, detail=f"{made.because.detail} {cannot}"))


def _impossible(build: Builder, account: AskedAccount, verb: Verb) -> str:
    can, kind = build.view.traits.can, build.request.kind
    if not getattr(can, verb.value):
        return f"stays as it is: {build.view.name} cannot {verb.value} accounts. Do it in the system itself."
    if verb is Verb.SUSPEND and account.state in WORKING and not can.suspends(account.status):
        first = first_step(can, account.status, can.suspend_from or ())
        before = f"First: reconcile act {first.value}. Or deactivate" if first else "Deactivate"
        return f"is {account.status}, from which {build.view.name} does not suspend. {before} it instead: reconcile act deactivate."
    return _WAYS.get((kind, account.state), "").format(standing(account))


_FIRST_END = "is {}; only a deactivated account is deleted. First: reconcile act deactivate."
_NOT_SUSPENDED = "is {}, not suspended. To make it active: reconcile act activate."
_NO_SIGN_IN = "is {}: there is nothing to suspend."
_WAYS = {
    (RequestKind.ACTIVATE, AccountState.SUSPENDED): "is {}. To make it active again: reconcile act unsuspend.",
    **{
        (kind, state): text
        for kind, text, states in (
            (RequestKind.UNSUSPEND, _NOT_SUSPENDED, (AccountState.STAGED, AccountState.DEACTIVATED)),
            (RequestKind.SUSPEND, _NO_SIGN_IN, (AccountState.STAGED, AccountState.DEACTIVATED)),
            (RequestKind.DELETE, _FIRST_END, tuple(each for each in AccountState if each is not AccountState.DEACTIVATED)),
        )
        for state in states
    },
}
"""The state and the way out, by kind of request."""
