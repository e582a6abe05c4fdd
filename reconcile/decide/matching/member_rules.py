"""Membership in groups of other systems, as the rules of one target ask for it (`if_member_of`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.rules import IfMemberOf
from reconcile.store.connection import Store

Elsewhere = Mapping[str, Mapping[str, str]]
"""Reasons by system, decided or read before, and group why its members are unknown; empty where they are remembered (`afterwards`)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """State of knowledge of the groups that one rule looks at."""

    unknown: str = ""
    """Reason why the members of one of them are unknown; empty where all are known."""
    partly: bool = False
    """Whether the members of another one of them are known all the same."""


def ask_elsewhere(store: Store, if_member_of: IfMemberOf, elsewhere: Elsewhere) -> Asked:
    """Leaves the working table `elsewhere_member`: the members of any of the groups, and the people of whom that cannot be said."""
    systems, names = [list(each) for each in zip(*_pairs(if_member_of), strict=True)]
    store.do("make_elsewhere_members", targets=systems, names=names)
    return known_elsewhere(if_member_of, elsewhere)


def known_elsewhere(if_member_of: IfMemberOf, elsewhere: Elsewhere) -> Asked:
    """Looks up the knowledge of some groups of other systems."""
    whys = [elsewhere.get(system, {}).get(group, f"{system} was not read completely") for system, group in _pairs(if_member_of)]
    return Asked(next(filter(None, whys), ""), not all(whys))


def _pairs(if_member_of: IfMemberOf) -> list[tuple[str, str]]:
    return [(system, group) for system, groups in if_member_of.items() for group in groups]
