"""Finds the targets whose rules look at groups of other systems, and the order in which targets can be decided for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from mappings.problems import near_miss
from mappings.rules import IfMemberOf, TargetMapping


class Circular(Exception):
    """Targets that refer to one another in a circle, in its order."""

    def __init__(self, targets: Sequence[str]) -> None:
        self.targets = tuple(targets)
        super().__init__(" -> ".join(targets))


def looked_at(mappings: Iterable[TargetMapping]) -> Mapping[str, frozenset[str]]:
    """Each system whose groups some rule looks at, with the names of those groups."""
    found: dict[str, set[str]] = {}
    for mapping in mappings:
        for asked in (mapping.if_member_of, *(rule.if_member_of for rule in mapping.entitlement_rules().values())):
            for target, names in asked.items():
                found.setdefault(target, set()).update(names)
        for push in mapping.push.values():
            found.setdefault(push.source, set())
    return {target: frozenset(names) for target, names in found.items()}


def deciding_order(mappings: Iterable[TargetMapping]) -> tuple[TargetMapping, ...]:
    """The targets, each after those that its rules look at. The order of the mappings makes no difference. Raises Circular."""
    by_name = {mapping.target: mapping for mapping in sorted(mappings, key=lambda each: each.target)}
    needed = {name: sorted(looked_at([mapping]).keys() & by_name.keys()) for name, mapping in by_name.items()}
    try:
        return tuple(by_name[name] for name in TopologicalSorter(needed).static_order())
    except CycleError as error:
        raise Circular(_from_first(error.args[1][:0:-1])) from error


def _from_first(circle: Sequence[str]) -> list[str]:
    """A circle, from its first name by the alphabet and back to it."""
    start = circle.index(min(circle))
    return [*circle[start:], *circle[:start], circle[start]]


def unknown_systems(mapping: TargetMapping, known: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yields each place of a mapping that names a system without known owners of its accounts, with a sentence.

    Known are the targets, and the sources of people.
    """
    systems = set(known)
    places: list[tuple[tuple[str, ...], IfMemberOf]] = [((), mapping.if_member_of)]
    places += [(tuple(name.split(".", 1)), rule.if_member_of) for name, rule in mapping.entitlement_rules().items()]
    for path, asked in places:
        for system in asked:
            if system not in systems:
                sentence = f"{system!r} is neither the target of a mapping file nor a source in identities.toml{near_miss(system, systems)}"
                yield (*path, "if_member_of", system), sentence
    for name, push in mapping.push.items():
        if push.source not in systems:
            sentence = (
                f"{push.source!r} is neither the target of a mapping file nor a source in identities.toml{near_miss(push.source, systems)}"
            )
            yield ("push", name, "from", push.source), sentence
