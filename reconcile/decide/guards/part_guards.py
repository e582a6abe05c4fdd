"""Guards that look at one group, one attribute, one department at a time: a small part is not lost in a large whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from reconcile.decide.guards.guarded_target import GuardedTarget, share_of_all, together
from reconcile.decide.guards.verdict import GuardPart, over_limit
from reconcile.plan.impact import NO_BULK, BulkCount, number_of
from reconcile.plan.model import CHANGING, LOSING, Operation, Verb


def groups(target: GuardedTarget, verb: Verb) -> list[GuardPart]:
    """A part for each group, app or role with members whose memberships change by a verb."""
    changed: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in target.operations[verb]:
        if operation.entitlement_id in target.facts.members:
            changed[operation.entitlement_id, operation.entitlement].append(operation)
    bulk = target.facts.bulk_by_group if verb is Verb.ADD_MEMBER else {}
    return [_group(target, verb, each, changed[each], bulk.get(each, NO_BULK)) for each in dict.fromkeys((*changed, *bulk))]


def _group(target: GuardedTarget, verb: Verb, group: tuple[str, str], concerned: Sequence[Operation], bulk: BulkCount) -> GuardPart:
    id_, name = group[0], group[1] or group[0]
    members = target.facts.members[id_]
    earlier = target.earlier(f"groups.{verb}", concerned, lambda each: each.verb is verb and each.entitlement_id == id_, bulk)
    size = together(concerned, earlier, members, bulk)
    held = number_of(members, "member")
    if verb is Verb.REMOVE_MEMBER:
        numbers = f"{size.accounts:,} of the {held} of {name} would be removed in {target.name} ({size.percent})"
    else:
        numbers = f"{number_of(size.accounts, 'account')} would be added to {name} in {target.name}, which has {held} ({size.percent})"
    over = over_limit(size, target.guards.groups.of(verb))
    return GuardPart(name=name, size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier, bulk=bulk)


def attributes(target: GuardedTarget) -> list[GuardPart]:
    """A part for each attribute that changes."""
    changed: dict[str, list[Operation]] = defaultdict(list)
    for operation in (*target.operations[Verb.RENAME], *target.operations[Verb.UPDATE]):
        for name in operation.after:
            changed[name].append(operation)
    return [_attribute(target, name, concerned) for name, concerned in changed.items()]


def _attribute(target: GuardedTarget, name: str, concerned: Sequence[Operation]) -> GuardPart:
    earlier = target.earlier("attributes", concerned, lambda each: each.verb in CHANGING and name in each.after)
    limit = target.guards.attribute_limit(name)
    size = target.size(limit, concerned, earlier)
    numbers = f"{name} would change for {number_of(size.accounts, 'account')} in {target.name} ({share_of_all(size)})"
    over = over_limit(size, limit)
    return GuardPart(name=name, size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)


def dimension(target: GuardedTarget, name: str) -> list[GuardPart]:
    """A part for each value of an identity attribute, such as a department, whose people lose their account."""
    of = target.facts.dimensions[name].of
    losing: dict[str, list[Operation]] = defaultdict(list)
    for operation in target.ending():
        if value := of.get(operation.anchor):
            losing[value].append(operation)
    return [_value(target, name, value, concerned) for value, concerned in losing.items()]


def _value(target: GuardedTarget, name: str, value: str, concerned: Sequence[Operation]) -> GuardPart:
    known = target.facts.dimensions[name]
    earlier = target.earlier(f"dimensions.{name}", concerned, lambda each: each.verb in LOSING and known.of.get(each.anchor) == value)
    size = together(concerned, earlier, known.sizes.get(value, 0))
    numbers = (
        f"{size.accounts:,} of {size.population:,} people with {name} {value!r} would lose their account in {target.name} ({size.percent})"
    )
    over = over_limit(size, target.guards.dimensions[name].loss())
    return GuardPart(name=value, size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)
