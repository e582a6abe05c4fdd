"""What guards know beside the operations comes from the store: members, departments, administrators, apps, earlier nights."""

from typing import Any

import pytest

from connectors.contract import Entitlement, EntitlementKind
from reconcile.project.limits import Admins, DimensionLimits, GroupLimits, Guards
from tests.support.companies import engine
from tests.support.companies.departments import everybody_in, staff, world
from tests.support.companies.engine import OPEN_GUARDS, lab
from tests.support.companies.world import World


@pytest.fixture
def judged(monkeypatch, tmp_path):
    """Plans a world under some guards and gives the verdicts by name; `before` may change the lab after the extract."""

    def plan(of: World, *, before=lambda _bench: None, groups=True, **guards: Any) -> dict[str, Any]:
        stated = guards if not groups else {"groups": GroupLimits()} | guards
        monkeypatch.setattr(engine, "OPEN_GUARDS", OPEN_GUARDS.model_copy(update=stated))
        with lab(of, tmp_path) as bench:
            bench.target.entitlements["crm"] = Entitlement("crm", EntitlementKind.APP, "CRM", '{"groups":["g1"]}', "read only")
            bench.extract()
            before(bench)
            return {verdict.guard: verdict for verdict in bench.plan().verdicts}

    return plan


def test_the_members_of_a_group_are_those_it_has_now(judged):
    people = staff(12, "IT") | staff(3, "Sales", 12)
    found = judged(world(people, members=everybody_in("g1", people)))["app.groups.remove_member"]
    assert (found.passed, found.accounts, found.population) == (False, 12, 15)
    assert "12 of the 15 members of Sales would be removed in app (80.0%)" in found.message


def test_the_people_of_a_department_are_those_with_an_account_that_works(judged):
    people = staff(8, "Closed") | staff(30, "IT", 8) | staff(2, "Closed", 38)
    found = judged(world(people, asleep=("038", "039")), dimensions={"department": DimensionLimits()})
    assert (found["app.dimensions.department"].accounts, found["app.dimensions.department"].population) == (8, 8)
    assert "with department 'Closed'" in found["app.dimensions.department"].message


def test_admins_are_the_members_whose_account_works(judged):
    people = staff(4, "IT")
    rule = {"app": Admins(group="Root", at_least=2)}
    four = world(people, gone=("000", "001"), asleep=("003",), members=everybody_in("g2", people))
    found = judged(four, admins=rule)["app.admins"]
    assert (found.passed, found.count, found.population) == (False, 2, 3)
    assert not judged(world(people, gone=("000",)), admins={"app": Admins(group="Rot")})["app.admins"].passed


def _hold(bench: Any, via: str, accounts: list[str]) -> None:
    for account in accounts:
        engine._connection().execute("INSERT INTO store.membership_version VALUES ('app', ?, 'crm', ?, 1, NULL)", [account, via]).fetchall()


def test_an_app_goes_with_the_group_that_it_comes_through(judged):
    people = staff(12, "IT") | staff(8, "Sales", 12)
    accounts = [f"a{no}" for no in people]
    lost = judged(
        world(people, members=everybody_in("g1", people)),
        before=lambda bench: _hold(bench, "group", accounts),
        lose_app=Guards().lose_app,
    )["app.lose_app"]
    assert (lost.passed, lost.accounts, lost.population) == (False, 12, 20)
    assert "most of them CRM (12)" in lost.message


def test_an_app_that_is_held_directly_does_not_go_with_a_group(judged):
    people = staff(12, "IT") | staff(8, "Sales", 12)
    direct = judged(world(people, members=everybody_in("g1", people)), before=lambda bench: _hold(bench, "", [f"a{no}" for no in people]))
    assert "app.lose_app" not in direct


def _applied(*nights: tuple[str, int]) -> Any:
    def remember(_bench: Any) -> None:
        for number, (night, count) in enumerate(nights):
            rows = [(2 * number, night, "", "", 0), *([(2 * number + 1, night, "app", "deactivate", count)] if count else [])]
            for sequence, day, target, verb, operations in rows:
                engine._connection().execute(
                    "INSERT INTO store.night VALUES (?, ?, ?, ?, ?, ?)", [sequence, f"run {number}", day, target, verb, operations]
                ).fetchall()

    return remember


def test_the_usual_night_is_the_median_of_the_days_before_this_one(judged):
    people = staff(30, "IT")
    leavers = tuple(staff(12, ""))
    quiet = _applied(*((f"2026-02-{day:02}", 1) for day in (10, 11, 12, 13, 14)))
    assert not judged(world(people, gone=leavers), before=quiet)["app.usual.deactivate"].passed
    busy = _applied(*((f"2026-02-{day:02}", 3) for day in (10, 11, 12, 13, 14)))
    assert judged(world(people, gone=leavers), before=busy)["app.usual.deactivate"].passed
    today = _applied(*((f"2026-02-{day:02}", 1) for day in (10, 11, 12, 13)), ("2026-03-02", 1))
    assert "app.usual.deactivate" not in judged(world(people, gone=leavers), before=today)


def test_nights_on_which_nothing_of_the_kind_was_done_count(judged):
    people, leavers = staff(30, "IT"), tuple(staff(12, ""))
    past = _applied(("2026-02-10", 90), ("2026-02-11", 0), ("2026-02-12", 0), ("2026-02-13", 0), ("2026-02-14", 90))
    found = judged(world(people, gone=leavers), before=past)["app.usual.deactivate"]
    assert not found.passed
    assert "the usual number is 0, the median of the last 5 days with a run" in found.message


def test_two_runs_of_one_day_are_one_night(judged):
    people, leavers = staff(30, "IT"), tuple(staff(12, ""))
    past = _applied(*((f"2026-02-{day:02}", 2) for day in (10, 10, 11, 11, 12, 12, 13, 13, 14, 14)))
    assert (
        "the usual number is 4, the median of the last 5 days with a run"
        in judged(world(people, gone=leavers), before=past)["app.usual.deactivate"].message
    )


def test_member_of_a_group_in_two_ways_counts_once(judged):
    people = staff(12, "IT") | staff(3, "Sales", 12)

    def again(_bench: Any) -> None:
        for no in people:
            engine._connection().execute(
                "INSERT INTO store.membership_version VALUES ('app', ?, 'g1', 'rule', 1, NULL)", [f"a{no}"]
            ).fetchall()

    found = judged(world(people, members=everybody_in("g1", people)), before=again)
    assert found["app.groups.remove_member"].population == 15
