"""Builds worlds of some hundred people by department. Start here for shares, causes and limits."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from tests.support.companies.world import Account, Group, HrRow, HrSource, World

RULES: dict[str, Any] = {
    "connector": "hr",
    "anchor": "no",
    "attributes": {"name": "name", "department": "dept", "country": "country", "title": "title"},
    "lifecycle": {"status": "status", "active": ["a"], "terminated": ["t"]},
}
MAPPING: dict[str, Any] = {
    "target": "app",
    "who": "department <> 'Closed'",
    "attributes": {"login": "anchor", "title": "title"},
    "groups": {"sales": {"group": "Sales", "when": "department = 'Sales'"}},
    "fully_managed": ["Sales"],
}
DAY = date(2026, 3, 2)


def world(
    people: dict[str, str],
    *,
    gone: tuple[str, ...] = (),
    asleep: tuple[str, ...] = (),
    new: tuple[str, ...] = (),
    titles: Mapping[str, str] = MappingProxyType({}),
    **rest: Any,
) -> World:
    """People by anchor with their department; each who is not new has an account that is linked."""
    rows = tuple(
        HrRow(
            no,
            {
                "no": no,
                "name": f"P {no}",
                "dept": dept,
                "country": "DE",
                "title": titles.get(no, "old"),
                "status": "t" if no in gone else "a",
            },
        )
        for no, dept in people.items()
    )
    accounts = tuple(
        Account(f"a{no}", "deactivated" if no in asleep else "active", {"login": no, "title": "old"}) for no in people if no not in new
    )
    links = {no: f"a{no}" for no in people if no not in new}
    given = {"groups": (Group("g1", "Sales"), Group("g2", "Root")), "members": frozenset(), "granted": frozenset()} | rest
    return World(day=DAY, sources=(HrSource("hr", rows, RULES),), accounts=accounts, links=links, mapping=MAPPING, **given)


def staff(count: int, dept: str, first: int = 0) -> dict[str, str]:
    return {f"{number:03}": dept for number in range(first, first + count)}


def everybody_in(group: str, people: dict[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((f"a{no}", group) for no in people)
