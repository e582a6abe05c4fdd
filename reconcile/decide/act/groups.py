"""Plans what a request asks of groups themselves: creation, another name or description, deletion."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.contract import EntitlementKind, Value
from connectors.group_changes import DESCRIPTION, NAME
from connectors.quoting import quoted
from mappings.pushed import PushedGroup
from reconcile.decide.act.accounts import AskedAccount, Entitled, Memberships, accounts_asked_for, entitlements_called, memberships_of
from reconcile.decide.act.builder import Builder
from reconcile.decide.act.members import membership_step
from reconcile.decide.act.request import RequestKind
from reconcile.decide.fragment import listed, operation_id
from reconcile.decide.group_operation import group_operation
from reconcile.forms import plain
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Situation, Verb
from reconcile.store.connection import Store

SHOWN = 5
"""Number of members that a finding names."""


@dataclass(frozen=True, slots=True)
class GroupSteps:
    """The steps of one request on the groups of one target."""

    store: Store
    build: Builder

    def of(self, group: Entitled) -> Iterator[Operation | Finding]:
        """Yields the operations on a group that exists, and the notes."""
        request = self.build.request
        if request.kind is RequestKind.DELETE_GROUP:
            yield from self._deleted(group)
        elif request.kind is RequestKind.DESCRIBE_GROUP:
            yield self._updated(group, DESCRIPTION, self.store.value("description_of_group", target=self._target, group_id=group.id))
        else:
            yield self._updated(group, NAME, group.name)

    def created(self, name: str) -> Operation | Finding:
        """The creation of a group, or a note where there is one."""
        if found := self._called(name):
            return self._note(
                f"{self._target} has a group {quoted(found[0].name)} already ({found[0].id}): nothing is planned.", Severity.NOTE
            )
        if why := _unfit(name):
            return self._note(f"{quoted(name)} is no name for a group of {self._target}: {why}.")
        if not self.build.view.traits.can.create_groups:
            return self._note(f"{self._target} cannot create groups. Create {quoted(name)} there by hand.")
        return replace(
            self._operation(Verb.CREATE_GROUP, Entitled("", "group", name, "", privileged=False), {}, {DESCRIPTION: ""}), who=name
        )

    def _updated(self, group: Entitled, attribute: str, held: str) -> Operation | Finding:
        """The new name or description of a group, or a note where it has it or cannot get it."""
        value = self.build.request.to
        if attribute not in self.build.view.traits.can.group_attributes:
            return self._note(f"{self._target} does not change the {attribute} of groups: {quoted(group.name)} stays as it is.")
        if group.read_only:
            return self._note(f"{group.name}: it cannot be changed there ({group.read_only}).")
        if held == value:
            return self._note(f"The {attribute} of {quoted(group.name)} is {quoted(value)} already: nothing is planned.", Severity.NOTE)
        taken = [each for each in self._called(value) if each.id != group.id] if attribute == NAME else []
        if taken:
            return self._note(
                f"{self._target} has a group {quoted(taken[0].name)} already ({taken[0].id}): {quoted(group.name)} keeps its name."
            )
        if attribute == NAME and (why := _unfit(value)):
            return self._note(f"{quoted(value)} is no name for a group of {self._target}: {why}.")
        then = self._next_run(group, "goes on to mean it. Change the name in the mapping") if attribute == NAME else ""
        # A rule that names the group by its old name goes on to mean it.
        return replace(self._operation(Verb.UPDATE_GROUP, group, {attribute: held}, {attribute: value}, then), ours=False)

    def _deleted(self, group: Entitled) -> Iterator[Operation | Finding]:
        """The removals of all members of a group and its deletion, or a note on what keeps it."""
        if why := self._kept(group):
            yield self._note(why)
            return
        members = self.store.rows("members_of_group", target=self._target, group_id=group.id)
        accounts = accounts_asked_for(self.store, (), [account_id for account_id, _ in members])
        if stay := sorted(
            {account_id for account_id, direct in members if not direct}
            | ({each[0] for each in members} - {each.account_id for each in accounts})
        ):
            yield self._note(
                f"{listed(stay[:SHOWN], len(stay))} cannot be taken out of {quoted(group.name)} by itself, being there through another group or unknown: "
                "the group is not deleted."
            )
            return
        held = memberships_of(self.store, self._target, accounts, group.id)
        steps = [_taken_out(self.build, each, group, held) for each in accounts]
        yield from steps
        if all(isinstance(each, Operation) for each in steps):
            needed = tuple(sorted(each.id for each in steps if isinstance(each, Operation)))
            granting = {rule for (_, granted), rules in held.rules.items() if granted == group.id for rule in rules}
            then = self._next_run(group, "finds no such group, or creates it again. Take the rule out first", granting)
            yield replace(self._operation(Verb.DELETE_GROUP, group, {NAME: group.name}, {}, then), depends_on=needed)

    def _kept(self, group: Entitled) -> str:
        """The reason why a group is not deleted; empty where it can be."""
        if not self.build.view.traits.can.delete_groups:
            return f"{self._target} does not delete groups: {quoted(group.name)} stays."
        if group.read_only:
            return f"{group.name}: it cannot be deleted there ({group.read_only})."
        if self.store.value("is_frozen_group", group_id=group.id):
            return (
                f"The members of {quoted(group.name)} were not read completely: it is not deleted. Run `reconcile extract`, then ask again."
            )
        return ""

    def _next_run(self, group: Entitled, otherwise: str, granting: Collection[str] = ()) -> str:
        """A sentence about the next run after another name or a deletion; empty where no rule names the group, and none of those `granting` it is known."""
        named = self.build.view.mapping.entitlement_rules().items()
        rules = sorted({*granting, *(name for name, rule in named if rule.named in (group.name, f"id:{group.id}"))})
        if not rules:
            return ""
        pushed = any(isinstance(rule, PushedGroup) and rule.named == group.name for rule in self.build.view.mapping.groups.values())
        does = "takes this back: the group is pushed from another system. Change it there" if pushed else otherwise
        return f"The next run follows {', '.join(rules)}, which {'names' if len(rules) == 1 else 'name'} it, and {does}."

    def _called(self, name: str) -> Sequence[Entitled]:
        return entitlements_called(self.store, self._target, EntitlementKind.GROUP.value, name)

    def _operation(self, verb: Verb, group: Entitled, before: Mapping[str, Value], after: Mapping[str, Value], then: str = "") -> Operation:
        made = group_operation(
            self._target,
            verb,
            id_=operation_id(self._target, verb, group.id or group.name, f"{self.build.intention} {after}"),
            group_id=group.id,
            name=group.name,
            before=before,
            after=after,
            because=self.build.because(Situation.UNASSIGNED, then),
        )
        return replace(made, privileged=group.privileged)

    def _note(self, message: str, severity: Severity = Severity.ATTENTION) -> Finding:
        return Finding(kind=FindingKind.NOT_ACTED, severity=severity, target=self._target, message=message)

    @property
    def _target(self) -> str:
        return self.build.view.name


def _taken_out(build: Builder, account: AskedAccount, group: Entitled, held: Memberships) -> Operation | Finding:
    """The removal of a member of a group that is deleted. No run gives it back: what comes next is said of the deletion."""
    step = membership_step(build, account, Verb.REMOVE_MEMBER, group, held)
    return replace(step, because=build.because(account.situation, "")) if isinstance(step, Operation) else step


def _unfit(name: str) -> str:
    """The reason why a group cannot be named so; empty where it can."""
    if not plain(name):
        return "it shows nothing"
    return "" if name.isprintable() else "it has a character that is not seen"
