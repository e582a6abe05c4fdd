"""The accounts that a request or a hold is about: every account of a person, unless an account is named by its id."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Capability, Scope, ScopeKind
from connectors.memory.state import MemoryAccount
from reconcile.decide.act.request import Request, RequestKind
from reconcile.errors import NobodyKnownAs, SeveralKnownAs
from reconcile.plan.hold import Hold
from reconcile.plan.model import FindingKind, Plan, Severity
from reconcile.usecases.act import NoSuchEntitlement, NotAPredicate, plan_of_request
from reconcile.usecases.hold import holds_on
from tests.support.companies.targets import DAY, PEOPLE, Company, give_account, group, mapping, said, target

CAN = Capability(suspend=True)
LIKE = Hold(until="2026-03-09", by="Jo", why="evidence")


def company_in(folder: Path) -> Company:
    """Two people with an account in each of two targets: `mail` knows them by other logins than the sources do. A third has none."""
    app, mail = target("app", group("g1", "staff"), can=CAN), target("mail", group("m1", "Staff"), group("m2", "pool"), can=CAN)
    keys = [{"account": "number", "identity": "anchor", "adopt": True}]
    made = Company(folder, [app, mail], [mapping("app"), mapping("mail", correlate=keys, attributes={"login": "'x.' || name"})])
    for name in ("ada", "ben"):
        made.hire(name, dept="lab")
        give_account(app, name)
        mail.accounts[f"mail-{name}"] = MemoryAccount(
            f"mail-{name}", app.accounts[f"app-{name}"].state, {"login": f"x.{name}", "number": f"no-{name}"}
        )
    mail.accounts["mail-printer"] = MemoryAccount("mail-printer", mail.accounts["mail-ada"].state, {"login": "printer"})
    made.night()
    made.hire("eve", dept="shop")
    made.read()
    return made


Asked = Callable[..., Plan]


def asking(company: Company) -> Asked:
    def ask(*who: str, kind: RequestKind = RequestKind.SUSPEND, **more: Any) -> Plan:
        with company.store() as store:
            return plan_of_request(company.planner(), store, DAY, Request(kind, "Jo", "a test", who, **more), company.asking(store))

    return ask


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Read once, for tests that only ask."""
    return company_in(tmp_path_factory.mktemp("company"))


@pytest.fixture
def asked(company: Company) -> Asked:
    return asking(company)


def accounts(plan: Plan) -> list[str]:
    return sorted(each.account_id for each in plan.operations)


@pytest.mark.parametrize("who", ["no-ada", "ada", "ADA", "x.ada", "X.Ada"])
def test_any_name_of_a_person_stands_for_every_account_of_theirs(asked: Asked, company: Company, who: str) -> None:
    assert accounts(asked(who)) == ["app-ada", "mail-ada"]
    with company.store() as store:
        assert [(each.anchor, each.account_id) for each in holds_on(store, company.planner(), DAY, [who], LIKE)] == [("no-ada", "")]


@pytest.mark.parametrize("who", ["mail-ada", "MAIL-ada"])
def test_id_of_an_account_stands_for_that_account_alone(asked: Asked, company: Company, who: str) -> None:
    assert accounts(asked(who)) == ["mail-ada"]
    with company.store() as store:
        (hold,) = holds_on(store, company.planner(), DAY, [who], LIKE)
    assert (hold.anchor, hold.target, hold.account_id) == ("", "mail", "mail-ada")


def test_account_of_no_person_is_found_by_its_login(asked: Asked, company: Company) -> None:
    assert accounts(asked("printer")) == ["mail-printer"]
    with company.store() as store:
        (hold,) = holds_on(store, company.planner(), DAY, ["printer"], LIKE)
    assert (hold.target, hold.account_id) == ("mail", "mail-printer")


def test_names_of_a_manager_do_not_stand_for_the_one_person_they_manage(tmp_path: Path) -> None:
    company = company_in(tmp_path)
    company.hire("kim", dept="ada")  # The login of the account that no-ada is remembered by.
    company.hire("lou", dept="x.ben")
    del company.people["ada"]
    company.read()
    asked = asking(company)
    with pytest.raises(SeveralKnownAs, match=r"2 are known as 'ADA': no-kim, no-ada\. Give the anchor"):
        asked("ADA")
    with pytest.raises(SeveralKnownAs, match="no-lou, no-ben"):
        asked("x.ben")
    assert accounts(asked("no-ada")) == ["app-ada", "mail-ada"]


