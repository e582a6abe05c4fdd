"""Builds worlds from the columns of people and the values of accounts. Start here for a rule about attributes and their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.support.companies.world import TARGET, Account, Group, HrRow, HrSource, World

DAY = date(2026, 3, 2)


def world(
    people: Mapping[str, Mapping[str, str | None]],
    accounts: Mapping[str, Mapping[str, Any]],
    attributes: Mapping[str, Any],
    *,
    links: Mapping[str, str] | None = None,
    states: Mapping[str, str] | None = None,
    **rest: Any,
) -> World:
    """People by anchor, with their columns; accounts by id, with their values.

    An account is linked to the person whose anchor is its id. `states`: those that are not active. `rest`: what else the mapping
    says, and `groups` and `members`.
    """
    columns = sorted({name for row in people.values() for name in row})
    rules = {"connector": "hr", "anchor": "no", "attributes": {"name": "no", **{each: each for each in columns}}}
    rows = tuple(HrRow(f"row {anchor}", {"no": anchor, **row}) for anchor, row in people.items())
    groups = tuple(Group(f"id of {name}", name) for name in rest.pop("held_groups", ()))
    members = frozenset((account, f"id of {name}") for account, name in rest.pop("members", ()))
    granted = frozenset((account, f"id of {name}") for account, name in rest.pop("granted", ()))
    return World(
        day=DAY,
        sources=(HrSource("hr", rows, rules),),
        accounts=tuple(Account(id_, (states or {}).get(id_, "active"), values) for id_, values in accounts.items()),
        groups=groups,
        members=members,
        granted=granted,
        links={anchor: anchor for anchor in people if anchor in accounts} if links is None else links,
        mapping={"target": TARGET, "attributes": attributes, **rest},
    )
