"""Which targets' rules look at the groups of other targets, and in which order the targets can be decided for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mappings.problems import near_miss
from mappings.rules import TargetMapping


class Circular(Exception):
    """Targets that refer to one another in a circle, in its order."""

    def __init__(self, targets: Sequence[str]) -> None:
        self.targets = tuple(targets)
        super().__init__(" -> ".join(targets))


def looked_at(mappings: Iterable[TargetMapping]) -> Mapping[str, frozenset[str]]:
    """Each target whose groups some rule looks at, with the names of those groups."""
    found: dict[str, set[str]] = {}
    for mapping in mappings:
        for rule in mapping.entitlement_rules().values():
            for target, names in rule.if_member_of.items():
                found.setdefault(target, set()).update(names)
    return {target: frozenset(names) for target, names in found.items()}


def deciding_order(mappings: Iterable[TargetMapping]) -> tuple[TargetMapping, ...]:
    """The targets, each after those that its rules look at, else by name. Raises Circular."""
    by_name = {mapping.target: mapping for mapping in sorted(mappings, key=lambda each: each.target)}
    placed: dict[str, TargetMapping] = {}

    def place(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise Circular((*above[above.index(name) :], name))
        if name not in placed and name in by_name:
            for needed in sorted(looked_at([by_name[name]])):
                place(needed, (*above, name))
            placed[name] = by_name[name]

    for name in by_name:
        place(name, ())
    return tuple(placed.values())


def unknown_targets(mapping: TargetMapping, targets: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each place of a mapping that names a target without a mapping file, with a sentence."""
    known = set(targets)
    for name, rule in mapping.entitlement_rules().items():
        for target in rule.if_member_of:
            if target not in known:
                table, _, key = name.partition(".")
                yield (table, key, "if_member_of", target), f"no mapping file has the target {target!r}{near_miss(target, known)}"
