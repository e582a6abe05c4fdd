"""Plans the memberships and app assignments that accounts had, without what the mapping wants as it is."""

from __future__ import annotations

from dataclasses import replace

from connectors.contract import AccountState
from reconcile.decide.capabilities import is_possible
from reconcile.decide.changes.opening import WORKING
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.restore.builder import RestoreBuilder
from reconcile.decide.restore.shapes import MembershipSince
from reconcile.plan.model import Finding, Operation, Severity, Verb

_MEMBERSHIPS = frozenset({Verb.ADD_MEMBER, Verb.REMOVE_MEMBER})


def membership_step(build: RestoreBuilder, each: MembershipSince, *, works: bool) -> Operation | Finding | None:
    """Returns the operation that gives or takes a membership again, or a finding on why it is left; None where its group is not concerned.

    `works`: whether the account can be used, or will be by this plan.
    """
    if not each.exists_now or not each.existed:
        # Told once for the whole group.
        return None
    what = (
        f"{'held' if each.held else 'did not hold'} {each.entitlement} {build.then}, and {'does not now' if each.held else 'holds it now'}"
    )
    if why := _wanted_as_it_is(build, each):
        return build.left(each.owner, f"{what}: {why}. It stays so.")
    if why := _impossible(build, each, works=works):
        return build.left(each.owner, f"{what}: {why}", Severity.ATTENTION)
    made = _back(build, each)
    if is_possible(build.view.traits, made):
        return made
    return build.left(each.owner, f"{what}, and {build.view.name} has no way to change that. Do it there by hand.", Severity.ATTENTION)


def _wanted_as_it_is(build: RestoreBuilder, each: MembershipSince) -> str:
    """The good reason for the membership as it is now; empty where there is none."""
    own = build.earlier.last_own(each.owner.account_id, each.entitlement_id, _MEMBERSHIPS)
    own = own if own and (own.verb is Verb.REMOVE_MEMBER) is each.held else None
    granted = ", ".join(each.rules) if each.owner.expected in (Eligibility.ACTIVE, Eligibility.SUSPENDED) else ""
    if own and own.asked_for:
        return f"a person asked for it in the run {own.run}; `reconcile undo {own.run}` takes it back"
    if each.undecided:
        return "whether a rule grants it is not decided"
    if not each.held:
        return f"{granted} grants it" if granted else ""
    if each.owner.why_ended:
        return each.owner.why_ended
    return "" if granted else _ended_by_rule(each, own.run if own else "")


def _ended_by_rule(each: MembershipSince, run: str) -> str:
    """The reason why a membership that no rule grants stays ended; empty where the mapping has no opinion."""
    if each.managed:
        return "the mapping decides every member, and no rule grants it"
    if run:
        return f"the run {run} took it, and no rule grants it now; `reconcile undo {run}` takes that back"
    return "a rule gave it once, and none grants it now: the next run would take it again" if each.ours else ""


def _impossible(build: RestoreBuilder, each: MembershipSince, *, works: bool) -> str:
    if each.in_doubt:
        when = "tonight" if each.held else f"{build.then}, or tonight,"
        return f"its members were not read completely {when}. Run `reconcile extract`, then ask again."
    if each.read_only:
        return f"its members cannot be changed there ({each.read_only})."
    if not each.held and not each.direct:
        return "it comes through another group or a rule. Take it back there."
    if each.held and each.state not in WORKING and each.state is not AccountState.SUSPENDED and not works:
        return "the account cannot be used and stays so."
    return ""


def _back(build: RestoreBuilder, each: MembershipSince) -> Operation:
    verb = Verb.ADD_MEMBER if each.held else Verb.REMOVE_MEMBER
    own = build.earlier.last_own(each.owner.account_id, each.entitlement_id, _MEMBERSHIPS)
    detail = f"{'Held' if each.held else 'Not held'} {build.then}; changed since {build.earlier.doer(own)}."
    made = build.operation(each.owner, verb, {"member": not each.held}, {"member": each.held}, detail, each.entitlement_id)
    return replace(
        made,
        entitlement_id=each.entitlement_id,
        entitlement=each.entitlement,
        entitlement_kind=each.kind,
        privileged=each.privileged,
        # What a rule grants is owned as if the rule had given it; anything else is no grant of a rule.
        ours=bool(each.rules) if each.held else each.ours,
    )
