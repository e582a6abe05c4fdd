"""Groups that are pushed from another system: one rule each, made from the groups that the system has, and those whose source is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from connectors.quoting import quoted
from mappings.load import Mappings
from mappings.push import BY_ID, PUSHED, is_meant
from mappings.pushed import pushed_group
from mappings.rules import GroupRule, TargetMapping
from reconcile.decide.desired.entitlement_names import Entitlement, EntitlementNames
from reconcile.decide.fragment import TargetContext, operation_id
from reconcile.decide.group_operation import group_operation
from reconcile.plan.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb
from reconcile.store.connection import Store


def with_pushed_groups(store: Store, mappings: Mappings) -> Mappings:
    """The mappings with a rule for every group that is pushed."""
    return replace(mappings, targets=tuple(_expanded(store, mapping) if mapping.push else mapping for mapping in mappings.targets))


def _expanded(store: Store, mapping: TargetMapping) -> TargetMapping:
    rules: dict[str, GroupRule] = dict(mapping.groups)
    exact: list[str] = []
    for name, push in mapping.push.items():
        for id_, called in store.rows("groups_of_system", system=push.source):
            if push.includes(id_, called):
                made = pushed_group(push, id_, called)
                rules[f"push.{name}/{id_}"] = made
                exact += [made.group] if push.exact else []
    managed = (*mapping.fully_managed, *(name for name in dict.fromkeys(exact) if name not in mapping.fully_managed))
    return mapping.model_copy(update={"groups": rules, "fully_managed": managed})


def push_findings(store: Store, view: TargetContext) -> Iterator[Finding]:
    """Yields a finding for each entry of a push rule that is no group of its source."""
    for name, push in view.mapping.push.items():
        there = store.rows("groups_of_system", system=push.source)
        for entry in push.groups:
            if not any(is_meant(entry, id_, called) for id_, called in there):
                yield Finding(
                    kind=FindingKind.ENTITLEMENT_UNKNOWN,
                    severity=Severity.ATTENTION,
                    target=view.name,
                    message=f"push.{name}: no group of {push.source} is meant by {quoted(entry)}. Correct the entry, or leave it out.",
                )


class PushedBefore:
    """The target's groups that were pushed before, by the key of their source group."""

    def __init__(self, store: Store, target: str, names: EntitlementNames) -> None:
        self._store, self._target, self._names = store, target, names

    def group(self, key: str, rule: str) -> Entitlement | None:
        """The group that was pushed under a key, or, before the key is remembered, by its rule; None where there is none, or it is gone."""
        if self._names.exists("group", key):
            found = self._names.look("group", key, rule)
            return found if isinstance(found, Entitlement) else None
        given = self._given.get(rule, [])
        found = self._names.look("group", f"{BY_ID}{given[0]}", rule) if len(given) == 1 else ""
        return found if isinstance(found, Entitlement) else None

    def remember(self, key: str, id_: str, rule: str) -> None:
        """Remembers a group under the key that it is pushed by."""
        self._store.do("use_names", kinds=["group"], names=[key], entitlement_ids=[id_], users=[rule])

    @cached_property
    def _given(self) -> dict[str, list[str]]:
        given: dict[str, list[str]] = defaultdict(list)
        for rule, id_ in self._store.rows("groups_given_by_push", target=self._target):
            given[rule].append(id_)
        return given


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A pushed group whose source group is gone."""

    rule: str
    id: str
    name: str
    members: int
    exact: bool
    """Whether every member leaves it, also one that this job did not put there."""


def left_behind(store: Store, view: TargetContext, whole: Collection[str]) -> Sequence[LeftBehind]:
    """Returns the groups to delete: pushed by a rule with delete = true from a system of which every group was read (`whole`)."""
    return [
        LeftBehind(f"push.{name}", id_, called, members, push.exact)
        for name, push in view.mapping.push.items()
        if push.delete and push.source in whole
        for id_, called, members in store.rows("groups_left_behind", target=view.name, source=push.source, prefix=f"{PUSHED}{push.source}:")
    ]


def deletions(view: TargetContext, groups: Sequence[LeftBehind], operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yields the deletion of each group that the operations leave without members, after them."""
    removals: dict[str, list[str]] = {each.id: [] for each in groups}
    for operation in operations:
        if operation.verb is Verb.REMOVE_MEMBER and operation.entitlement_id in removals:
            removals[operation.entitlement_id].append(operation.id)
    for group in groups:
        if len(removals[group.id]) == group.members:
            yield _deletion(view, group, tuple(sorted(removals[group.id])))


def _deletion(view: TargetContext, group: LeftBehind, needed: tuple[str, ...]) -> Operation:
    return group_operation(
        view.name,
        Verb.DELETE_GROUP,
        id_=operation_id(view.name, Verb.DELETE_GROUP, group.id),
        group_id=group.id,
        name=group.name,
        before={"name": group.name},
        because=Because(
            situation=Situation.CONFIRMED,
            rule=view.rule(group.rule),
            detail="The group that it was pushed from is gone, and it has no members left; delete = true.",
        ),
        depends_on=needed,
    )
