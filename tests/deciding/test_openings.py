"""When new accounts are opened, which people are mailed, and the finding where an account is created without a way to sign in."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from connectors.contract import Capability
from mappings.problems import BadConfiguration
from reconcile.decide.guards.evaluate import judge
from reconcile.plan.model import Census, Run, Situation
from reconcile.project.limits import Guards
from tests.support.companies.people import account, company, planned, row, source, told, world
from tests.support.companies.world import TARGET
from tests.support.undoing import inverse

EARLY, FIRST_DAY = date(2026, 3, 2), date(2026, 3, 9)
LIFECYCLE = {"status": "status", "active": ["active"], "terminated": ["left"], "start": "start", "lead_days": 10}
HIRE = row("E7", start=str(FIRST_DAY))
CAN = Capability(suspend=True, delete=True, stage=True, activation_mail=True)


@contextmanager
def office(tmp_path, *rows, can=CAN, groups=None, **mapping):
    """A company whose target can stage accounts and mail people."""
    held = world(source("hr", *rows, lifecycle=LIFECYCLE), mapping={**mapping, **({"groups": groups} if groups else {})}, day=EARLY)
    with company(held, tmp_path) as bench:
        bench.target.traits = replace(bench.target.traits, can=can)
        yield bench


def night(bench, day, *rows):
    """Reads, plans and applies on a day, with other rows where some are given."""
    hr = bench.world.sources[0]
    bench.world = replace(bench.world, day=day, sources=(replace(hr, rows=rows or hr.rows),))
    bench.extract()
    plan = bench.plan()
    return plan, {each.kind for each in bench.apply(plan)}


def state(bench, number="E7"):
    return bench.target.accounts[bench.links()[number]].state


STAGED = {"new_accounts": "staged"}
IN_ALL = {"all": {"group": "all"}}


def test_account_is_prepared_staged_and_opened_on_the_first_working_day(tmp_path):
    with office(tmp_path, HIRE, groups=IN_ALL, **STAGED) as bench:
        plan, outcomes = night(bench, EARLY)
        assert planned(plan) == [("create", "E7"), ("add_member", "E7")]
        assert "It is left staged until the first working day." in plan.operations[0].because.detail
        assert outcomes == {"done"}
        assert state(bench) == "staged"
        assert bench.target.members == {(bench.links()["E7"], "g1")}
        assert planned(night(bench, date(2026, 3, 8))[0]) == []
        plan, outcomes = night(bench, FIRST_DAY)
        assert planned(plan) == [("reactivate", "E7")]
        assert (outcomes, state(bench)) == ({"done"}, "active")
        assert planned(night(bench, FIRST_DAY)[0]) == []


def test_account_is_opened_at_once_where_the_first_working_day_has_come_or_is_unknown(tmp_path):
    with office(tmp_path, row("E7", start=str(EARLY)), row("E8"), **STAGED) as bench:
        _plan, outcomes = night(bench, EARLY)
        assert outcomes == {"done"}
        assert (state(bench), state(bench, "E8")) == ("active", "active")
        assert planned(night(bench, EARLY)[0]) == []


def test_without_the_rule_an_account_is_opened_in_the_lead_time(tmp_path):
    with office(tmp_path, HIRE) as bench:
        night(bench, EARLY)
        assert state(bench) == "active"


def test_staged_account_stays_staged_where_the_start_is_postponed(tmp_path):
    with office(tmp_path, HIRE, **STAGED) as bench:
        night(bench, EARLY)
        for day in (FIRST_DAY, date(2026, 3, 20)):
            plan, _ = night(bench, day, row("E7", start="2026-06-01"))
            assert (planned(plan), told(plan), state(bench)) == ([], {}, "staged")
        assert planned(night(bench, date(2026, 6, 1))[0]) == [("reactivate", "E7")]


def test_staged_account_of_a_person_who_never_starts_is_deactivated(tmp_path):
    with office(tmp_path, HIRE, **STAGED) as bench:
        night(bench, EARLY)
        night(bench, date(2026, 3, 4), row("E7", start=str(FIRST_DAY), status="left"))
        assert state(bench) == "deactivated"
        assert bench.target.invited == []


def test_returner_is_not_let_in_before_the_first_working_day(tmp_path):
    with office(tmp_path, row("E7"), **STAGED) as bench:
        night(bench, EARLY)
        night(bench, EARLY, row("E7", status="left"))
        assert planned(night(bench, date(2026, 3, 4), HIRE)[0]) == []
        assert planned(night(bench, FIRST_DAY, HIRE)[0]) == [("reactivate", "E7")]


@pytest.mark.parametrize(("mail", "mailed"), [(True, 3), (False, 0)])
def test_people_are_mailed_where_the_mapping_says_so_and_only_when_their_account_is_opened(tmp_path, mail, mailed):
    with office(tmp_path, HIRE, row("E8"), activation_mail=mail, **STAGED) as bench:
        night(bench, EARLY)
        night(bench, FIRST_DAY)
        night(bench, FIRST_DAY, HIRE, row("E8", status="left"))
        night(bench, FIRST_DAY, HIRE, row("E8"))
        invited = bench.target.invited
        assert len(invited) == mailed
        assert sorted(invited) == sorted([bench.links()["E7"], *([bench.links()["E8"]] * 2)])[:mailed]


def test_suspended_account_is_opened_without_a_mail(tmp_path):
    leave = {**LIFECYCLE, "leave": ["leave"]}
    held = world(
        source("hr", row("E7"), lifecycle=leave),
        mapping={"activation_mail": True, "leave": "suspend"},
        accounts=(account("a7", "e7@x", "E7"),),
        links={"E7": "a7"},
    )
    with company(held, tmp_path) as bench:
        bench.target.traits = replace(bench.target.traits, can=CAN)
        night(bench, EARLY, row("E7", status="leave"))
        assert state(bench) == "suspended"
        plan, _ = night(bench, EARLY, row("E7"))
        assert [(each.verb, each.opening) for each in plan.operations] == [("reactivate", "silent")]
        assert (state(bench), bench.target.invited) == ("active", [])


def notes(plan):
    return [each.message for each in plan.findings if "without a password" in each.message]


def test_plan_says_how_many_accounts_have_no_way_in(tmp_path):
    with office(tmp_path, HIRE, row("E8"), row("E9"), **STAGED) as bench:
        plan, _ = night(bench, EARLY)
        assert notes(plan) == [
            (
                "2 accounts become active without a password and without an activation mail. Send the people an activation link, or set "
                "activation_mail = true in mappings/app.toml. Where they sign in through another system (SSO), nothing is to be done."
            )
        ]
        assert notes(night(bench, date(2026, 3, 3))[0]) == []
        assert len(notes(night(bench, FIRST_DAY)[0])) == 1


@pytest.mark.parametrize("quiet", [{"activation_mail": True}, {"can": replace(CAN, activation_mail=False)}])
def test_plan_says_nothing_where_people_are_mailed_or_the_target_sends_no_mail(tmp_path, quiet):
    with office(tmp_path, HIRE, **quiet) as bench:
        assert notes(bench.plan()) == []


@pytest.mark.parametrize(
    ("setting", "lacking"), [({"new_accounts": "staged"}, {"stage": False}), ({"activation_mail": True}, {"activation_mail": False})]
)
def test_setting_that_the_target_cannot_follow_is_refused(tmp_path, setting, lacking):
    with office(tmp_path, HIRE, can=replace(CAN, **lacking), **setting) as bench, pytest.raises(BadConfiguration, match=f"{TARGET}.*"):
        bench.plan()


def test_mails_count_against_the_limit_of_reactivations(tmp_path):
    hires = [row(f"E{number}") for number in range(40)]
    census = Census(target=TARGET, situations={Situation.ABSENT: 40}, accounts=60)
    for mail, refusing in ((True, [f"{TARGET}.reactivate"]), (False, [])):
        with office(tmp_path / str(mail), *hires, activation_mail=mail) as bench:
            verdicts = judge(Guards(), [census], bench.plan().operations)
            assert [each.guard for each in verdicts if not each.passed] == refusing


def test_staged_creation_can_be_undone(tmp_path):
    with office(tmp_path, HIRE, groups=IN_ALL, **STAGED) as bench:
        plan = bench.plan()
        outcomes = bench.apply(plan)
        run = Run(id="run", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes)
        assert {each.kind for each in bench.apply(inverse(plan, run))} == {"done"}
        assert (state(bench), bench.target.members) == ("deactivated", set())


def test_interrupted_staged_creation_is_found_again_and_not_opened(tmp_path):
    with office(tmp_path, HIRE, **STAGED) as bench:
        plan = bench.plan()
        bench.apply(plan)
        assert [each.kind for each in bench.resume(plan, {plan.operations[0].id})] == ["done"]
        assert state(bench) == "staged"
        assert len(bench.target.accounts) == 1
