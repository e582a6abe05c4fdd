"""The numbers that guards judge are the numbers that reports show."""

import re
from dataclasses import replace

import pytest

from reconcile.decide.guards.evaluate import judge
from reconcile.plan.impact import Impact
from reconcile.plan.model import Because, Census, Operation, Plan, Situation, Verb
from reconcile.project.limits import Guards, Limit
from reconcile.report.formats.html import page
from reconcile.report.formats.text import show
from reconcile.report.summary import groups

WHY = Because(situation=Situation.CONFIRMED, rule="app: groups", detail="So it is.")


def removals(accounts: int, each: int) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            id=f"{account:06x}{group:06x}",
            target="app",
            verb=Verb.REMOVE_MEMBER,
            anchor=f"E{account}",
            account_id=f"a{account}",
            who=f"p{account}@x",
            name="",
            entitlement_id=f"g{group}",
            because=WHY,
        )
        for account in range(accounts)
        for group in range(each)
    )


def census(accounts: int, **situations: int) -> Census:
    return Census(target="app", situations={Situation(name): count for name, count in situations.items()}, accounts=accounts)


def verdict(limit: Limit, operations: tuple[Operation, ...], counted: Census):
    (found,) = judge(Guards(remove_member=limit), [counted], operations)
    return found


def test_the_share_of_memberships_is_of_the_accounts_that_lose_one():
    found = verdict(Limit(percent=20), removals(accounts=10, each=7), census(50))
    assert (found.passed, found.count, found.accounts, found.population) == (True, 70, 10, 50)
    assert found.message == "70 memberships of 10 accounts would be removed in app (20.0% of 50 accounts or people)."


def test_one_account_more_than_the_share_is_refused():
    found = verdict(Limit(percent=20), removals(accounts=11, each=1), census(50))
    assert not found.passed
    assert found.message.startswith("Refused: 11 memberships of 11 accounts would be removed in app (22.0% of 50 accounts or people); ")
    assert "the limit is 20% above a floor of 0. Among them p0@x, p1@x, p2@x, p3@x, p4@x and 6 more. Read the plan." in found.message


def test_the_count_is_of_memberships():
    assert not verdict(Limit(count=69), removals(accounts=10, each=7), census(1000)).passed
    assert verdict(Limit(count=70), removals(accounts=10, each=7), census(1000)).passed


GROWING = census(2, CONFIRMED=1, ABSENT=98, MISSING=1, UNASSIGNED=40)


def test_creations_are_judged_by_the_people_who_should_have_an_account():
    (found,) = judge(Guards(), [GROWING], [replace(removals(1, 1)[0], verb=Verb.CREATE)])
    assert found.population == 100


@pytest.mark.parametrize("verb", sorted(set(Verb) - {Verb.CREATE, Verb.CREATE_GROUP, Verb.ADD_MEMBER}))
def test_people_who_come_make_no_change_or_loss_of_others_any_smaller(verb):
    found = judge(Guards(), [GROWING], [replace(removals(1, 1)[0], verb=verb)])
    assert {each.population for each in found} == {2}


def test_losses_are_judged_by_the_accounts_before_the_other_runs_of_the_day():
    grown = replace(census(2100, CONFIRMED=2100), before=100)
    assert verdict(Limit(), removals(1, 1), grown).population == 100
    shrunk = replace(census(40, CONFIRMED=40), before=100)
    assert verdict(Limit(), removals(1, 1), shrunk).population == 100


def test_where_no_account_was_everything_is_of_the_people_who_should_have_one():
    assert verdict(Limit(), removals(1, 1), census(0, ABSENT=50)).population == 50


@pytest.mark.parametrize("each", [1, 3])
def test_guard_table_and_page_state_the_same_numbers(each):
    operations, counted = removals(accounts=4, each=each), census(32, CONFIRMED=30, ABSENT=10)
    verdicts = judge(Guards(), [counted], operations)
    plan = Plan(
        run_date="2026-03-02",
        planner="0",
        snapshots={},
        mapping="",
        scopes=(),
        census=(counted,),
        operations=operations,
        findings=(),
        verdicts=verdicts,
    )
    assert groups(plan)[0].size == Impact(verdicts[0].count, verdicts[0].accounts, verdicts[0].population)
    assert "(12.5% of 32 accounts or people)" in verdicts[0].message
    assert re.search(rf"app +remove_member +{4 * each} +4 +12\.5%", show(plan, width=90, colour=False))
    assert page(plan).count("12.5%") == 3


def test_a_share_that_is_not_nothing_is_not_shown_as_nothing():
    assert [Impact(1, count, 10_000).percent for count in (0, 1, 10)] == ["0.0%", "< 0.1%", "0.1%"]
