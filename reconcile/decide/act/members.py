"""Plans the changes of memberships and assignments that a request asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.contract import AccountState
from reconcile.decide.act.accounts import AskedAccount, Entitled, Holding, Memberships
from reconcile.decide.act.afterwards import afterwards_of_membership
from reconcile.decide.act.builder import Builder, named
from reconcile.plan.model import Finding, Operation, Severity, Verb


def all_removed(build: Builder, account: AskedAccount, memberships: Memberships) -> Iterator[Operation | Finding]:
    """Yields the removal of every direct membership of an account that can be changed, and a note on those that cannot."""
    direct = [each for each in memberships.held.get(account.account_id, ()) if each.direct]
    for each in direct:
        if not each.entitlement.read_only:
            yield _change(build, account, Verb.REMOVE_MEMBER, each, memberships)
    if left := [each.entitlement for each in direct if each.entitlement.read_only]:
        listed = ", ".join(f"{each.name} ({each.read_only})" for each in left)
        yield build.note(
            account, f"{named(account)} stays in what cannot be changed there: {listed}. End it where it comes from.", Severity.NOTE
        )


def membership_step(
    build: Builder, account: AskedAccount, verb: Verb, entitlement: Entitled, memberships: Memberships
) -> Operation | Finding:
    """Returns the change of one membership, or a note where it is so already or not possible."""
    holding = memberships.held.get(account.account_id, ())
    if why := _settled(account, verb, entitlement, holding):
        return build.note(account, why, Severity.NOTE)
    if why := _impossible(account, verb, entitlement, holding):
        return build.note(account, why)
    return _change(build, account, verb, next(iter(holding), Holding(entitlement, direct=True, ours=False)), memberships)


def _settled(account: AskedAccount, verb: Verb, entitlement: Entitled, holding: Sequence[Holding]) -> str:
    if (verb is Verb.ADD_MEMBER) != bool(holding):
        return ""
    return f"{named(account)} {'holds' if holding else 'does not hold'} {entitlement.name}: nothing is planned."


def _impossible(account: AskedAccount, verb: Verb, entitlement: Entitled, holding: Sequence[Holding]) -> str:
    if entitlement.read_only:
        return f"{entitlement.name}: its members cannot be changed there ({entitlement.read_only})."
    if holding and not holding[0].direct:
        return f"{named(account)} holds {entitlement.name} through a group. Remove the account from that group instead."
    if verb is Verb.ADD_MEMBER and account.state is AccountState.DEACTIVATED:
        return f"{named(account)} is deactivated and gets nothing. First: reconcile act activate."
    return ""


def _change(build: Builder, account: AskedAccount, verb: Verb, holding: Holding, memberships: Memberships) -> Operation:
    removes, entitlement = verb is Verb.REMOVE_MEMBER, holding.entitlement
    then = afterwards_of_membership(account, verb, memberships, entitlement)
    return replace(
        build.operation(account, verb, {"member": removes}, {"member": not removes}, then),
        id=build.id_of(account, verb, entitlement.id),
        entitlement_id=entitlement.id,
        entitlement=entitlement.name,
        entitlement_kind=entitlement.kind,
        privileged=entitlement.privileged,
        # A membership that a person adds by hand is no grant of a rule: no later run takes it for one.
        ours=holding.ours,
    )
