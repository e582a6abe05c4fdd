"""Finds out which groups, apps and roles the names in rules mean, and creates or renames groups where rules ask for it."""

from __future__ import annotations

from unicodedata import category

from connectors.contract import ROLE
from connectors.group_changes import NAME
from connectors.quoting import quoted
from mappings.push import BY_ID
from mappings.pushed import PushedGroup
from mappings.rules import BY_KIND, EntitlementRule, GroupRule
from reconcile.decide.desired.entitlement_names import NEW, Entitlement, EntitlementNames, Why, difference
from reconcile.decide.desired.group_renames import GroupRename, group_renames, renaming
from reconcile.decide.desired.pushed_groups import PushedBefore
from reconcile.decide.fragment import TargetContext, operation_id
from reconcile.decide.group_operation import group_operation
from reconcile.forms import plain
from reconcile.plan.model import Because, FindingKind, Operation, Situation, Verb
from reconcile.store.connection import Store


class NamedEntitlements:
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
                why = f"The group {quoted(rule.of)} of {', '.join(rule.if_member_of)} that it is pushed from is named so."
                self.group_changes.append(renaming(self._view, GroupRename(before.id, before.name, name, why), rule_name))
        if isinstance(found, Entitlement) and not found.id.startswith(NEW):
            self._pushed_before.remember(rule.key, found.id, rule_name)
        return found

    def _is_named(self, name: str) -> bool:
        """Whether a rule names a group so: it is that rule's, and another that had it before parts from it."""
        return any(each.named == name for each in self._view.mapping.groups.values())

    def _named(self, rule_name: str, rule: EntitlementRule, name: str) -> Entitlement | Why:
        if isinstance(rule, GroupRule) and rule.group_expression and name.startswith((BY_ID, BY_KIND)):
            return FindingKind.ENTITLEMENT_UNKNOWN, f"there is no group {quoted(name)}"
        return (
            self.known.use(rule.entitlement_kind, name, rule_name)
            if self.known.exists(rule.entitlement_kind, name)
            else self._make(rule_name, rule, name)
        )

    def _make(self, rule_name: str, rule: EntitlementRule, name: str) -> Entitlement | Why:
        """Creates a group that the rule creates, or a role that no account has yet; else returns the reason why not."""
        if rule.entitlement_kind != "role" and not creates(rule):
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
            if not set(self.known.like("group", each.new_name)) - {each.name} and plain(each.new_name):
                self.known.rename(each.id, each.new_name)
                self.group_changes.append(renaming(self._view, each, rule_name))

    def _unfit(self, rule: EntitlementRule, name: str) -> str:
        """The reason why a name cannot be created; empty where it can."""
        near = self.known.like(rule.entitlement_kind, name)
        computed = isinstance(rule, GroupRule) and rule.group_expression
        cases = (
            (
                rule.entitlement_kind == "group" and not self._view.traits.can.create_groups,
                f"there is no group {quoted(name)}, and groups cannot be created",
            ),
            (not plain(name), f"{quoted(name)} is no name for a {rule.entitlement_kind}"),
            (
                any(map(_is_control, name)),
                f"{quoted(name)} has a control character or a line break: it is no name for a {rule.entitlement_kind}",
            ),
            (
                computed and name.startswith("[") and name.endswith("]"),
                f"{quoted(name)} is the text of a list: give the list itself, or split the text",
            ),
            (
                near,
                f"{quoted(name)} differs {difference(name, near[0])} from the {rule.entitlement_kind} {quoted(near[0])}" if near else "",
            ),
        )
        return next((sentence for so, sentence in cases if so), "")


def _is_control(character: str) -> bool:
    return category(character) == "Cc"


def creates(rule: EntitlementRule) -> bool:
    """Whether a rule creates the groups that it names."""
    return isinstance(rule, GroupRule) and rule.create


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
            detail=f"There is no group {quoted(name)}, {_asked(rule_name, rule)}.",
        ),
    )


def _asked(rule_name: str, rule: GroupRule) -> str:
    """The words for what asks for a group that does not exist: a push creates without being told so."""
    if isinstance(rule, PushedGroup):
        return f"which the group {quoted(rule.of)} of {', '.join(rule.if_member_of)} is pushed to by {rule_name}"
    return f"and {rule_name} says create = true"
