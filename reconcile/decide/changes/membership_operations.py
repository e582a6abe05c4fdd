"""Builds the operations of memberships from the rows of `membership_change`. Equal texts and reasons are shared: a first night has millions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.contract import AccountState
from reconcile.decide.desired.entitlement_names import NEW
from reconcile.decide.differences import Subject
from reconcile.decide.fragment import TargetContext, operation_id
from reconcile.plan.model import Because, Operation, Situation, Verb

LEAVES = "Leaves: memberships are removed before the account is deactivated."
LEAVES_SUSPENDED = "Leaves: memberships are removed before the account stops working."
_MEMBER, _NO_MEMBER = {"member": True}, {"member": False}


class Change(NamedTuple):
    """One membership to add or to remove."""

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
class Holder:
    """The account a change is about."""

    account_id: str
    login: str
    state: AccountState


@dataclass(frozen=True, slots=True)
class MembershipOperations:
    """Builds the membership operations of one target."""

    view: TargetContext
    subjects: Mapping[str, tuple[str, Subject]]
    """The people, by anchor, with the anchor."""
    holders: Mapping[str, Holder]
    """The accounts, by id."""
    created: Mapping[str, str]
    """By name of a group that the plan creates, the operation that does."""
    _texts: dict[str, str] = field(default_factory=dict)
    _reasons: dict[tuple[object, ...], Because] = field(default_factory=dict)

    def of(self, change: Change) -> Operation:
        """The operation of a change."""
        verb = Verb(change.verb)
        adding = verb is Verb.ADD_MEMBER
        new = change.entitlement_id.startswith(NEW)
        holder = self.holders.get(change.account_id)
        anchor, subject = self.subjects.get(change.anchor, (change.anchor, None))
        needed = (self.created[change.entitlement], change.needs) if new else (change.needs,)
        return Operation(
            id=operation_id(self.view.name, verb, change.anchor or change.account_id, change.entitlement_id),
            target=self.view.name,
            verb=verb,
            anchor=anchor,
            account_id=holder.account_id if holder else change.account_id,
            who=holder.login if holder else "",
            name=subject.name if subject else "",
            entitlement_id="" if new else self._shared(change.entitlement_id),
            entitlement=self._shared(change.entitlement),
            entitlement_kind=self._shared(change.kind),
            privileged=change.privileged,
            ours=adding or bool(change.granted_in),
            before=_NO_MEMBER if adding else _MEMBER,
            after=_MEMBER if adding else _NO_MEMBER,
            because=self.because(change, holder),
            depends_on=tuple(map(self._shared, filter(None, needed))),
        )

    def _shared(self, text: str) -> str:
        """One object for all equal texts."""
        return self._texts.setdefault(text, text)

    def because(self, change: Change, holder: Holder | None) -> Because:
        """The reason of a change of a membership of an account."""
        told = change.situation, change.granted_by, change.granted_in, change.kind
        key = (change.verb, *told, *change.rules, holder.state if holder else None)
        if key not in self._reasons:
            rule = self.view.rule(", ".join(change.rules) or "groups")
            self._reasons[key] = Because(situation=Situation(change.situation), rule=rule, detail=_why(self.view, change, holder))
        return self._reasons[key]


def _why(view: TargetContext, change: Change, holder: Holder | None) -> str:
    if change.verb == Verb.ADD_MEMBER:
        return f"Granted by {', '.join(_grant(view, rule) for rule in change.rules)}."
    if change.situation in (Situation.UNQUALIFIED, Situation.SOURCE_MISSING):
        suspended = view.mapping.leavers == "suspend"
        ended = {AccountState.DEACTIVATED, AccountState.SUSPENDED} if suspended else {AccountState.DEACTIVATED}
        if holder is not None and holder.state not in ended and (suspended or view.traits.can.deactivate):
            return LEAVES_SUSPENDED if suspended else LEAVES
        return f"The person should have no working account there, so no rule grants the {change.kind}."
    return _why_taken(change)


def _why_taken(change: Change) -> str:
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
