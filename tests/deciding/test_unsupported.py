"""What a target states that it does not support is left out of the plan, with one finding; that an account ends is still planned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from connectors.contract import Capability
from connectors.memory.connector import MemoryTarget
from reconcile.plan.model import Verb
from tests.support.companies.targets import TRAITS, Company, done, give_account, group, mapping, said

RULES = {"groups": {"all": {"group": "crew"}}}


class Restricted(MemoryTarget):
    """States what it does not support."""

    states: Mapping[str, str] = {"memberships": "it says so. Set something"}

    async def unsupported(self) -> Mapping[str, str]:
        return self.states


def crew(folder: Path) -> tuple[Company, Restricted]:
    to = Restricted("app", TRAITS, entitlements=[group("g1", "crew")])
    company = Company(folder, [to], [mapping(**RULES)])
    for name in ("ann", "bob", "eve"):
        company.hire(name)
        give_account(to, name)
    company.people["eve"]["status"] = "left"
    return company, to


def test_memberships_that_cannot_be_changed_are_one_finding_and_leavers_still_leave(tmp_path: Path) -> None:
    company, _ = crew(tmp_path)
    plan = company.plan()
    assert done(plan) == ["deactivate eve"]
    assert said(plan, "policy") == ["Changes of memberships in app are not possible (2 left out): it says so. Set something."]


def test_the_plan_follows_what_the_latest_read_states(tmp_path: Path) -> None:
    company, to = crew(tmp_path)
    company.read()
    to.states = {}
    plan = company.plan()
    assert done(plan, Verb.ADD_MEMBER) == ["add_member ann crew", "add_member bob crew"]
    assert said(plan, "policy") == []


def test_nothing_is_told_where_nothing_is_left_out(tmp_path: Path) -> None:
    company, to = crew(tmp_path)
    to.members |= {("app-ann", "g1"), ("app-bob", "g1")}
    assert said(company.plan(), "policy") == []


def test_unknown_capability_changes_nothing(tmp_path: Path) -> None:
    company, to = crew(tmp_path)
    to.states = {"levitation": "it is heavy"}
    assert len(done(company.plan(), Verb.ADD_MEMBER)) == 2
    assert to.traits.can == Capability()
