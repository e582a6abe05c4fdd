"""Which rules grant which groups to whom, which groups are to be created for that, and which rules cannot be followed.

Leaves the working tables `known_entitlement`, `grant_row`, `grantee`, `fully_managed` and `frozen_group`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mappings.rules import GroupRule
from reconcile.amounts import number_of
from reconcile.decision import TargetView, operation_id
from reconcile.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb
from reconcile.store import Store

NEW = "\x1f"
"""What the id of a group begins with that this plan creates; no system gives such an id. Its name follows."""

Why = tuple[FindingKind, str]


@dataclass(frozen=True, slots=True)
class Grants:
    """What following the rules of one target leads to, beside the working tables."""

    findings: tuple[Finding, ...]
    new_groups: tuple[Operation, ...]
    """Whether somebody is to be in them is not asked."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of the target."""

    id: str
    kind: str
    name: str
    read_only: str
    privileged: bool


def follow_rules(store: Store, view: TargetView) -> Grants:
    """Follows every rule of the target that was correlated last."""
    store.do("make_known_entitlements", "make_known_groups", "make_grants", "make_managed_groups", "make_frozen_groups", target=view.name)
    following = _Following(store, view)
    # Rules that create groups go first: what they create is there for the others.
    rules = sorted(view.mapping.entitlement_rules().items(), key=lambda named: not named[1].create)
    findings = [finding for name, rule in rules for finding in following.follow(name, rule)]
    findings += [finding for name in view.mapping.fully_managed for finding in following.manage(name)]
    store.do("make_grantees")
    return Grants((*findings, *_inherited(store, view)), tuple(following.new_groups))


class _Following:
    """One target's rules, as they are followed one by one."""

    def __init__(self, store: Store, view: TargetView) -> None:
        self._store, self._view = store, view
        self._groups = [group for group in (_Group(*row) for row in store.rows("entitlements")) if group.kind == "group"]
        self.new_groups: list[Operation] = []

    def follow(self, name: str, rule: GroupRule) -> Iterable[Finding]:
        self._store.do("drop_grant_results")
        if rule.group_expression:
            yield from self._follow_computed(name, rule)
            return
        group = self._find(rule.group)
        if isinstance(group, tuple) and rule.create and not self._named(rule.group):
            group = self._create(rule.group, name, rule)
        if isinstance(group, tuple):
            yield self._finding(name, group, "nobody gets it or loses it")
            return
        self._store.derive("grant_results", "identity", {"granted": rule.when}, kept=["anchor"])
        self._store.do("add_named_grants", rule=name, entitlement_id=group.id)

    def _follow_computed(self, name: str, rule: GroupRule) -> Iterable[Finding]:
        columns = {"granted": rule.when, "group_name": rule.group_expression}
        self._store.derive("grant_results", "identity", columns, kept=["anchor"])
        unknown = self._store.rows("unknown_group_names")
        alike = Counter(_alike(group_name) for group_name, _ in unknown)
        for group_name, people in unknown:
            if alike[_alike(group_name)] > 1 and rule.create:
                others = [f"{other!r}" for other, _ in unknown if other != group_name and _alike(other) == _alike(group_name)]
                why: _Group | Why = FindingKind.ENTITLEMENT_UNKNOWN, f"{group_name!r} and {', '.join(others)} differ by case or space alone"
            elif rule.create and not self._named(group_name):
                why = self._create(group_name, name, rule)
            else:
                why = self._why_unusable(group_name)
            if isinstance(why, tuple):
                yield self._finding(name, why, f"{number_of(people, 'person', 'people')} should hold it")
        self._store.do("make_known_groups")
        self._store.do("add_computed_grants", rule=name)

    def manage(self, name: str) -> Iterable[Finding]:
        group = self._find(name)
        if isinstance(group, tuple):
            yield self._finding("fully_managed", group, "nobody loses it")
        elif not self._store.value("grants_of", entitlement_id=group.id):
            # A rule that grants a group to nobody is a mistake more often than a wish: it would empty the group.
            sentence = f"no rule grants the group {name!r} to anybody"
            yield self._finding("fully_managed", (FindingKind.ENTITLEMENT_UNKNOWN, sentence), "its members stay as they are")
        else:
            self._store.do("add_managed_group", entitlement_id=group.id)

    def _named(self, name: str) -> list[_Group]:
        return [group for group in self._groups if group.name == name]

    def _find(self, name: str) -> _Group | Why:
        named = self._named(name)
        return named[0] if len(named) == 1 and not named[0].read_only else self._why_unusable(name)

    def _why_unusable(self, name: str) -> Why:
        named = self._named(name)
        if not named:
            return FindingKind.ENTITLEMENT_UNKNOWN, f"there is no group {name!r}"
        if len(named) > 1:
            return FindingKind.ENTITLEMENT_UNKNOWN, f"{len(named)} groups are named {name!r}"
        return FindingKind.ENTITLEMENT_READ_ONLY, f"the group {name!r} cannot be changed: {named[0].read_only}"

    def _create(self, name: str, rule_name: str, rule: GroupRule) -> _Group | Why:
        """The new group, or why there will be none."""
        if not self._view.traits.can.create_groups:
            return FindingKind.ENTITLEMENT_UNKNOWN, f"there is no group {name!r}, and groups cannot be created"
        if not name.strip():
            return FindingKind.ENTITLEMENT_UNKNOWN, f"{name!r} is no name for a group"
        if near := sorted(group.name for group in self._groups if _alike(group.name) == _alike(name)):
            return FindingKind.ENTITLEMENT_UNKNOWN, f"{name!r} differs by case or space alone from the group {near[0]!r}"
        group = _Group(NEW + name, "group", name, "", privileged=False)
        self._groups.append(group)
        self._store.do("add_new_group", id=group.id, name=name)
        self.new_groups.append(_creation(self._view, name, rule_name, rule))
        return group

    def _finding(self, rule: str, why: Why, effect: str) -> Finding:
        kind, sentence = why
        return Finding(
            kind=kind,
            severity=Severity.ATTENTION,
            target=self._view.name,
            message=f"{rule} cannot be followed: {sentence} in {self._view.name}; {effect}. Correct the group, or the rule.",
        )


def _creation(view: TargetView, name: str, rule_name: str, rule: GroupRule) -> Operation:
    described = {"description": rule.description} if rule.description else {}
    return Operation(
        id=operation_id(view.name, Verb.CREATE_GROUP, name),
        target=view.name,
        verb=Verb.CREATE_GROUP,
        anchor="",
        account_id="",
        who="",
        name="",
        entitlement=name,
        after={"name": name, **described},
        because=Because(
            situation=Situation.ABSENT,
            rule=view.rule(rule_name),
            detail=f"There is no group {name!r}, and {rule_name} says create = true.",
        ),
    )


def _inherited(store: Store, view: TargetView) -> Iterable[Finding]:
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


def _alike(name: str) -> str:
    """What two names have in common that differ by case or space alone."""
    return "".join(name.casefold().split())
