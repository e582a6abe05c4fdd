"""A row that `where` excludes still says that the source knows the person: doubt about the source or the row freezes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconcile.plan.model import Plan
from tests.support.companies.engine import Lab
from tests.support.companies.people import account, company, planned, row, source, world
from tests.support.companies.world import Group, HrSource, World

ONLY_MAIN = "job = 'main'"
HR = source("hr", row("E1", job="main"), row("C1", job="second"), where=ONLY_MAIN)
AGENCY = source("agency", row("C1", dept="red"), attributes={"mail": "mail", "name": "name"})
TONIGHT = {
    "the read broke off": (HR, frozenset({"hr"})),
    "a row that names nobody may be theirs": (replace(HR, rows=(row("E1", job="main"),), unreadable=("",)), frozenset()),
    "their row could not be read": (replace(HR, unreadable=("C1",)), frozenset()),
}
GROUPS = (Group("g1", "all"), Group("g2", "red"))
RULES = {"groups": {"reds": {"group": "red", "when": "dept = 'red'"}, "all": {"group": "all", "when": "dept = 'red'"}}}
LOSSES = {
    "the account": ({}, "active", frozenset()),
    "a suspended account": ({"leavers": "suspend"}, "active", frozenset()),
    "a fully managed group": ({**RULES, "fully_managed": ["red"]}, "deactivated", frozenset()),
    "several fully managed groups": ({**RULES, "fully_managed": ["red", "all"]}, "deactivated", frozenset()),
    "every group": ({**RULES, "leavers_lose": "all"}, "deactivated", frozenset()),
    "what this job gave": (RULES, "deactivated", frozenset({("uC1", "g2")})),
}


def staffed(mapping: dict, state: str, granted: frozenset) -> World:
    """Somebody of the agency who should have no account while HR does not state their department."""
    return world(
        HR,
        AGENCY,
        mapping={"who": "dept is not null", **mapping},
        accounts=(account("uC1", "c1@x", "C1", state=state),),
        links={"C1": "uC1"},
        groups=GROUPS,
        members=frozenset({("uC1", "g1"), ("uC1", "g2")}),
        granted=granted,
    )


def read_again(bench: Lab, hr: HrSource, broken: frozenset[str]) -> Plan:
    bench.world = replace(bench.world, sources=(hr, *bench.world.sources[1:]), broken=broken)
    bench.extract()
    return bench.plan()


def of_the_agency(plan: Plan) -> list[str]:
    return [verb for verb, anchor in planned(plan) if anchor == "C1"]


@pytest.mark.parametrize(("hr", "broken"), TONIGHT.values(), ids=TONIGHT.keys())
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_person_of_an_excluded_row_in_doubt_loses_nothing(tmp_path, loss, hr, broken):
    with company(staffed(*loss), tmp_path) as bench:
        assert of_the_agency(bench.plan()) != []
        plan = read_again(bench, hr, broken)
    assert of_the_agency(plan) == []
    assert "Name C1 (C1)" in {name for each in plan.waiting if each.source == "hr" for name in each.sample}


def test_row_that_stops_counting_by_its_date_while_its_source_is_in_doubt_freezes_the_person(tmp_path):
    hr = source("hr", row("C1", dept="red", end="2026-03-02"), where="\"end\" >= strftime(run_date, '%Y-%m-%d')", lifecycle={})
    before = replace(staffed({}, "active", frozenset()), sources=(hr, AGENCY))
    with company(before, tmp_path) as bench:
        assert planned(bench.plan()) == [("update", "C1")]
        bench.world = replace(bench.world, day=before.day.replace(day=3))
        assert of_the_agency(bench.plan()) == ["deactivate"]
        assert of_the_agency(read_again(bench, hr, frozenset({"hr"}))) == []


def test_excluded_row_without_a_computable_anchor_ends_no_plan(tmp_path):
    hr = source("hr", row("1"), row("none yet"), anchor="CAST(CAST(no AS INTEGER) AS VARCHAR)", where="try_cast(no AS INTEGER) IS NOT NULL")
    with company(world(hr, mapping={"correlate": ()}), tmp_path) as bench:
        assert planned(bench.plan()) == [("create", "1")]
        assert planned(read_again(bench, hr, frozenset({"hr"}))) == []


def test_person_whom_a_trusted_source_states_and_the_doubted_one_never_held_goes_on(tmp_path):
    hr = replace(HR, rows=HR.rows[:1])
    with company(replace(staffed({}, "active", frozenset()), sources=(hr, AGENCY)), tmp_path) as bench:
        assert of_the_agency(read_again(bench, hr, frozenset({"hr"}))) == ["deactivate"]
