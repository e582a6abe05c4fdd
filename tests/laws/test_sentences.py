"""What operations and findings say: who it is about, and why."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reconcile.plan.model import Finding, FindingKind, Operation, Plan, Verb
from tests.support.companies.engine import lab
from tests.support.companies.world import Account, Group, HrRow, HrSource, World

DAY = date(2026, 3, 2)
RULES = {
    "connector": "hr",
    "anchor": "no",
    "attributes": {"name": "name", "mail": "mail", "badge": "badge", "dept": "dept"},
    "lifecycle": {"status": "status", "active": ["active"], "terminated": ["left"], "start": "start", "end": '"end"'},
}
MAPPING = {
    "target": "app",
    "correlate": [{"account": "badge", "identity": "badge", "adopt": True}, {"account": "login", "identity": "mail", "adopt": True}],
    "attributes": {"login": "mail", "badge": "badge"},
    "groups": {"sales": {"group": "sales", "when": "dept = 'Sales'"}},
    "fully_managed": ["sales"],
}
GROUPS = (Group("g1", "sales"), Group("g2", "other"))


def person(number: int, name: str, **columns: str | None) -> HrRow:
    usual = {"mail": f"{name.lower()}@x", "badge": f"b{number}", "dept": "Sales", "status": "active", "start": "2026-02-23", "end": None}
    return HrRow(f"row{number}", {"no": str(number), "name": name, **usual, **columns})


def account(number: int, login: str, **values: str) -> Account:
    return Account(f"acc{number}", "active", {"login": login, "badge": f"b{number}", **values})


class Planned:
    """The plan of a small world, by what a reviewer looks for."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def said(self, kind: FindingKind) -> list[str]:
        return [finding.message for finding in self.findings(kind)]

    def findings(self, kind: FindingKind) -> list[Finding]:
        return [finding for finding in self.plan.findings if finding.kind is kind]

    def operation(self, verb: Verb) -> Operation:
        (found,) = (operation for operation in self.plan.operations if operation.verb is verb)
        return found


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Any]:
    """Plans a world: `planned(people, accounts, ...)`."""
    with ExitStack() as stack:

        def plan(people: Sequence[HrRow], accounts: Sequence[Account] = (), **fields: Any) -> Planned:
            defaults: dict[str, Any] = {"members": frozenset(), "granted": frozenset(), "links": {}, "mapping": MAPPING}
            sources = (HrSource("hr", tuple(people), RULES),)
            bench = stack.enter_context(lab(World(DAY, sources, tuple(accounts), GROUPS, **{**defaults, **fields}), tmp_path))
            bench.extract()
            return Planned(bench.plan())

        yield plan


def test_a_new_account_says_whose_it_is_and_since_when_they_are_there(planned):
    operation = planned([person(1, "Ann")]).operation(Verb.CREATE)
    assert operation.because.detail == (
        "Ann (1) is active (start 2026-02-23) and should have an account; none is linked, and none matches by badge or login."
    )


def test_a_leaver_is_named_with_their_end_date_and_the_groups_go_with_the_account(planned):
    leaver = person(1, "Ann", status="left", end="2026-02-27")
    stayer = person(2, "Bob")
    plan = planned([leaver, stayer], [account(1, "ann@x"), account(2, "bob@x")], members=frozenset({("acc1", "g1"), ("acc2", "g1")}))
    assert plan.operation(Verb.DEACTIVATE).because.detail == "Ann (1) is terminated (status left, start 2026-02-23, end 2026-02-27)."
    assert plan.operation(Verb.REMOVE_MEMBER).because.detail == "Leaves: memberships are removed before the account is deactivated."


def test_a_changed_attribute_says_where_its_value_comes_from(planned):
    operation = planned([person(1, "Ann", badge="b9")], [account(1, "ann@x")], links={"1": "acc1"}).operation(Verb.UPDATE)
    assert operation.because.detail == "badge comes from hr: badge."


def test_an_addition_names_its_rule_with_the_condition(planned):
    assert planned([person(1, "Ann")]).operation(Verb.ADD_MEMBER).because.detail == "Granted by sales (dept = 'Sales')."


