"""Membership in groups of other systems, as the rules of one target ask for it (`if_member_of`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.rules import IfMemberOf
from reconcile.store.connection import Store

Elsewhere = Mapping[str, Mapping[str, str]]
"""By system that was decided or read before and group: why nobody can say who will be in it, empty where that is remembered (`afterwards`)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the groups that one rule looks at."""

    unknown: str = ""
    """Why it cannot be said who is in one of them; empty where it can be said of all."""
    partly: bool = False
    """Whether the members of another one of them are known all the same."""


def ask_elsewhere(store: Store, if_member_of: IfMemberOf, elsewhere: Elsewhere) -> Asked:
    """Leaves the working table `elsewhere_member`: the members of any of the groups, and the people of whom that cannot be said."""
    systems, names = [list(each) for each in zip(*_pairs(if_member_of), strict=True)]
    store.do("make_elsewhere_members", targets=systems, names=names)
    return known_elsewhere(if_member_of, elsewhere)


def known_elsewhere(if_member_of: IfMemberOf, elsewhere: Elsewhere) -> Asked:
    """What is known of some groups of other systems."""
    whys = [elsewhere.get(system, {}).get(group, f"{system} was not read completely") for system, group in _pairs(if_member_of)]
    return Asked(next(filter(None, whys), ""), not all(whys))


def _pairs(if_member_of: IfMemberOf) -> list[tuple[str, str]]:
    return [(system, group) for system, groups in if_member_of.items() for group in groups]
