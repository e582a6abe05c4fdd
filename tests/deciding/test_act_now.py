"""One-off actions on accounts that changed since the last read: where the read leaves nothing to do, the target is asked now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import AccountState, Capability, Membership
from reconcile.decide.act.request import Request, RequestKind
from reconcile.plan.earlier import Applied
from reconcile.plan.model import Because, Operation, OutcomeKind, Plan, Severity, Situation, Verb
from reconcile.usecases.act import plan_of_request
from tests.support.companies.targets import DAY, Company, done, give_account, group, mapping, said, target

CLOSING = Capability(suspend=True, delete=True)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """One person with an account, which is deactivated."""
    app = target("app", group("g1", "staff"), can=CLOSING)
    made = Company(tmp_path, [app], [mapping("app")])
    made.hire("mia", dept="lab")
    give_account(app, "mia", state=AccountState.DEACTIVATED)
    made.night()
    give_account(app, "mia", state=AccountState.DEACTIVATED)
    made.read()
    return made


Ask = Callable[..., Plan]


@pytest.fixture
def ask(company: Company) -> Ask:
    def asked(kind: RequestKind, **more: Any) -> Plan:
        with company.store() as store:
            return plan_of_request(company.planner(), store, DAY, Request(kind, "Jo", "stolen", ("mia",), **more), company.asking(store))

    return asked


@pytest.mark.parametrize(
    ("kind", "verb"), [(RequestKind.LOCKDOWN, "suspend"), (RequestKind.DEACTIVATE, "deactivate"), (RequestKind.OFFBOARD, "deactivate")]
)
def test_account_that_was_opened_by_hand_since_the_read_is_ended(company: Company, ask: Ask, kind: RequestKind, verb: str) -> None:
    give_account(company.targets[0], "mia")
    plan = ask(kind)
    assert done(plan) == [f"{verb} mia"]
    assert plan.operations[0].before == {"state": "active"}
    company.apply(plan)
    assert company.targets[0].accounts["app-mia"].state.value in (f"{verb}d", f"{verb}ed")


def test_account_that_is_ended_now_too_is_left_with_a_note(ask: Ask) -> None:
    plan = ask(RequestKind.LOCKDOWN)
    assert (done(plan), [each.severity for each in plan.findings]) == ([], [Severity.NOTE])
    assert "admits no sign-in" in plan.findings[0].message


def test_account_that_is_gone_is_ended_where_it_was_deactivated_and_in_question_where_it_was_not(company: Company, ask: Ask) -> None:
    app = company.targets[0]
    give_account(app, "mia", state=AccountState.SUSPENDED)
    company.read()
    del app.accounts["app-mia"]
    plan = ask(RequestKind.LOCKDOWN)
    assert [each.severity for each in plan.findings] == [Severity.ATTENTION]
    assert "is not shown by app any more: nothing is planned. Run `reconcile extract`" in plan.findings[0].message
    give_account(app, "mia", state=AccountState.DEACTIVATED)
    company.read()
    del app.accounts["app-mia"]
    assert [each.severity for each in ask(RequestKind.LOCKDOWN).findings] == [Severity.NOTE]


def test_membership_that_was_given_since_the_read_is_taken(company: Company, ask: Ask) -> None:
    assert said(ask(RequestKind.REMOVE_FROM_GROUP, entitlement="staff")) == ["mia (mia) does not hold staff: nothing is planned."]
    company.targets[0].members.add(("app-mia", "g1"))
    assert done(ask(RequestKind.REMOVE_FROM_GROUP, entitlement="staff")) == ["remove_member mia staff"]


@pytest.mark.parametrize("since_the_read", [False, True])
def test_membership_that_is_held_through_a_group_is_said_to_be_held(company: Company, ask: Ask, *, since_the_read: bool) -> None:
    company.targets[0].inherited.add(Membership("app-mia", "g1", "all staff"))
    if not since_the_read:
        company.read()
    plan = ask(RequestKind.REMOVE_FROM_GROUP, entitlement="staff")
    assert said(plan) == ["mia (mia) holds staff through a group. Remove the account from that group instead."]
    assert (done(plan), [each.severity for each in plan.findings]) == ([], [Severity.ATTENTION])
    company.targets[0].members.add(("app-mia", "g1"))
    assert done(ask(RequestKind.REMOVE_FROM_GROUP, entitlement="staff")) == ["remove_member mia staff"]


def test_membership_that_was_taken_since_the_read_is_given(company: Company, ask: Ask) -> None:
    app = company.targets[0]
    give_account(app, "mia")
    app.members.add(("app-mia", "g1"))
    company.read()
    assert said(ask(RequestKind.ADD_TO_GROUP, entitlement="staff")) == ["mia (mia) holds staff: nothing is planned."]
    app.members.clear()
    assert done(ask(RequestKind.ADD_TO_GROUP, entitlement="staff")) == ["add_member mia staff"]


def test_account_that_a_run_created_since_the_read_is_known(company: Company) -> None:
    company.hire("ivo")
    company.night()
    with company.store() as store:
        asked = Request(RequestKind.LOCKDOWN, "Jo", "stolen", ("ivo",))
        plan = plan_of_request(company.planner(), store, DAY, asked, company.asking(store))
    assert done(plan) == ["suspend ivo"]
    assert plan.operations[0].account == {"login": "ivo"}


def test_name_that_a_run_gave_an_account_since_the_read_is_no_change_of_hands(company: Company) -> None:
    app = company.targets[0]
    give_account(app, "mia")
    read = company.plan().snapshots["app"]
    app.accounts["app-mia"] = replace(app.accounts["app-mia"], attributes={"login": "mia.lund"})
    because = Because(situation=Situation.CONFIRMED, rule="", detail="")
    names = {"before": {"login": "mia"}, "after": {"login": "mia.lund"}}
    renamed = Operation(
        id="o", target="app", verb=Verb.RENAME, anchor="no-mia", account_id="app-mia", who="mia", name="", because=because, **names
    )
    planner = replace(company.planner(), earlier=(Applied(operation=renamed, run="r1", at="2026-03-02T13:00:00Z", snapshot=read),))
    with company.store() as store:
        plan = plan_of_request(planner, store, DAY, Request(RequestKind.LOCKDOWN, "Jo", "stolen", ("mia",)), company.asking(store))
    assert [each.kind for each in company.apply(plan)] == [OutcomeKind.DONE]
    assert app.accounts["app-mia"].state is AccountState.SUSPENDED