def test_rivals_for_one_account_name_each_other_and_its_login(planned):
    people = [person(1, "Ann", badge="b7"), person(2, "Bob", badge="b7")]
    assert planned(people, [account(7, "old@x")]).said(FindingKind.AMBIGUOUS) == [
        "Ann (1) matches the account old@x by badge 'b7', and so does Bob (2). Nothing is done until a reviewer decides which account is theirs.",
        "Bob (2) matches the account old@x by badge 'b7', and so does Ann (1). Nothing is done until a reviewer decides which account is theirs.",
    ]


def test_of_many_rivals_three_are_named(planned):
    people = [person(number, f"P{number}", badge="b7") for number in range(1, 7)]
    said = planned(people, [account(7, "old@x")]).said(FindingKind.AMBIGUOUS)
    assert said[0].startswith("P1 (1) matches the account old@x by badge 'b7', and so do P2 (2), P3 (3), P4 (4) and 2 more. ")


def test_several_matching_accounts_are_named_by_login(planned):
    accounts = [account(1, "one@x"), account(2, "ann@x")]
    said = planned([person(1, "Ann")], accounts).said(FindingKind.AMBIGUOUS)
    assert said[0].startswith("Ann (1) matches 2 accounts: one@x (badge), ann@x (login). ")


def test_a_match_that_an_earlier_key_contradicts_says_whose_that_key_is(planned):
    people, accounts = [person(1, "Ann"), person(2, "Bob", mail="ann@x")], [account(1, "ann@x"), account(7, "eve@x")]
    said = planned([*people, person(3, "Eve")], accounts).said(FindingKind.AMBIGUOUS)
    assert [each.partition(". ")[0] for each in said] == [
        "Ann (1) matches the account ann@x by badge 'b1', and so does Bob (2)",
        "Bob (2) matches the account ann@x by login, but its badge 'b1' is that of Ann (1)",
        "Eve (3) matches the account eve@x by login, but its badge 'b7' is of no person in the sources, and not theirs",
    ]
    assert {each.partition(". ")[2] for each in said} == {"Nothing is done until a reviewer decides which account is theirs."}


def test_people_who_share_a_key_name_each_other(planned):
    said = planned([person(1, "Ann", badge="b7"), person(2, "Bob", badge="b7")]).said(FindingKind.AMBIGUOUS)
    assert said[0].startswith("Ann (1) shares the key 'b7' with Bob (2), also without an account. ")


def test_finding_names_the_person_of_the_account(planned):
    people = [person(1, "Ann"), person(2, "Bob", badge="b1")]
    said = planned(people, [account(1, "ann@x")], links={"1": "acc1"}).said(FindingKind.FOUND_ALREADY_LINKED)
    assert said[0].startswith("Bob (2) matches the account ann@x by badge 'b1', which is linked to Ann (1). If the two ")


def test_unmatched_account_may_lose_a_fully_managed_group_and_both_rows_say_so(planned):
    plan = planned([person(1, "Ann")], [account(1, "ann@x"), account(9, "bot@x")], members=frozenset({("acc1", "g1"), ("acc9", "g1")}))
    assert plan.said(FindingKind.UNMANAGED) == [
        "Unmatched account bot@x (active): no identity is linked to it or matches it. Left unchanged, except for fully managed groups."
    ]
    assert plan.operation(Verb.REMOVE_MEMBER).because.detail.startswith(
        "No identity is linked to the account or matches it, and the group is "
    )


def test_without_fully_managed_groups_such_an_account_is_left_alone(planned):
    plan = planned([person(1, "Ann")], [account(9, "bot@x")], mapping={**MAPPING, "fully_managed": []})
    assert plan.said(FindingKind.UNMANAGED) == [
        "Unmatched account bot@x (active): no identity is linked to it or matches it. Left unchanged."
    ]


def test_a_protected_account_is_told_everything_that_would_have_happened(planned):
    leaver = person(1, "Ann", status="left")
    plan = planned(
        [leaver, person(2, "Bob")],
        [account(1, "ann@x"), account(2, "bob@x")],
        members=frozenset({("acc1", "g1"), ("acc1", "g2"), ("acc2", "g1")}),
        granted=frozenset({("acc1", "g2")}),
        protected_accounts=("ann@x",),
    )
    assert plan.said(FindingKind.PROTECTED) == [
        "ann@x is protected; without that, the plan would deactivate the account, and remove it from the groups other, sales."
    ]


def test_a_link_says_whose_account_it_is(planned):
    (link,) = planned([person(1, "Ann")], [account(1, "ann@x")]).plan.links
    assert (link.who, link.name, link.because) == ("ann@x", "Ann", "found by badge 'b1'")
