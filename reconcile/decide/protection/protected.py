"""Protected people and accounts: no operation about them is ever in a plan or sent, whatever a mapping or an older plan says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from connectors.contract import EntitlementKind, Record, Traits
from connectors.quoting import quoted
from reconcile.decide.fragment import TargetContext, named
from reconcile.decide.protection.names import first_match, names_in
from reconcile.plan.hold import Hold
from reconcile.plan.model import GROUP_VERBS, LOSING, Finding, FindingKind, Operation, Plan, Severity, Verb
from reconcile.plan.same_account import fold


@dataclass(frozen=True, slots=True)
class Protection:
    """Protection of a project: the one definition of it, for plans, for undo plans, and for each write."""

    people: frozenset[str] = frozenset()
    """Anchors and patterns of them, folded."""
    accounts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By target: logins, e-mail addresses, ids and patterns of them, folded."""
    known_people: Mapping[str, str] = field(default_factory=dict)
    """By anchor: why a person of the latest snapshots is protected, by another anchor of theirs or by a condition."""
    known_accounts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By target and id: why an account of the latest snapshots is protected."""
    held: Mapping[tuple[str, str], Hold] = field(default_factory=dict)
    """Holds that are in force: by target and account id, or of a person by an empty target and the anchor."""
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By target: the ids of the groups whose members are protected, with their names."""
    condition: Callable[[str, Record], str] = lambda _target, _record: ""
    """Returns why an account of a target, as it is now, is protected by a condition; empty where it is not."""

    def reason(self, operation: Operation, traits: Traits, *, record: Record | None = None) -> str:
        """Returns why the operation must not be sent; empty where nothing about it is protected.

        `record`: the account as it is now. What the operation would make the account known as counts too: no account is given a protected
        name either. Whether the account is in a protected group now is asked by `apply`, which can read it.
        """
        protected = self._group(operation) or self._person(operation.anchor) or self._account(operation, traits, record)
        hold = None if protected else self.hold_on(operation)
        return hold.reason if hold else protected

    def hold_on(self, operation: Operation) -> Hold | None:
        """Returns the hold on the person or the account of an operation."""
        of_person = self.held.get(("", operation.anchor)) if operation.anchor else None
        return of_person or (self.held.get((operation.target, operation.account_id)) if operation.account_id else None)

    def _group(self, operation: Operation) -> str:
        """Returns why a group is neither renamed nor deleted: an entry of the configuration means it."""
        name = self.groups.get(operation.target, {}).get(operation.entitlement_id, "") if operation.verb in GROUP_VERBS else ""
        return f"protected: the group {name} is listed under groups of {operation.target}" if name else ""

    def protects(self, target: str, anchor: str, account_id: str) -> bool:
        """Whether a person, or an account of the latest snapshots, is protected; a hold is not asked about."""
        return bool(self._person(anchor)) or (target, account_id) in self.known_accounts

    @property
    def protects_nothing(self) -> bool:
        """Whether nothing of the latest snapshots is protected or held."""
        return not (self.people or self.accounts or self.known_people or self.known_accounts or self.held or self.groups)

    def _person(self, anchor: str) -> str:
        if not anchor:
            return ""
        if listed := first_match(self.people, [fold(anchor)]):
            return f"protected: {anchor}{'' if listed.name == listed.entry else f' (by {listed.entry})'} is listed under people"
        return self.known_people.get(anchor, "")

    def _account(self, operation: Operation, traits: Traits, record: Record | None) -> str:
        values = [operation.account, operation.after, record.values() if record else {}]
        named = {name for each in values for name in names_in(each, traits)}
        called = named | {fold(name) for name in (operation.account_id, operation.who, record.id if record else "")}
        if listed := first_match(self.accounts.get(operation.target, frozenset()), called):
            return f"protected: {listed} is listed under accounts of {operation.target}"
        if operation.account_id and (known := self.known_accounts.get((operation.target, operation.account_id))):
            return known
        return self.condition(operation.target, record) if record else ""


def with_holds(protection: Protection, holds: Iterable[Hold]) -> Protection:
    """Returns the protection with some holds in force."""
    return replace(protection, held={("", hold.anchor) if hold.anchor else (hold.target, hold.account_id): hold for hold in holds})


def by_group(target: str, group: str) -> str:
    return f"protected: it is in the group {group}, which is listed under groups of {target}"


def exclude_protected(
    view: TargetContext, protection: Protection, operations: Iterable[Operation]
) -> tuple[tuple[Operation, ...], tuple[Finding, ...]]:
    """The operations that may stay, and a finding for every protected account or person of whom something would have been planned."""
    if protection.protects_nothing:
        return tuple(operations), ()
    reasons: dict[tuple[str, str, str], str] = {}

    def reason(operation: Operation) -> str:
        if operation.verb not in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER) or operation.account:
            return protection.reason(operation, view.traits)
        # One of many memberships of an account: all are protected for the same reason, or none is.
        key = operation.anchor, operation.account_id, operation.who
        if key not in reasons:
            reasons[key] = protection.reason(operation, view.traits)
        return reasons[key]

    return _parted(protection, operations, reason)


