"""Which memberships are to be added and removed: the union of what rules grant, against who holds what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.contract import AccountState
from mappings.rules import GroupRule
from reconcile.decision import Decision, TargetView, operation_id
from reconcile.diff import Subject, subjects_of
from reconcile.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb
from reconcile.store import Store

LEAVES = "Leaves: memberships are removed before the account is deactivated."
LEAVES_SUSPENDED = "Leaves: memberships are removed before the account stops working."


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the target."""

    id: str
    kind: str
    name: str
    read_only: str
    privileged: bool


def decide_memberships(store: Store, view: TargetView) -> Decision:
    """Additions and removals in the target that was correlated last, and the rules that cannot be followed."""
    groups = [Group(*row) for row in store.rows("entitlements", target=view.name)]
    store.do("make_known_groups", "make_grants", "make_managed_groups", "make_frozen_groups", target=view.name)
    findings = [finding for name, rule in view.mapping.groups.items() for finding in _apply_rule(store, view, name, rule, groups)]
    findings += [finding for name in view.mapping.fully_managed for finding in _manage(store, view, name, groups)]
    # An unclaimed account loses a fully managed group only where it is proven that nobody claims it.
    claims_proven = not store.value("unclear_rows")
    store.do("make_grantees", "make_changing", target=view.name)
    changes = [_Change(*row) for row in store.rows("membership_changes", target=view.name, claims_proven=claims_proven)]
    subjects = subjects_of(store, {change.anchor for change in changes if change.anchor})
    ids = sorted({change.account_id for change in changes if change.account_id})
    holders = {account_id: _Holder(login, AccountState(state)) for account_id, login, _, state in store.rows("logins", ids=ids)}
    operations = tuple(_operation(view, change, subjects.get(change.anchor), holders.get(change.account_id)) for change in changes)
    return Decision(operations=operations, findings=tuple(findings))


@dataclass(frozen=True, slots=True)
class _Change:
    verb: str
    anchor: str
    account_id: str
    entitlement_id: str
    situation: str
    rules: str
    was_granted: bool
    entitlement: str
    privileged: bool


@dataclass(frozen=True, slots=True)
class _Holder:
    """The account a change is about."""

    login: str
    state: AccountState


def _apply_rule(store: Store, view: TargetView, name: str, rule: GroupRule, groups: Iterable[Group]) -> Iterable[Finding]:
    store.do("drop_grant_results")
    if rule.group_expression:
        columns = {"granted": rule.when, "group_name": rule.group_expression}
        store.derive("grant_results", "identity", columns, kept=["anchor"])
        store.do("add_computed_grants", rule=name)
        for group_name, people in store.rows("unknown_group_names"):
            yield _rule_finding(view, f"groups.{name}", _why_unusable(group_name, groups), f"{people} people should hold it")
        return
    group, why = _find(rule.group, groups)
    if group is None:
        yield _rule_finding(view, f"groups.{name}", why, "nobody gets it or loses it")
        return
    store.derive("grant_results", "identity", {"granted": rule.when}, kept=["anchor"])
    store.do("add_named_grants", rule=name, entitlement_id=group.id)


def _manage(store: Store, view: TargetView, name: str, groups: Iterable[Group]) -> Iterable[Finding]:
    group, why = _find(name, groups)
    if group is None:
        yield _rule_finding(view, "fully_managed", why, "nobody loses it")
    elif not store.value("grants_of", entitlement_id=group.id):
        # A rule that grants a group to nobody is a mistake more often than a wish: it would empty the group.
        sentence = f"no rule grants the group {name!r} to anybody"
        yield _rule_finding(view, "fully_managed", (FindingKind.ENTITLEMENT_UNKNOWN, sentence), "its members stay as they are")
    else:
        store.do("add_managed_group", entitlement_id=group.id)


def _find(name: str, groups: Iterable[Group]) -> tuple[Group | None, tuple[FindingKind, str]]:
    named = [group for group in groups if group.name == name and group.kind == "group"]
    if len(named) == 1 and not named[0].read_only:
        return named[0], (FindingKind.ENTITLEMENT_UNKNOWN, "")
    return None, _why_unusable(name, named)


def _why_unusable(name: str, groups: Iterable[Group]) -> tuple[FindingKind, str]:
    named = [group for group in groups if group.name == name and group.kind == "group"]
    if not named:
        return FindingKind.ENTITLEMENT_UNKNOWN, f"there is no group {name!r}"
    if len(named) > 1:
        return FindingKind.ENTITLEMENT_UNKNOWN, f"{len(named)} groups are named {name!r}"
    return FindingKind.ENTITLEMENT_READ_ONLY, f"the group {name!r} cannot be changed: {named[0].read_only}"


def _rule_finding(view: TargetView, rule: str, why: tuple[FindingKind, str], effect: str) -> Finding:
    kind, sentence = why
    return Finding(
        kind=kind,
        severity=Severity.ATTENTION,
        target=view.name,
        message=f"{rule} cannot be followed: {sentence} in {view.name}; {effect}. Correct the group, or the rule.",
    )


def _operation(view: TargetView, change: _Change, subject: Subject | None, holder: _Holder | None) -> Operation:
    verb = Verb(change.verb)
    adding = verb is Verb.ADD_MEMBER
    return Operation(
        id=operation_id(view.name, verb, change.anchor or change.account_id, change.entitlement_id),
        target=view.name,
        verb=verb,
        anchor=change.anchor,
        account_id=change.account_id,
        who=holder.login if holder else "",
        name=subject.name if subject else "",
        entitlement_id=change.entitlement_id,
        entitlement=change.entitlement,
        privileged=change.privileged,
        ours=adding or change.was_granted,
        before={"member": not adding},
        after={"member": adding},
        because=Because(situation=Situation(change.situation), rule=_rules(view, change), detail=_why(view, change, holder)),
    )


def _rules(view: TargetView, change: _Change) -> str:
    return view.rule(", ".join(f"groups.{rule}" for rule in change.rules.split(", "))) if change.rules else view.rule("groups")


def _why(view: TargetView, change: _Change, holder: _Holder | None) -> str:
    if change.verb == Verb.ADD_MEMBER:
        return f"Granted by {', '.join(_grant(view, rule) for rule in change.rules.split(', '))}."
    if change.situation == Situation.UNASSIGNED:
        return (
            "Nobody in the sources claims the account, and the group is declared fully managed: only those to whom a rule grants it stay."
        )
    if change.situation in (Situation.UNQUALIFIED, Situation.SOURCE_MISSING):
        suspended = view.mapping.leavers == "suspend"
        ended = {AccountState.DEACTIVATED, AccountState.SUSPENDED} if suspended else {AccountState.DEACTIVATED}
        if holder is not None and holder.state not in ended and (suspended or view.traits.can.deactivate):
            return LEAVES_SUSPENDED if suspended else LEAVES
        return "The person should have no working account there, so no rule grants the group."
    if change.was_granted:
        return "Granted by this job earlier; no rule grants it any more."
    return "The group is declared fully managed, and no rule grants it to this person."


def _grant(view: TargetView, rule: str) -> str:
    """A rule's name, with its condition where it has one."""
    when = view.mapping.groups[rule].when
    return rule if when == "true" else f"{rule} ({when})"
