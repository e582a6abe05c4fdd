"""Plans the states that accounts had: working again, suspended again, deactivated again."""

from __future__ import annotations

from connectors.contract import AccountState
from reconcile.decide.changes.opening import WORKING
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.restore.builder import RestoreBuilder
from reconcile.decide.restore.shapes import SETTLED, AccountSince
from reconcile.plan.model import Finding, Operation, Severity, Verb

_STATES = frozenset({Verb.DEACTIVATE, Verb.SUSPEND, Verb.REACTIVATE})
_VERBS = {AccountState.SUSPENDED: Verb.SUSPEND, AccountState.DEACTIVATED: Verb.DEACTIVATE}
_CAN = {Verb.SUSPEND: "suspend", Verb.DEACTIVATE: "deactivate", Verb.REACTIVATE: "reactivate"}


def state_step(build: RestoreBuilder, account: AccountSince) -> Operation | Finding | None:
    """Returns the operation that gives an account the state it had, or a finding on why it keeps the one it has; None where it is the same."""
    now, then = account.now, account.then
    if now is None or now is then or (now in WORKING and then in WORKING):
        return None
    what = f"it was {then.value} {build.then} and is {now.value} now"
    own = build.earlier.last_own(account.owner.account_id, "", _STATES)
    if own is not None and own.asked_for:
        return build.left(account.owner, f"{what}: a person asked for it in the run {own.run}. `reconcile undo {own.run}` takes it back.")
    if why := _wanted_as_it_is(account):
        return build.left(account.owner, f"{what}: {why}. It stays so.")
    verb = _verb(account)
    if verb is None:
        return build.left(
            account.owner, f"{what}, and {build.view.name} has no way back from there. Look at the account.", Severity.ATTENTION
        )
    if not getattr(build.view.traits.can, _CAN[verb]) or (verb is Verb.SUSPEND and not build.view.traits.can.suspends(account.status)):
        return build.left(account.owner, f"{what}, and {build.view.name} cannot {verb.value} it. Do it there by hand.", Severity.ATTENTION)
    after = AccountState.ACTIVE if verb is Verb.REACTIVATE else then
    detail = f"Was {then.value} {build.then}; {now.value} now, {build.earlier.doer(own)}."
    return build.operation(account.owner, verb, {"state": now.value}, {"state": after.value}, detail)


def _verb(account: AccountSince) -> Verb | None:
    """The verb that leads back; None where none does."""
    if account.then in WORKING:
        return Verb.REACTIVATE
    if account.then is AccountState.SUSPENDED and account.now not in WORKING:
        # Made active on the way, it would be more than it was.
        return None
    return _VERBS.get(account.then)


def _wanted_as_it_is(account: AccountSince) -> str:
    """The good reason for the state that an account has now; empty where there is none."""
    owner = account.owner
    if account.then in WORKING:
        if owner.situation in SETTLED and owner.expected is Eligibility.SUSPENDED:
            return "the person is on leave, and the mapping suspends the account"
        return owner.why_ended
    if account.now not in WORKING or owner.situation not in SETTLED:
        return ""
    return "the mapping gives this person an account that works" if owner.expected is Eligibility.ACTIVE else ""