def test_value_of_an_attribute_with_a_quote_in_its_name_names_its_person(tmp_path: Path) -> None:
    company = company_in(tmp_path)
    company.sources = ({**PEOPLE, "attributes": {"name": "name", "dept": "dept", 'the "desk" \\ seat': "title"}},)
    company.hire("kim", title="D-41")
    company.read()
    with pytest.raises(NobodyKnownAs, match="'D-42'"):
        asking(company)("D-42")
    assert "no-kim" in said(asking(company)("d-41"), "not_acted")[0]


def test_number_of_a_manager_whom_no_source_states_names_nobody(tmp_path: Path) -> None:
    company = company_in(tmp_path)
    company.hire("kim", dept="no-ben")
    company.hire("lou", dept="no-max")
    company.read()
    asked = asking(company)
    with pytest.raises(NobodyKnownAs, match="'no-max'"):
        asked("no-max")
    assert accounts(asked("no-ben")) == ["app-ben", "mail-ben"]


def test_person_without_an_account_is_named_beside_those_who_have_one(asked: Asked) -> None:
    plan = asked("ada", "eve")
    assert accounts(plan) == ["app-ada", "mail-ada"]
    (note,) = plan.findings
    assert (note.kind, note.severity) == (FindingKind.NOT_ACTED, Severity.ATTENTION)
    assert note.message.startswith("no-eve has no account in app, mail that is surely theirs: suspend is not planned.")


def test_predicate_chooses_people_and_one_that_is_none_is_refused(asked: Asked) -> None:
    assert accounts(asked(where="dept = 'lab'", targets=frozenset({"app"}))) == ["app-ada", "app-ben"]
    assert accounts(asked("ada", where="name = 'ben'", targets=frozenset({"app"}))) == ["app-ada", "app-ben"]
    for where in ("dpet = 'lab'", "dept", "1 +", "dept = (SELECT 'lab')", "read_text('x') = ''"):
        with pytest.raises(NotAPredicate):
            asked(where=where)


def test_group_is_changed_where_it_is_and_asked_about_where_no_target_has_it(asked: Asked) -> None:
    def added(name: str, **more: Any) -> list[tuple[str, str]]:
        plan = asked("ada", kind=RequestKind.ADD_TO_GROUP, entitlement=name, **more)
        assert not plan.findings
        return sorted((each.target, each.entitlement_id) for each in plan.operations)

    assert added("pool") == [("mail", "m2")]
    assert added("STAFF") == [("app", "g1"), ("mail", "m1")]
    assert added("m1") == [("mail", "m1")]
    for name, more in (("nowhere", {}), ("pool", {"targets": frozenset({"app"})})):
        with pytest.raises(NoSuchEntitlement):
            added(name, **more)


def test_nobody_is_said_to_have_no_account_where_no_target_was_read(tmp_path: Path) -> None:
    company = company_in(tmp_path)
    company.targets[0].broken = {Scope(ScopeKind.ACCOUNTS): "the list broke off"}
    company.read()
    asked = asking(company)
    plan = asked("ada", targets=frozenset({"app"}))
    assert accounts(plan) == []
    assert [each.message.partition(":")[0] for each in plan.findings] == ["app was not read completely, or a source is in doubt"]
    assert any("no-eve has no account in mail that is surely theirs" in each.message for each in asked("ada", "eve").findings)


def test_groups_that_were_not_read_completely_are_left_alone_and_named(tmp_path: Path) -> None:
    company = company_in(tmp_path)
    asked = asking(company)
    company.targets[0].broken = {Scope(ScopeKind.ENTITLEMENTS): "the list broke off"}
    company.read()
    for kind in (RequestKind.OFFBOARD, RequestKind.CREATE_GROUP):
        plan = asked("ada", kind=kind)
        assert {each.target for each in plan.operations} == {"mail"}
        assert [each.target for each in plan.findings if "groups of app were not read completely" in each.message] == ["app"]
    assert accounts(asked("ada")) == ["app-ada", "mail-ada"]
