"""Guards that look at one group, one attribute, one department at a time: a small part is not lost in a large whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from connectors.quoting import quoted
from reconcile.decide.guards.facts import Base
from reconcile.decide.guards.guarded_target import GuardedTarget, gained, of_those_before, share_of_all
from reconcile.decide.guards.verdict import GuardPart, over_limit
from reconcile.plan.earlier import Applied
from reconcile.plan.impact import NO_BULK, BulkCount, number_of
from reconcile.plan.model import CHANGING, LOSING, Operation, Verb


def groups(target: GuardedTarget, verb: Verb) -> list[GuardPart]:
    """A part for each group, app or role with members whose memberships change by a verb."""
    changed: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in target.operations[verb]:
        if operation.entitlement_id in target.facts.members:
            changed[operation.entitlement_id, operation.entitlement].append(operation)
    bulk = target.facts.bulk_by_group if verb is Verb.ADD_MEMBER else {}
    if verb is Verb.REMOVE_MEMBER:
        added = target.facts.added
        return [_losing_group(target, each, concerned, added) for each, concerned in changed.items()]
    return [_growing_group(target, each, changed[each], bulk.get(each, NO_BULK)) for each in dict.fromkeys((*changed, *bulk))]


def _losing_group(
    target: GuardedTarget, group: tuple[str, str], concerned: Sequence[Operation], added: Collection[tuple[str, str]]
) -> GuardPart:
    id_, name = group[0], group[1] or group[0]
    limit, members = target.guards.groups.of(Verb.REMOVE_MEMBER), target.facts.members[id_]
    earlier = _earlier(target, Verb.REMOVE_MEMBER, id_, concerned)
    base = Base(members, target.facts.all_members.get(id_, members))
    size = of_those_before(limit, concerned, earlier, base, lambda each: (each.account_id, id_) in added)
    numbers = (
        f"{size.accounts:,} of the {number_of(size.population, 'member')} of {name} would be removed in {target.name} ({size.percent})"
    )
    return GuardPart(name=name, size=size, over=over_limit(size, limit), numbers=numbers, concerned=concerned, earlier=earlier)


def _growing_group(target: GuardedTarget, group: tuple[str, str], concerned: Sequence[Operation], bulk: BulkCount) -> GuardPart:
    id_, name = group[0], group[1] or group[0]
    limit, members = target.guards.groups.of(Verb.ADD_MEMBER), target.facts.members[id_]
    earlier = _earlier(target, Verb.ADD_MEMBER, id_, concerned, bulk)
    size = gained(concerned, earlier, members, bulk)
    held = number_of(members, "member")
    numbers = f"{number_of(size.accounts, 'account')} would be added to {name} in {target.name}, which has {held} ({size.percent})"
    over = over_limit(size, limit)
    return GuardPart(name=name, size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier, bulk=bulk)


def _earlier(
    target: GuardedTarget, verb: Verb, entitlement_id: str, concerned: Sequence[Operation], bulk: BulkCount = NO_BULK
) -> tuple[Applied, ...]:
    return target.earlier(f"groups.{verb}", concerned, lambda each: each.verb is verb and each.entitlement_id == entitlement_id, bulk)


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
    known, limit = target.facts.dimensions[name], target.guards.dimensions[name].loss()
    earlier = target.earlier(f"dimensions.{name}", concerned, lambda each: each.verb in LOSING and known.of.get(each.anchor) == value)
    before = known.sizes.get(value, 0)
    base = Base(before, before + known.made_of(value))
    size = of_those_before(limit, concerned, earlier, base, lambda each: each.anchor in known.made)
    numbers = f"{size.accounts:,} of {size.population:,} people with {name} {quoted(value)} would lose their account in {target.name} ({size.percent})"
    over = over_limit(size, limit)
    return GuardPart(name=value, size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)
