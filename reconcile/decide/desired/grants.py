"""Evaluates entitlement rules: grants by person, groups to create for them, and rules that cannot be evaluated.

Leaves the working tables `entitlement`, `grant_row`, `grantee`, `fully_managed` and `frozen_group`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from connectors.contract import ROLE
from connectors.group_changes import NAME
from mappings.push import BY_ID
from mappings.pushed import PushedGroup
from mappings.rules import BY_KIND, EntitlementRule, GroupRule
from reconcile.decide.desired.entitlement_names import NEW, Entitlement, EntitlementNames, Why, alike, named_by, prepare_names, spoken
from reconcile.decide.desired.group_renames import GroupRename, group_renames, renaming
from reconcile.decide.desired.pushed_groups import LeftBehind, PushedBefore, left_behind, push_findings
from reconcile.decide.fragment import TargetContext, named, operation_id
from reconcile.decide.group_operation import group_operation
from reconcile.decide.matching.member_rules import Elsewhere, ask_elsewhere
from reconcile.plan.impact import number_of
from reconcile.plan.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb
from reconcile.store.connection import Store
from reconcile.store.values import json_path

BLANKS = " \t\r\n\u00a0"
"""The characters around the names of a list that are no part of them."""


@dataclass(frozen=True, slots=True)
class Grants:
    """The result of evaluating the rules of one target, beside the working tables."""

    findings: tuple[Finding, ...]
    group_changes: tuple[Operation, ...]
    """Renames of groups, and creations, whether or not a person is to be their member."""
    left_behind: Sequence[LeftBehind] = ()
    """Pushed groups whose source group is gone."""


def follow_rules(store: Store, view: TargetContext, elsewhere: Elsewhere, whole: Collection[str] = ()) -> Grants:
    """Follows every rule of the target. `whole`: the systems of which every group was read."""
    has_roles = view.traits.roles and (view.mapping.roles or view.mapping.fully_managed_roles)
    know_entitlements(store, view.name, roles=view.traits.roles if has_roles else "")
    store.do("make_grants", "make_conditional_grants", "make_undecided_grants", "make_unevaluated_rules")
    prepare_names(store, view.name, named_by(view))
    store.do("make_known_groups")
    following = _RuleEvaluation(store, view, elsewhere)
    # Rules that create groups go first: what they create is there for the others.
    rules = sorted(view.mapping.entitlement_rules().items(), key=lambda named: not _creates(named[1]))
    findings = [finding for name, rule in rules for finding in following.follow(name, rule)]
    findings += [finding for managed in view.mapping.managed_entitlements() for finding in following.manage(*managed)]
    findings += push_findings(store, view)
    behind = left_behind(store, view, whole)
    store.do("make_managed_groups", "make_grantees", ids=[*following.fully_managed, *(each.id for each in behind if each.exact)])
    return Grants((*findings, *_inherited(store, view)), tuple(following.named.group_changes), behind)


def know_entitlements(store: Store, system: str, *, roles: str) -> None:
    """Leaves what accounts of a system can hold and which of that is not known completely. `roles`: the attribute that lists roles, or nothing."""
    store.do("make_roles_held", target=system, roles_path=json_path(roles) if roles else None, prefix=ROLE)
    store.do("make_entitlements", "make_frozen_groups", target=system)


def _creates(rule: EntitlementRule) -> bool:
    return isinstance(rule, GroupRule) and rule.create


class _NamedEntitlements:
    """Resolves the names in the rules of one target; groups that do not exist are created where a rule asks for it."""

    def __init__(self, store: Store, view: TargetContext) -> None:
        self._view, self.known = view, EntitlementNames.of(store)
        self.group_changes: list[Operation] = []
        self._pushed_before = PushedBefore(store, view.name, self.known)

    def use(self, rule_name: str, rule: EntitlementRule, name: str) -> Entitlement | Why:
        """Resolves the name of a rule, and creates what does not exist where that is possible. A computed name is never an id or a kind."""
        if isinstance(rule, PushedGroup):
            return self._pushed(rule_name, rule, name)
        return self._named(rule_name, rule, name)

    def _pushed(self, rule_name: str, rule: PushedGroup, name: str) -> Entitlement | Why:
        """Resolves the group that was pushed before, under whatever name; it gets the name that it should have where it can."""
        before = self._pushed_before.group(rule.key, rule_name)
        found: Entitlement | Why
        if before is None or before.read_only or (before.name != name and self._is_named(before.name)):
            found = self._named(rule_name, rule, name)
        else:
            found = before
            if before.name != name and NAME in self._view.traits.can.group_attributes and self.known.is_free(name, before.id):
                self.known.rename(before.id, name)
                why = f"The group {rule.of!r} of {', '.join(rule.if_member_of)} that it is pushed from is named so."
                self.group_changes.append(renaming(self._view, GroupRename(before.id, before.name, name, why), rule_name))
        if isinstance(found, Entitlement) and not found.id.startswith(NEW):
            self._pushed_before.remember(rule.key, found.id, rule_name)
        return found

    def _is_named(self, name: str) -> bool:
        """Whether a rule names a group so: it is that rule's, and another that had it before parts from it."""
        return any(each.named == name for each in self._view.mapping.groups.values())

    def _named(self, rule_name: str, rule: EntitlementRule, name: str) -> Entitlement | Why:
        if isinstance(rule, GroupRule) and rule.group_expression and name.startswith((BY_ID, BY_KIND)):
            return FindingKind.ENTITLEMENT_UNKNOWN, f"there is no group {name!r}"
        return (
            self.known.use(rule.entitlement_kind, name, rule_name)
            if self.known.exists(rule.entitlement_kind, name)
            else self._make(rule_name, rule, name)
        )

    def _make(self, rule_name: str, rule: EntitlementRule, name: str) -> Entitlement | Why:
        """Creates a group that the rule creates, or a role that no account has yet; else returns the reason why not."""
        if rule.entitlement_kind != "role" and not _creates(rule):
            return self.known.use(rule.entitlement_kind, name, rule_name)
        if why := self._unfit(rule, name):
            return FindingKind.ENTITLEMENT_UNKNOWN, why
        made = Entitlement((ROLE if rule.entitlement_kind == "role" else NEW) + name, rule.entitlement_kind, name, "", privileged=False)
        self.known.add(made)
        if isinstance(rule, GroupRule):
            self.group_changes.append(_creation(self._view, name, rule_name, rule))
        return made

    def rename(self, store: Store, rule_name: str) -> None:
        """Renames the groups whose people all get a name that no group has."""
        for each in group_renames(store, self._view, rule_name):
            # The group itself may be named alike.
            if not set(self.known.like("group", each.new_name)) - {each.name} and each.new_name.strip():
                self.known.rename(each.id, each.new_name)
                self.group_changes.append(renaming(self._view, each, rule_name))

    def _unfit(self, rule: EntitlementRule, name: str) -> str:
        """The reason why a name cannot be created; empty where it can."""
        near = self.known.like(rule.entitlement_kind, name)
        computed = isinstance(rule, GroupRule) and rule.group_expression
        cases = (
            (
                rule.entitlement_kind == "group" and not self._view.traits.can.create_groups,
                f"there is no group {name!r}, and groups cannot be created",
            ),
            (not name.strip(), f"{name!r} is no name for a {rule.entitlement_kind}"),
            (
                computed and name.startswith("[") and name.endswith("]"),
                f"{name!r} is the text of a list: give the list itself, or split the text",
            ),
            (near, f"{name!r} differs by case or space alone from the {rule.entitlement_kind} {near[0]!r}" if near else ""),
        )
        return next((sentence for so, sentence in cases if so), "")


