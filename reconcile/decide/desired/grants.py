"""Evaluates entitlement rules: grants by person, groups to create for them, and rules that cannot be evaluated.

Leaves the working tables `entitlement`, `grant_row`, `grantee`, `fully_managed` and `frozen_group`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from connectors.contract import ROLE
from connectors.quoting import quoted
from mappings.rules import EntitlementRule, GroupRule
from reconcile.decide.desired.entitlement_names import Entitlement, Why, alike, difference, named_by, prepare_names, spoken
from reconcile.decide.desired.named_entitlements import NamedEntitlements, creates
from reconcile.decide.desired.pushed_groups import LeftBehind, left_behind, push_findings
from reconcile.decide.desired.rule_findings import undecided_people, without_meaning, without_members, without_result
from reconcile.decide.fragment import TargetContext
from reconcile.decide.matching.member_rules import Elsewhere, ask_elsewhere
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Severity
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
    rules = sorted(view.mapping.entitlement_rules().items(), key=lambda named: not creates(named[1]))
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


class _RuleEvaluation:
    """One target's rules, as they are followed one by one."""

    def __init__(self, store: Store, view: TargetContext, elsewhere: Elsewhere) -> None:
        self._store, self._view, self._elsewhere = store, view, elsewhere
        self.named = NamedEntitlements(store, view)
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
            yield without_meaning(self._view, name, rule.entitlement_kind, found, "its memberships are unchanged")
            return
        self._rules_naming.add(found.id)
        self._store.relations.derive("stated_grant", "identity", {"granted": rule.when}, kept=["anchor"])
        if self._store.value("condition_without_result"):
            self._store.do("add_unevaluated_rule", rule=name, entitlement_id=found.id)
            yield without_result(self._view, name, f"its condition `{rule.when}` has no result for any person")
            return
        yield from _narrowed(self._store, self._view, self._elsewhere, name, rule)
        self._store.do("take_narrowed_grants")
        self._store.do("add_named_grants", rule=name, entitlement_id=found.id)
        if rule.if_member_of:
            self._store.do("add_named_conditional_grants", "add_named_undecided_grants", rule=name, entitlement_id=found.id)

    def _follow_computed(self, name: str, rule: GroupRule) -> Iterable[Finding]:
        columns = {"granted": rule.when, "group_name": rule.group_expression}
        self._store.relations.derive("stated_grant", "identity", columns, kept=["anchor"])
        if self._store.value("condition_without_result") or self._store.value("name_without_result"):
            self._store.do("add_unevaluated_rule", rule=name, entitlement_id=None)
            yield without_result(self._view, name, f"`{rule.group_expression}` where `{rule.when}` has no result for any person")
            return
        yield from _narrowed(self._store, self._view, self._elsewhere, name, rule)
        if self._store.expressions.types("identity", [rule.group_expression])[0].endswith("]"):
            self._store.relations.derive_list("name_list", "identity", "anchor", [rule.group_expression])
            self._store.do("spread_name_list", blanks=BLANKS)
        else:
            self._store.do("take_narrowed_grants")
            if rule.rename:
                self.named.rename(self._store, name)
        with self.named.known.gathering():
            yield from self._use_computed_names(name, rule)
        self._store.do("add_unevaluated_names", "add_computed_grants", "use_computed_names", rule=name)
        if rule.if_member_of:
            self._store.do("add_computed_conditional_grants", "add_computed_undecided_grants", rule=name)

    def _use_computed_names(self, name: str, rule: GroupRule) -> Iterable[Finding]:
        """Resolves the names that a rule computes and no group has yet; a finding for each that stays without a group."""
        unknown = self._store.rows("unknown_group_names")
        spellings: dict[str, list[str]] = defaultdict(list)
        for group_name, _ in unknown:
            spellings[alike(group_name)].append(group_name)
        for group_name, people in unknown:
            if len(same := spellings[alike(group_name)]) > 1 and rule.create:
                others = [other for other in same if other != group_name]
                why: Entitlement | Why = (
                    FindingKind.ENTITLEMENT_UNKNOWN,
                    f"{quoted(group_name)} and {', '.join(map(quoted, others))} differ {difference(group_name, others[0])}",
                )
            else:
                why = self.named.use(name, rule, group_name)
            if isinstance(why, tuple):
                effect = f"{number_of(people, 'person', 'people')} should hold it, and {'keeps' if people == 1 else 'keep'} what the rule gave before"
                yield without_meaning(self._view, name, "group", why, effect)

    def manage(self, setting: str, kind: str, name: str) -> Iterable[Finding]:
        found = self.named.known.use(kind, name, setting)
        if isinstance(found, tuple):
            yield without_meaning(self._view, setting, kind, found, "no person loses it")
        elif found.id in self._rules_naming or (kind == "group" and self._computes_groups):
            # A rule that grants it to nobody any more empties it, under the guard of the group: everybody may have moved on.
            self.fully_managed.append(found.id)
        else:
            sentence = f"no rule names the {kind} {spoken(name)}"
            yield without_meaning(
                self._view, setting, kind, (FindingKind.ENTITLEMENT_UNKNOWN, sentence), "its members stay as they are, leavers too"
            )


def _narrowed(store: Store, view: TargetContext, elsewhere: Elsewhere, name: str, rule: EntitlementRule) -> Iterable[Finding]:
    """Narrows the results of a rule to those who are in a group of another target, and says of whom that cannot be said."""
    if not rule.if_member_of:
        store.do("take_stated_grants")
        return
    asked = ask_elsewhere(store, rule.if_member_of, elsewhere)
    store.do("judge_elsewhere", doubtful=bool(asked.unknown))
    count, first = store.rows("people_in_doubt")[0]
    if asked.unknown:
        yield without_members(view, name, asked)
    elif count:
        yield undecided_people(view, name, rule, count, first)


def _inherited(store: Store, view: TargetContext) -> Iterable[Finding]:
    for kind, name, members, people, through in store.rows("inherited_members", target=view.name):
        more = f" and {members - len(people):,} more" if members > len(people) else ""
        yield Finding(
            kind=FindingKind.ENTITLEMENT_READ_ONLY,
            severity=Severity.NOTE,
            target=view.name,
            message=(
                f"The {kind} {quoted(name)} is fully managed, and through {', '.join(through)} it comes to {', '.join(people)}{more}, "
                "to whom no rule grants it. That cannot be taken here: it stays until it ends there."
            ),
        )
