"""Four nights (join, move, leave, return) on the target in memory: each ends right, leaves an empty second plan and writes nothing more."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from connectors.contract import AccountState
from connectors.memory.connector import MemoryTarget
from tests.support.companies.targets import TRAITS, Company, done, mapping

TEAMS = {
    "crew": {"group": "crew", "create": True},
    "red": {"group": "red", "when": "dept = 'red'", "create": True},
    "blue": {"group": "blue", "when": "dept = 'blue'", "create": True},
}


def holdings(to: MemoryTarget) -> dict[str, tuple[str, bool, frozenset[str]]]:
    """By login: the department, whether the account works, and its groups."""
    names = {each.id: each.name for each in to.entitlements.values()}
    return {
        str(each.attributes["login"]): (
            str(each.attributes["team"]),
            each.state is AccountState.ACTIVE,
            frozenset(names[group] for account, group in to.members if account == each.id),
        )
        for each in to.accounts.values()
    }


@pytest.mark.slow
def test_four_nights_end_right_and_leave_nothing_to_do(tmp_path: Path) -> None:
    to = MemoryTarget("app", TRAITS)
    rules = mapping(attributes={"login": "name", "team": "dept"}, groups=TEAMS, fully_managed=list(TEAMS))
    company = Company(tmp_path, [to], [rules])
    nights = (
        {"ann": ("red", "active"), "bob": ("blue", "active"), "eve": ("red", "active")},
        {"bob": ("red", "active"), "kim": ("blue", "active")},
        {"eve": ("red", "left")},
        {"eve": ("blue", "active")},
    )
    wanted: dict[str, tuple[str, bool, frozenset[str]]] = {}
    for changes in nights:
        for name, (dept, status) in changes.items():
            company.hire(name, dept, status=status)
            works = status == "active"
            wanted[name] = (dept, works, frozenset({"crew", dept} if works else ()))
        outcomes = company.apply(company.plan())
        assert {each.kind.value for each in outcomes} == {"done"}
        assert holdings(to) == wanted
        before = copy.deepcopy((to.accounts, to.members))
        assert done(company.night()) == []
        assert (to.accounts, to.members) == before
