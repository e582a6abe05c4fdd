"""Values that are set on creation only: what an account has stays, so only a new account claims one."""

from pathlib import Path

from reconcile.plan.model import FindingKind, Plan, Verb
from tests.support.companies.columns import world
from tests.support.companies.engine import lab

RULES = {"login": {"expression": "mail", "required": True, "create_only": True}, "name": "name"}


def planned(folder: Path, people: dict[str, str], accounts: dict[str, str], **columns: str) -> Plan:
    """`people`: the address of each. `accounts`: the login of each account. `columns`: what else one account has, by its id."""
    held = {anchor: {"login": login, "name": columns.get(anchor, anchor)} for anchor, login in accounts.items()}
    with lab(world({anchor: {"mail": mail} for anchor, mail in people.items()}, held, RULES), folder) as bench:
        bench.extract()
        return bench.plan()


def collisions(plan: Plan) -> list[str]:
    return [each.anchor for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE]


def test_linked_accounts_whose_addresses_moved_on_claim_nothing(tmp_path):
    plan = planned(tmp_path, {"E3": "u4@x", "E4": "new@x"}, {"E3": "u3@x", "E4": "u4@x"}, E3="another name")
    assert collisions(plan) == []
    assert [(each.anchor, sorted(each.after)) for each in plan.operations] == [("E3", ["name"])]


def test_new_account_takes_a_login_that_a_linked_person_has_an_address_of_and_no_account_holds(tmp_path):
    for changed in ({}, {"E3": "another name"}):
        plan = planned(tmp_path / str(len(changed)), {"E3": "u4@x", "E5": "u4@x"}, {"E3": "u3@x"}, **changed)
        assert collisions(plan) == []
        assert [each.after["login"] for each in plan.operations if each.verb is Verb.CREATE] == ["u4@x"]


def test_new_account_does_not_take_a_login_that_an_account_keeps(tmp_path):
    plan = planned(tmp_path, {"E3": "new@x", "E5": "u3@x"}, {"E3": "u3@x"})
    assert collisions(plan) == ["E5"]
    assert plan.operations == ()


def test_two_new_accounts_do_not_get_one_login(tmp_path):
    plan = planned(tmp_path, {"E5": "u5@x", "E6": "u5@x"}, {})
    assert collisions(plan) == ["E5", "E6"]
    assert plan.operations == ()


def test_linked_person_who_holds_what_a_new_account_would_need_is_not_asked_about_it(tmp_path):
    plan = planned(tmp_path, {"E3": "u3@x", "E5": "u3@x"}, {"E3": "u3@x"})
    assert collisions(plan) == ["E5"]