def without_protected(plan: Plan, protection: Protection, traits: Mapping[str, Traits]) -> Plan:
    """A plan made by other means, with the same findings instead of its protected operations. It has no digest.

    Its operations carry what identifies their accounts. Where a target has no traits, it is no target any more, and nothing is written to it.
    """
    stay, withheld = protected_parted(protection, plan.operations, traits)
    return replace(plan, operations=stay, findings=(*plan.findings, *withheld), digest="")


def protected_parted(
    protection: Protection, operations: Iterable[Operation], traits: Mapping[str, Traits]
) -> tuple[tuple[Operation, ...], tuple[Finding, ...]]:
    """The operations of a plan made by other means that may stay, and a finding for every protected account or person among the others."""
    return _parted(protection, operations, lambda each: protection.reason(each, traits[each.target]) if each.target in traits else "")


def _parted(
    protection: Protection, operations: Iterable[Operation], reason: Callable[[Operation], str]
) -> tuple[tuple[Operation, ...], tuple[Finding, ...]]:
    stay: list[Operation] = []
    withheld: dict[tuple[str, str, str], list[Operation]] = defaultdict(list)
    reasons: dict[tuple[str, str, str], str] = {}
    for operation in operations:
        if why := reason(operation):
            key = operation.target, operation.anchor, operation.account_id
            withheld[key].append(operation)
            reasons[key] = why
        else:
            stay.append(operation)
    taking = {key: not any(map(reason, map(_without_new_names, withheld[key]))) for key in withheld}
    return tuple(stay), tuple(_finding(protection, withheld[key], reasons[key], taking=taking[key]) for key in sorted(withheld))


def _without_new_names(operation: Operation) -> Operation:
    """The operation without what it would make the account known as."""
    return replace(operation, after={}, who="" if operation.verb in (Verb.CREATE, Verb.RENAME) else operation.who)


def _finding(protection: Protection, withheld: Sequence[Operation], reason: str, *, taking: bool) -> Finding:
    """`taking`: nothing about the account is protected but a name that it would get."""
    operation = next((each for each in withheld if each.who), withheld[0])
    who, intentions = operation.who or operation.anchor or f"the group {quoted(operation.entitlement)}", _intentions(withheld)
    hold = protection.hold_on(operation)
    held = hold is not None and hold.reason == reason
    subject = named(operation.name, operation.anchor) if taking and operation.anchor else who
    stands = f"would get a name that is {reason}" if taking else f"is {reason if held else 'protected'}"
    return Finding(
        kind=FindingKind.HELD if held else FindingKind.PROTECTED,
        # Access that outlives its person stays a matter to look at.
        severity=Severity.NOTE if held and not any(each.verb in LOSING for each in withheld) else Severity.ATTENTION,
        target=operation.target,
        anchor=operation.anchor,
        account_id=operation.account_id,
        who=operation.who,
        message=f"{subject} {stands}; without that, the plan would {intentions}.",
    )


def _intentions(withheld: Sequence[Operation]) -> str:
    """`deactivate the account, and remove it from the groups managers, admins`: in the order of the verbs."""
    return ", and ".join(_intention(verb, found) for verb in Verb if (found := [each for each in withheld if each.verb is verb]))


def _intention(verb: Verb, found: Sequence[Operation]) -> str:
    match verb:
        case Verb.CREATE | Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE | Verb.DELETE:
            return f"{verb.value} the account"
        case Verb.RENAME | Verb.UPDATE:
            return f"change {', '.join(dict.fromkeys(name for each in found for name in each.after))}"
        case Verb.CREATE_GROUP | Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
            return f"{verb.value.removesuffix('_group')} {_groups(found)}"
        case Verb.ADD_MEMBER:
            return f"add it to {_groups(found)}"
        case Verb.REMOVE_MEMBER:
            return f"remove it from {_groups(found)}"
        case (
            Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            return f"{verb.value.replace('_', ' ')} of the account"
        case _:
            assert_never(verb)


def _groups(found: Sequence[Operation]) -> str:
    return " and ".join(
        _named(kind, some) for kind in EntitlementKind if (some := [each for each in found if each.entitlement_kind == kind])
    )


def _named(kind: str, found: Sequence[Operation]) -> str:
    names = sorted(each.entitlement or each.entitlement_id for each in found)
    return f"the {kind}{'' if len(names) == 1 else 's'} {', '.join(names)}"