class _RuleEvaluation:
    """One target's rules, as they are followed one by one."""

    def __init__(self, store: Store, view: TargetContext, elsewhere: Elsewhere) -> None:
        self._store, self._view, self._elsewhere = store, view, elsewhere
        self.named = _NamedEntitlements(store, view)
        self._rules_naming: set[str] = set()
        """The groups, apps and roles by id that rules name and that exist."""
        self._computes_groups = view.mapping.computes_groups
        self.fully_managed: list[str] = []
        """The ids of the groups, apps and roles whose members are those that rules grant, and no others."""

    def follow(self, name: str, rule: EntitlementRule) -> Iterable[Finding]:
        with self._store.schemas.step():
            if isinstance(rule, GroupRule) and rule.group_expression:
                yield from self._follow_computed(name, rule)
            else:
                yield from self._follow_named(name, rule)

    def _follow_named(self, name: str, rule: EntitlementRule) -> Iterable[Finding]:
        found = self.named.use(name, rule, rule.named)
        if isinstance(found, tuple):
            self._store.do("add_unevaluated_rule", rule=name, entitlement_id="")
            yield self._finding(name, rule.entitlement_kind, found, "its memberships are unchanged")
            return
        self._rules_naming.add(found.id)
        self._store.relations.derive("stated_grant", "identity", {"granted": rule.when}, kept=["anchor"])
        if self._store.value("condition_without_result"):
            self._store.do("add_unevaluated_rule", rule=name, entitlement_id=found.id)
            yield self._without_result(name, f"its condition `{rule.when}` has no result for any person")
            return
        yield from self._look_elsewhere(name, rule)
        self._store.do("take_narrowed_grants")
        self._store.do("add_named_grants", rule=name, entitlement_id=found.id)
        if rule.if_member_of:
            self._store.do("add_named_conditional_grants", "add_named_undecided_grants", rule=name, entitlement_id=found.id)

    def _follow_computed(self, name: str, rule: GroupRule) -> Iterable[Finding]:
        columns = {"granted": rule.when, "group_name": rule.group_expression}
        self._store.relations.derive("stated_grant", "identity", columns, kept=["anchor"])
        if self._store.value("condition_without_result") or self._store.value("name_without_result"):
            self._store.do("add_unevaluated_rule", rule=name, entitlement_id=None)
            yield self._without_result(name, f"`{rule.group_expression}` where `{rule.when}` has no result for any person")
            return
        yield from self._look_elsewhere(name, rule)
        if self._store.expressions.types("identity", [rule.group_expression])[0].endswith("]"):
            self._store.relations.derive_list("name_list", "identity", "anchor", [rule.group_expression])
            self._store.do("spread_name_list", blanks=BLANKS)
        else:
            self._store.do("take_narrowed_grants")
            if rule.rename:
                self.named.rename(self._store, name)
        unknown = self._store.rows("unknown_group_names")
        tally = Counter(alike(group_name) for group_name, _ in unknown)
        for group_name, people in unknown:
            if tally[alike(group_name)] > 1 and rule.create:
                others = [f"{other!r}" for other, _ in unknown if other != group_name and alike(other) == alike(group_name)]
                why: Entitlement | Why = (
                    FindingKind.ENTITLEMENT_UNKNOWN,
                    f"{group_name!r} and {', '.join(others)} differ by case or space alone",
                )
            else:
                why = self.named.use(name, rule, group_name)
            if isinstance(why, tuple):
                yield self._finding(name, "group", why, f"{number_of(people, 'person', 'people')} should hold it")
        self._store.do("add_unevaluated_names", "add_computed_grants", "use_computed_names", rule=name)
        if rule.if_member_of:
            self._store.do("add_computed_conditional_grants", "add_computed_undecided_grants", rule=name)

    def _look_elsewhere(self, name: str, rule: EntitlementRule) -> Iterable[Finding]:
        """Narrows the rule's results to those who are in a group of another target, and says of whom that cannot be said."""
        if not rule.if_member_of:
            self._store.do("take_stated_grants")
            return
        asked = ask_elsewhere(self._store, rule.if_member_of, self._elsewhere)
        self._store.do("judge_elsewhere", doubtful=bool(asked.unknown))
        count, first = self._store.rows("people_in_doubt")[0]
        if asked.unknown:
            nobody = "only members of its other groups get it" if asked.partly else "no person gets it by this rule"
            message = (
                f"{name} cannot be evaluated: {asked.unknown}. People who hold what it grants in {self._view.name} keep it, and {nobody}."
            )
            yield self._told(FindingKind.ENTITLEMENT_UNKNOWN, Severity.ATTENTION, message)
        elif count:
            more = f" and {count - len(first):,} more" if count > len(first) else ""
            message = (
                f"What {name} grants in {self._view.name} rests on groups of {', '.join(rule.if_member_of)}, where something about "
                f"{', '.join(named(*each) for each in first)}{more} is to be decided first. Until then they keep what they have by it, and get nothing."
            )
            yield self._told(FindingKind.POLICY, Severity.NOTE, message)

    def _told(self, kind: FindingKind, severity: Severity, message: str) -> Finding:
        return Finding(kind=kind, severity=severity, target=self._view.name, message=message)

    def manage(self, setting: str, kind: str, name: str) -> Iterable[Finding]:
        found = self.named.known.use(kind, name, setting)
        if isinstance(found, tuple):
            yield self._finding(setting, kind, found, "no person loses it")
        elif found.id in self._rules_naming or (kind == "group" and self._computes_groups):
            # A rule that grants it to nobody any more empties it, under the guard of the group: everybody may have moved on.
            self.fully_managed.append(found.id)
        else:
            sentence = f"no rule names the {kind} {spoken(name)}"
            yield self._finding(setting, kind, (FindingKind.ENTITLEMENT_UNKNOWN, sentence), "its members stay as they are, leavers too")

    def _without_result(self, rule: str, sentence: str) -> Finding:
        return self._told(
            FindingKind.ENTITLEMENT_UNKNOWN,
            Severity.ATTENTION,
            f"{rule} cannot be evaluated: {sentence}. No active person gains or loses anything by it in {self._view.name}. "
            "Check whether the sources still state what it reads.",
        )

    def _finding(self, rule: str, entitlement: str, why: Why, effect: str) -> Finding:
        kind, sentence = why
        return Finding(
            kind=kind,
            severity=Severity.ATTENTION,
            target=self._view.name,
            message=f"{rule} cannot be evaluated: {sentence} in {self._view.name}; {effect}. Correct the {entitlement}, or the rule.",
        )


def _creation(view: TargetContext, name: str, rule_name: str, rule: GroupRule) -> Operation:
    described = {"description": rule.description} if rule.description else {}
    return group_operation(
        view.name,
        Verb.CREATE_GROUP,
        id_=operation_id(view.name, Verb.CREATE_GROUP, name),
        name=name,
        after={"name": name, **described},
        because=Because(
            situation=Situation.ABSENT,
            rule=view.rule(rule_name),
            detail=f"There is no group {name!r}, and {rule_name} says create = true.",
        ),
    )


def _inherited(store: Store, view: TargetContext) -> Iterable[Finding]:
    for kind, name, members, people, through in store.rows("inherited_members", target=view.name):
        more = f" and {members - len(people):,} more" if members > len(people) else ""
        yield Finding(
            kind=FindingKind.ENTITLEMENT_READ_ONLY,
            severity=Severity.NOTE,
            target=view.name,
            message=(
                f"The {kind} {name!r} is fully managed, and through {', '.join(through)} it comes to {', '.join(people)}{more}, "
                "to whom no rule grants it. That cannot be taken here: it stays until it ends there."
            ),
        )
