"""A plan that a guard refuses passes by an override: once, that plan alone, with a name and a reason."""

import contextlib
from datetime import date

import pytest

from connectors.sandbox.host import Fault, FaultKind
from reconcile.apply.journal import Journal

from .night_worlds import CLOCK, world

GUARD = "okta.deactivate"
BY = ("--by", "Anna Lee", "--why", "Sales was sold")


@pytest.fixture
def refused(tmp_path):
    """A world whose plan is refused, with that plan."""
    with world(tmp_path / "project") as held:
        held.edit("reconcile.toml", "deactivate = { percent = 5, floor = 5 }", "deactivate = { percent = 5, floor = 1 }")
        assert held.run("extract").code == 0
        ended = held.run("plan", *CLOCK, "--json")
        assert ended.code == 11
        yield held, ended.json


def refusing(plan):
    return [each["guard"] for each in plan["verdicts"] if not each["passed"]]


def let_pass(held, plan, *guards, hours="24"):
    ended = [held.run("override", guard, "--plan", plan["plan"]["digest"], *BY, "--hours", hours) for guard in guards]
    assert {each.code for each in ended} == {0}
    return ended[-1]


def test_a_plan_passes_once_the_guards_that_refuse_it_are_overridden(refused):
    held, plan = refused
    guards = refusing(plan)
    assert GUARD in guards
    said = let_pass(held, plan, *guards)
    assert "Anna Lee" in said.out
    assert f" apply {plan['plan']['digest'][:12]} --live" in said.out
    assert f"{GUARD} overridden by Anna Lee" in held.run("show").out
    assert held.run("plan", *CLOCK).code == 10
    assert held.run("apply").code in (10, 14)
    assert held.writes == 0
    applied = held.run("apply", plan["plan"]["digest"], "--live", "--json")
    assert applied.code == 10, applied.err
    assert held.writes > 0
    shown = held.run("show", plan["plan"]["digest"], "--json").json
    assert {each["override"]["run"] for each in shown["verdicts"] if not each["passed"]} == {shown["run"]["id"]}
    again = held.run("apply", plan["plan"]["digest"], "--live")
    assert again.code == 14
    assert "it was applied already" in again.err
    # Nor is it let pass a second time, to wait for the day on which the same plan is made again.
    late = held.run("override", GUARD, "--plan", plan["plan"]["digest"], *BY)
    assert (late.code, "it was applied already" in late.err) == (14, True)
    assert [each["event"] for each in held.run("audit", "--json").json["entries"]].count("overridden") == len(guards)


def test_the_night_applies_the_very_plan_that_was_let_pass_and_no_other(refused):
    held, plan = refused
    let_pass(held, plan, *refusing(plan), hours="48")
    assert held.run("run", "--live", today=date(2026, 3, 3)).code == 11
    assert held.writes == 0
    assert held.night().code == 10
    assert held.writes > 0


def test_an_interrupted_run_needs_no_second_override(refused):
    held, plan = refused
    let_pass(held, plan, *refusing(plan))
    with contextlib.closing(Journal(held.folder / "state")) as journal:
        journal.begin("interrupted", plan["plan"]["digest"])
    assert held.run("apply", "--live").code == 13
    resumed = held.run("resume", "--json")
    assert resumed.code == 10, resumed.err
    assert held.writes > 0


def test_what_makes_no_sense_is_not_overridden(refused):
    held, plan = refused
    digest = plan["plan"]["digest"]
    for words in (
        (GUARD, "--plan", digest, "--by", " ", "--why", "so"),
        (GUARD, "--plan", digest, "--by", "Anna", "--why", ""),
        (GUARD, "--plan", "", *BY),
        (GUARD, *BY),
        (GUARD, "--plan", digest, *BY, "--hours", "169"),
        (GUARD, "--plan", "feedbeef", *BY),
        ("okta.create", "--plan", digest, *BY),
    ):
        assert held.run("override", *words).code == 2, words
    assert held.run("apply", "--live").code == 11
    assert held.writes == 0


def test_approving_a_refused_plan_names_the_override_that_is_missing(refused):
    held, plan = refused
    digest, guards = plan["plan"]["digest"], refusing(plan)
    row = plan["operations"][0]["id"]
    approved = held.run("approve", digest, *BY, "--hold", row)
    assert approved.code == 10
    assert all(f"override {guard} --plan {digest[:12]}" in approved.out for guard in guards)
    assert f"apply {digest[:12]} --live" not in approved.out
    assert held.run("approve", digest, *BY, "--hold", row, "--json").json["refused_by"] == guards
    # Held rows do not hide that a guard refuses the rest.
    assert held.run("apply", digest).code == 11
    let_pass(held, plan, *guards)
    assert held.run("approve", digest, *BY, "--hold", row, "--json").json["refused_by"] == []
    approved = held.run("approve", digest, *BY, "--hold", row)
    assert approved.code == 0
    assert f"apply {digest[:12]} --live" in approved.out


def test_a_plan_that_a_guard_refuses_ends_with_11_also_where_something_was_not_read(refused):
    held, _ = refused
    held.wiki.add_fault(Fault(FaultKind.STATUS, path="/Users", method="GET", status=403))
    assert held.run("extract").code == 12
    ended = held.run("plan", *CLOCK, "--json")
    assert GUARD in refusing(ended.json)
    assert ended.code == 11
    assert held.run("run", "--live").code == 11
    assert held.writes == 0
