"""What is protected today is not touched by a plan of before: not by its live run, not by a resumed one, and not by what undoes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Traits
from reconcile.decide.protection.protected import Protection, without_protected
from reconcile.plan.model import Because, FindingKind, Operation, OutcomeKind, Plan, Run, Situation, Verb
from tests.support.companies.engine import TRAITS
from tests.support.companies.office import Office, days, office, person
from tests.support.companies.world import TARGET
from tests.support.undoing import inverse

PROTECTED = {
    "the person": ({"protected_people": ("ann",)}, "protected: ann is listed under people"),
    "the login": ({"protected_accounts": (" ANN@x",)}, "protected: ann@x is listed under accounts of app"),
    "the address": ({"protected_accounts": ("Boss@x",)}, "protected: boss@x is listed under accounts of app"),
    "the id": ({"protected_accounts": ("ACC-ann",)}, "protected: acc-ann is listed under accounts of app"),
}


def leaving(here: Office) -> Plan:
    """The plan of the day on which somebody with an account leaves."""
    account = here.bench.target.accounts["acc-ann"]
    here.bench.target.accounts["acc-ann"] = replace(account, attributes={**account.attributes, "email": "boss@x"})
    here.night()
    here.hr(person("ann", status="left"))
    return here.plan(days(1))


def protect(here: Office, **protected: Any) -> None:
    here.bench.world = replace(here.bench.world, **protected)


@pytest.mark.parametrize(("protected", "detail"), PROTECTED.values(), ids=PROTECTED)
def test_what_is_protected_after_the_plan_is_held(tmp_path: Path, protected: Mapping[str, Any], detail: str) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        plan = leaving(here)
        protect(here, **protected)
        before = dict(here.bench.target.accounts), set(here.bench.target.members)
        for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
            assert {(each.kind, each.detail) for each in outcomes} == {(OutcomeKind.HELD, detail)}
            assert len(outcomes) == len(plan.operations)
        assert (here.bench.target.accounts, here.bench.target.members) == before


def test_an_account_that_got_a_protected_name_after_the_plan_is_held(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        plan = leaving(here)
        account = here.bench.target.accounts["acc-ann"]
        here.bench.target.accounts["acc-ann"] = replace(account, attributes={**account.attributes, "login": "Break.Glass@x"})
        protect(here, protected_accounts=("break.glass@x",))
        for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
            assert {(each.kind, each.detail) for each in outcomes} == {
                (OutcomeKind.HELD, "protected: break.glass@x is listed under accounts of app")
            }
        assert here.bench.target.accounts["acc-ann"].state.value == "active"


def test_no_account_is_created_under_a_name_protected_since_the_plan(tmp_path: Path) -> None:
    with office(tmp_path, person("ann")) as here:
        plan = here.plan()
        protect(here, protected_accounts=("ann@x",))
        assert {each.kind for each in here.bench.preview(plan)} == {OutcomeKind.HELD}
        assert {each.kind for each in here.bench.apply(plan)} == {OutcomeKind.HELD}
        assert here.bench.target.accounts == {}


def test_what_was_done_before_the_interruption_is_recorded_though_it_is_protected_by_now(tmp_path: Path) -> None:
    with office(tmp_path, person("ann")) as here:
        plan = here.plan()
        create, *additions = plan.operations
        made = here.bench.apply(replace(plan, operations=(create,)))
        protect(here, protected_people=("ann",))
        done, *rest = here.bench.resume(plan, {create.id})
        assert (done.kind, done.account_id) == (OutcomeKind.DONE, made[0].account_id)
        assert additions
        assert {each.kind for each in rest} == {OutcomeKind.HELD}


def test_what_was_sent_in_vain_before_the_interruption_is_not_sent_again_once_it_is_protected(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        plan = leaving(here)
        protect(here, protected_people=("ann",))
        assert {each.kind for each in here.bench.resume(plan, {each.id for each in plan.operations})} == {OutcomeKind.HELD}
        assert here.state("ann") == "active"


@pytest.mark.parametrize("protected", [each for each, _ in PROTECTED.values()], ids=PROTECTED)
def test_an_undo_leaves_out_what_is_protected_and_tells_it(tmp_path: Path, protected: Mapping[str, Any]) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        plan = leaving(here)
        run = Run(id="R", plan_digest=plan.digest, live=True, started="", ended="", outcomes=here.bench.apply(plan))
        back = inverse(plan, run)
        assert {each.verb for each in back.operations} == {Verb.REACTIVATE, Verb.ADD_MEMBER}
        protect(here, **protected)
        left = without_protected(back, here.bench.protection(), {TARGET: TRAITS})
        assert left.operations == ()
        (told,) = (each for each in left.findings if each.kind is FindingKind.PROTECTED)
        assert (
            told.message == "ann@x is protected; without that, the plan would reactivate the account, and add it to the groups all, sales."
        )


@pytest.mark.parametrize("other", ["aaa", "zzz"])
@pytest.mark.parametrize("status", ["active", "left"])
def test_a_protected_person_is_known_by_every_anchor_of_theirs(tmp_path: Path, other: str, status: str) -> None:
    """The plan is for the employee's number, and the contractor's is protected, whichever of the two the person goes by now."""
    with office(tmp_path, person("ann", pid="p1"), accounts={"ann": "active"}) as here:
        plan = leaving(here)
        here.hr(person("ann", status="left", pid="p1"), person(other, status=status, pid="p1", mail="other@x"), rules=_with_person(here))
        here.read(days(1))
        protect(here, protected_people=(other,))
        assert {each.kind for each in here.bench.apply(plan)} == {OutcomeKind.HELD}


def _with_person(here: Office) -> Mapping[str, Any]:
    return {**here.bench.world.sources[0].rules, "person": "pid"}


def test_protection_is_of_one_target() -> None:
    why = Because(situation=Situation.CONFIRMED, rule="", detail="")
    traits = Traits(login="login", email="email")
    operation = Operation(id="1", target="wiki", verb=Verb.UPDATE, anchor="", account_id="u1", who="ann@x", name="", because=why)
    protection = Protection(accounts={"okta": frozenset({"ann@x"}), "wiki": frozenset({"bob@x"})})
    assert protection.reason(operation, traits) == ""
    assert protection.reason(replace(operation, after={"email": "BOB@x"}), traits) != ""
    assert Protection(people=frozenset({""})).reason(operation, traits) == ""
