"""Compares memberships with what rules grant: additions and removals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import AccountState
from reconcile.decide.desired.entitlement_names import NEW
from reconcile.decide.desired.grants import follow_rules
from reconcile.decide.differences import Subject, subjects_of
from reconcile.decide.fragment import PlanFragment, TargetContext, operation_id
from reconcile.decide.matching.member_rules import Elsewhere
from reconcile.plan.model import Because, Operation, Situation, Verb
from reconcile.store.connection import Store

LEAVES = "Leaves: memberships are removed before the account is deactivated."
LEAVES_SUSPENDED = "Leaves: memberships are removed before the account stops working."


def decide_memberships(store: Store, view: TargetContext, elsewhere: Elsewhere) -> PlanFragment:
    """Groups to create, additions and removals in the target, and the rules that cannot be evaluated."""
    grants = follow_rules(store, view, elsewhere)
    created = {operation.entitlement: operation.id for operation in grants.new_groups}
    # An unmatched account loses a fully managed group only where it is proven that nobody claims it.
    claims_proven = not store.value("unclear_rows")
    lose_all = view.mapping.leavers_lose == "all"
    store.do("make_leaving", leave_ends=view.mapping.leave == "deactivate")
    store.do("make_changing", target=view.name, lose_all=lose_all)
    found = store.rows("membership_changes", target=view.name, claims_proven=claims_proven, lose_all=lose_all)
    changes = [_Change(*row) for row in found]
    subjects = subjects_of(store, {change.anchor for change in changes if change.anchor})
    ids = sorted({change.account_id for change in changes if change.account_id})
    holders = {account_id: _Holder(login, AccountState(state)) for account_id, login, _, state in store.rows("logins", ids=ids)}
    operations = [_operation(view, change, subjects.get(change.anchor), holders.get(change.account_id), created) for change in changes]
    return PlanFragment(operations=(*grants.new_groups, *operations), findings=grants.findings)


@dataclass(frozen=True, slots=True)
class _Change:
    verb: str
    anchor: str
    account_id: str
    entitlement_id: str
    situation: str
    rules: Sequence[str]
    needs: str
    """The operation in another target that an addition rests on; empty for none."""
    granted_by: str
    """The rules for which this job gave what it takes now; empty where the ledger does not know them."""
    granted_in: str
    """The run in which it did; empty for what it never gave."""
    entitlement: str
    kind: str
    privileged: bool


@dataclass(frozen=True, slots=True)
class _Holder:
    """The account a change is about."""

    login: str
    state: AccountState


def _operation(
    view: TargetContext, change: _Change, subject: Subject | None, holder: _Holder | None, created: Mapping[str, str]
) -> Operation:
    verb = Verb(change.verb)
    adding = verb is Verb.ADD_MEMBER
    new = change.entitlement_id.startswith(NEW)
    return Operation(
        id=operation_id(view.name, verb, change.anchor or change.account_id, change.entitlement_id),
        target=view.name,
        verb=verb,
        anchor=change.anchor,
        account_id=change.account_id,
        who=holder.login if holder else "",
        name=subject.name if subject else "",
        entitlement_id="" if new else change.entitlement_id,
        entitlement=change.entitlement,
        entitlement_kind=change.kind,
        privileged=change.privileged,
        ours=adding or bool(change.granted_in),
        before={"member": not adding},
        after={"member": adding},
        because=Because(situation=Situation(change.situation), rule=_rules(view, change), detail=_why(view, change, holder)),
        depends_on=tuple(filter(None, (created[change.entitlement] if new else "", change.needs))),
    )


def _rules(view: TargetContext, change: _Change) -> str:
    return view.rule(", ".join(change.rules) or "groups")


def _why(view: TargetContext, change: _Change, holder: _Holder | None) -> str:
    if change.verb == Verb.ADD_MEMBER:
        return f"Granted by {', '.join(_grant(view, rule) for rule in change.rules)}."
    if change.situation in (Situation.UNQUALIFIED, Situation.SOURCE_MISSING):
        suspended = view.mapping.leavers == "suspend"
        ended = {AccountState.DEACTIVATED, AccountState.SUSPENDED} if suspended else {AccountState.DEACTIVATED}
        if holder is not None and holder.state not in ended and (suspended or view.traits.can.deactivate):
            return LEAVES_SUSPENDED if suspended else LEAVES
        return f"The person should have no working account there, so no rule grants the {change.kind}."
    return _why_taken(change)


def _why_taken(change: _Change) -> str:
    if change.situation == Situation.UNASSIGNED:
        return (
            f"No identity is linked to the account or matches it, and the {change.kind} is declared fully managed: "
            "only those to whom a rule grants it stay."
        )
    if change.granted_by:
        return f"Granted by {change.granted_by} in the run {change.granted_in}; no rule grants it any more."
    if change.granted_in:
        return "Granted by this job earlier; no rule grants it any more."
    return f"The {change.kind} is declared fully managed, and no rule grants it to this person."


def _grant(view: TargetContext, rule: str) -> str:
    """A rule's name, with its condition where it has one."""
    name, condition = rule.removeprefix("groups."), view.mapping.entitlement_rules()[rule].condition
    return f"{name} ({condition})" if condition else name
