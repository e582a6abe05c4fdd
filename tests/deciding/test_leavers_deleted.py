"""Deletions: only accounts that this job deactivated, after the retention, in a plan made with deletions and reviewed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.contract import AccountState, Capability
from mappings.problems import BadConfiguration
from reconcile.decide.guards.evaluate import judge
from reconcile.plan.model import Because, Census, FindingKind, Operation, Situation, Verb
from reconcile.project.config import Guards
from tests.support.companies import engine
from tests.support.companies.office import days, done, office, person, said

OTHERS = tuple(person(f"p{number}") for number in range(3))
KEEP = {"delete_after_days": 30}


def test_a_night_only_says_that_deletions_wait_and_a_plan_that_is_asked_for_them_has_them_last(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), **KEEP) as here:
        here.night()
        here.hr(person("ann", status="left"))
        assert done(here.night(days(1))) == [(Verb.DEACTIVATE, "ann")]
        plan = here.plan(days(30), deletions=True)
        assert (plan.operations, said(plan, FindingKind.POLICY)) == ((), [])
        plan = here.night(days(31))
        assert plan.operations == ()
        assert said(plan, FindingKind.POLICY) == [
            (
                "1 account of app is due to be deleted: deactivated by this job 30 days ago or longer (ann@x). No night deletes anything: "
                "`reconcile plan --deletions` puts it into a plan to review and apply."
            )
        ]
        here.hr(person("ann", status="left"), person("bob"))
        plan = here.plan(days(31), deletions=True)
        assert [operation.verb for operation in plan.operations][-1] is Verb.DELETE
        (deletion,) = (operation for operation in plan.operations if operation.verb is Verb.DELETE)
        assert (deletion.before, deletion.after) == ({"state": "deactivated"}, {"state": "deleted"})
        assert deletion.because.detail == (
            "Ann (ann) is terminated (status left, start 2026-01-01); this job deactivated the account on 2026-03-03, 30 days ago, "
            "and the mapping says delete_after_days = 30. It cannot be brought back."
        )


def test_what_is_deleted_is_gone_and_its_link_forgotten(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), **KEEP) as here:
        here.night()
        here.hr(person("ann", status="left"))
        here.night(days(1))
        assert done(here.night(days(40), deletions=True)) == [(Verb.DELETE, "ann")]
        assert here.bench.target.accounts == {}
        plan = here.night(days(41), deletions=True)
        assert (plan.operations, [link.forget for link in plan.links]) == ((), [True])
        here.hr(person("ann"))
        assert done(here.plan(days(42))) == [(Verb.CREATE, "ann")]


def test_account_deactivated_by_hand_is_never_deleted(tmp_path: Path) -> None:
    with office(tmp_path, person("ann", status="left"), accounts={"ann": "deactivated"}, **KEEP) as here:
        here.night()
        assert done(here.plan(days(400), deletions=True)) == []


def test_account_reactivated_by_hand_is_not_deleted_until_this_job_deactivates_it_again(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), **KEEP) as here:
        here.night()
        here.hr(person("ann", status="left"))
        here.night(days(1))
        here.read(days(2))
        here.by_hand("ann", AccountState.ACTIVE)
        here.read(days(20))
        here.by_hand("ann", AccountState.DEACTIVATED)
        assert done(here.plan(days(40), deletions=True)) == []


def test_the_days_are_counted_from_the_last_deactivation(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), **KEEP) as here:
        here.night()
        for status, night in (("left", 1), ("active", 10), ("left", 20)):
            here.hr(person("ann", status=status))
            here.night(days(night))
        assert done(here.plan(days(49), deletions=True)) == []
        assert done(here.plan(days(50), deletions=True)) == [(Verb.DELETE, "ann")]


@pytest.mark.parametrize("columns", [{"status": "leave"}, {"dept": "lab"}])
def test_only_who_has_left_is_deleted(tmp_path: Path, columns: dict[str, str]) -> None:
    with office(tmp_path, person("ann"), who="dept = 'sales'", leave="deactivate", **KEEP) as here:
        here.night()
        here.hr(person("ann", **columns))
        assert done(here.night(days(1))) == [(Verb.DEACTIVATE, "ann")]
        assert done(here.plan(days(400), deletions=True)) == []


def test_absent_person_is_deleted_only_while_the_absence_is_proven(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), *OTHERS, vanished="deactivate", vanished_after=2, **KEEP) as here:
        here.night()
        here.hr(*OTHERS)
        for night in (1, 2):
            here.night(days(night))
        assert here.state("ann") == "deactivated"
        assert done(here.plan(days(40), deletions=True)) == [(Verb.DELETE, "ann")]
        here.rules(vanished="keep", vanished_after=None)
        assert done(here.plan(days(41), deletions=True)) == []


def test_an_account_that_a_living_person_matches_is_not_deleted(tmp_path: Path) -> None:
    keys = [{"account": "login", "identity": "mail", "adopt": True}]
    with office(tmp_path, person("ann"), correlate=keys, **KEEP) as here:
        here.night()
        here.hr(person("ann", status="left"))
        here.night(days(1))
        here.hr(person("ann", status="left"), person("e7", mail="ann@x"))
        assert done(here.plan(days(40), deletions=True)) == []


def test_an_account_that_is_active_again_by_the_time_of_the_deletion_is_left(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), **KEEP) as here:
        here.night()
        here.hr(person("ann", status="left"))
        here.night(days(1))
        plan = here.plan(days(40), deletions=True)
        here.by_hand("ann", AccountState.ACTIVE)
        (outcome,) = here.bench.apply(plan)
        assert (outcome.kind, outcome.detail) == (
            "moved",
            "the account was deactivated and is active now; the plan wanted to delete the account, which was deactivated",
        )
        assert here.state("ann") == "active"


def test_without_the_setting_nothing_is_ever_deleted(tmp_path: Path) -> None:
    with office(tmp_path, person("ann")) as here:
        here.night()
        here.hr(person("ann", status="left"))
        here.night(days(1))
        plan = here.plan(days(4000), deletions=True)
        assert (plan.operations, said(plan, FindingKind.POLICY)) == ((), [])


def test_a_target_that_cannot_delete_refuses_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, can=Capability()))
    with office(tmp_path, person("ann"), **KEEP) as here, pytest.raises(BadConfiguration, match="delete_after_days"):
        here.plan()


def test_more_than_ten_deletions_are_refused() -> None:
    why = Because(situation=Situation.UNQUALIFIED, rule="app: delete_after_days", detail="")
    operations = [
        Operation(id=str(each), target="app", verb=Verb.DELETE, anchor=str(each), account_id=str(each), who="", name="", because=why)
        for each in range(11)
    ]
    census = [Census(target="app", situations={}, accounts=10_000)]
    assert [verdict.passed for verdict in judge(Guards(), census, operations[:10])] == [True]
    assert [verdict.passed for verdict in judge(Guards(), census, operations)] == [False]
