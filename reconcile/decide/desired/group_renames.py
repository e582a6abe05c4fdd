"""Renames of groups whose people all get another name from the rule that put them there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mappings.rules import TargetMapping
from reconcile.decide.fragment import TargetContext, operation_id
from reconcile.decide.group_operation import group_operation
from reconcile.plan.impact import number_of
from reconcile.plan.model import Because, Operation, Situation, Verb
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class GroupRename:
    """A group that gets the name that its people get."""

    id: str
    name: str
    new_name: str
    why: str
    """Sentence with the proof."""


def group_renames(store: Store, view: TargetContext, rule: str) -> list[GroupRename]:
    """Returns the renames of one rule, from the working table `grant_results`."""
    named = sorted(set(_named(view.mapping)))
    return [
        GroupRename(
            id_,
            name,
            new_name,
            f"{rule} put {number_of(going, 'person', 'people')} into the group, and gives all of them the new name; rename = true.",
        )
        for id_, name, new_name, going in store.rows("group_renames", target=view.name, rule=rule, named=named)
    ]


def _named(mapping: TargetMapping) -> Iterator[str]:
    """Yields the names, and ids and kinds with names, of the groups that the mapping names."""
    yield from (rule.named for rule in mapping.groups.values() if rule.named)
    yield from (name for _, kind, name in mapping.managed_entitlements() if kind == "group")


def renaming(view: TargetContext, rename: GroupRename, rule_name: str) -> Operation:
    """The operation that renames a group."""
    return group_operation(
        view.name,
        Verb.UPDATE_GROUP,
        id_=operation_id(view.name, Verb.UPDATE_GROUP, rename.id, rename.new_name),
        group_id=rename.id,
        name=rename.name,
        before={"name": rename.name},
        after={"name": rename.new_name},
        because=Because(situation=Situation.CONFIRMED, rule=view.rule(rule_name), detail=rename.why),
    )


def named_as_they_stay(planned: Iterable[Operation], kept: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations that are kept of those that were planned. A group whose renaming is not among them goes by the name that it has."""
    stay = tuple(kept)
    names = {each.entitlement_id: each.entitlement for each in planned if each.verb is Verb.UPDATE_GROUP}
    for each in stay if names else ():
        if each.verb is Verb.UPDATE_GROUP:
            names.pop(each.entitlement_id, None)
    if not names:
        return stay
    return tuple(replace(each, entitlement=names.get(each.entitlement_id, each.entitlement)) for each in stay)
