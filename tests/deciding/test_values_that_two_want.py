"""Values that must be unique and that two want: also where one of them, or both, have it already and nothing would change."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconcile.plan.model import Plan
from tests.support.companies.targets import Company, done, give_account, mapping, said, target

RULES = {"login": "name", "badge": {"expression": "title", "unique": True}}


def planned(folder: Path, *, wanted: dict[str, str], held: dict[str, str], spelled: str = "") -> Plan:
    """The plan for people who should have a badge each, by name, and accounts that hold one. `spelled`: of an account that is nobody's."""
    app = target("app")
    company = Company(folder, [app], [mapping("app", attributes=RULES)])
    for name, badge in wanted.items():
        company.hire(name, title=badge)
    for name, badge in held.items():
        app.accounts[give_account(app, name)].attributes["badge"] = badge
    if spelled:
        app.accounts[give_account(app, "spare")].attributes["badge"] = spelled
    return company.plan()


def told(anchor: str, badge: str, other: str, effect: str) -> str:
    name = anchor.removeprefix("no-")
    return (
        f"{name} ({anchor}) should have badge {badge!r}, and {other} should have it too. It must be unique: "
        f"{effect} until one of them has another."
    )


STAYS, NO_ACCOUNT = "what the account has stays", "no account is created"


def test_two_who_hold_the_value_that_both_should_have_are_told_of_each_other(tmp_path: Path) -> None:
    plan = planned(tmp_path, wanted={"ada": "B-7", "ben": "B-7", "eve": "B-8"}, held={"ada": "B-7", "ben": "B-7", "eve": "B-8"})
    assert (done(plan), said(plan, "not_unique")) == ([], [told("no-ada", "B-7", "no-ben", STAYS), told("no-ben", "B-7", "no-ada", STAYS)])


def test_a_hire_who_wants_what_another_keeps_gets_no_account_and_both_are_told(tmp_path: Path) -> None:
    plan = planned(tmp_path, wanted={"ada": "B-7", "joe": "b-7"}, held={"ada": "B-7"})
    assert (done(plan), said(plan, "not_unique")) == (
        [],
        [told("no-ada", "B-7", "no-joe", STAYS), told("no-joe", "b-7", "no-ada", NO_ACCOUNT)],
    )


def test_of_a_hire_whose_account_waits_for_something_else_nothing_is_said_of_an_account(tmp_path: Path) -> None:
    company = Company(
        tmp_path, [target("app")], [mapping("app", attributes=RULES | {"dept": {"expression": "nullif(dept, '')", "required": True}})]
    )
    for name in ("ada", "joe"):
        company.hire(name, "sales" if name == "ada" else "", title="B-7")
    give_account(company.targets[0], "ada")
    plan = company.plan()
    assert told("no-joe", "B-7", "no-ada", NO_ACCOUNT) in said(plan, "not_unique")


def test_a_value_that_another_keeps_is_not_written_to_a_second_account(tmp_path: Path) -> None:
    plan = planned(tmp_path, wanted={"ada": "B-7", "ben": "B-7"}, held={"ada": "B-7", "ben": "B-9"})
    assert (done(plan), said(plan, "not_unique")) == ([], [told("no-ada", "B-7", "no-ben", STAYS), told("no-ben", "B-7", "no-ada", STAYS)])


@pytest.mark.parametrize("spelled", ["B-7", " b-7"])
def test_who_keeps_a_value_that_an_unmatched_account_holds_too_is_nobody_s_change(tmp_path: Path, spelled: str) -> None:
    plan = planned(tmp_path, wanted={"ada": "B-7"}, held={"ada": "B-7"}, spelled=spelled)
    assert (done(plan), said(plan, "not_unique")) == ([], [])


def test_a_value_that_an_account_gives_up_is_free_for_the_next(tmp_path: Path) -> None:
    plan = planned(tmp_path, wanted={"ada": "B-9", "ben": "B-7"}, held={"ada": "B-7", "ben": "B-8"})
    assert (len(plan.operations), said(plan, "not_unique")) == (2, [])
    frees, takes = plan.operations
    assert (frees.anchor, takes.anchor, takes.depends_on) == ("no-ada", "no-ben", (frees.id,))
