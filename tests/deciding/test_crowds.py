"""Placeholders that many people or accounts share: each of them is in doubt, and the work grows with their number and not with its square."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from reconcile.decide.matching.correlate import CROWD, NAMED
from reconcile.decide.uniqueness.conflicts import CROWD as HOLDERS
from reconcile.plan.model import FindingKind, Plan, Situation, Verb
from tests.support.companies import columns
from tests.support.companies.engine import lab
from tests.support.companies.people import account, company, plan_of, row, source, world
from tests.support.companies.world import Account, HrRow, World

BOX = "box@x"


def sharing(people: Iterable[HrRow], accounts: Iterable[Account]) -> World:
    return world(source("hr", *people), accounts=tuple(accounts))


def shared(number: int, no: str | None = None) -> Account:
    """An account that has the placeholder as its address."""
    return account(f"a{number:03}", BOX, no, login=f"login{number:03}@x")


def said(plan: Plan, kind: FindingKind) -> dict[str, str]:
    return {each.anchor: each.message for each in plan.findings if each.kind is kind}


def situations(plan: Plan) -> dict[Situation, int]:
    return {situation: count for situation, count in plan.census[0].situations.items() if count}


@pytest.mark.parametrize(("people", "accounts"), [(CROWD, CROWD), (CROWD + 1, CROWD), (CROWD + 1, CROWD + 1), (CROWD + 15, CROWD + 30)])
def test_all_people_and_accounts_of_one_placeholder_are_in_doubt(tmp_path, people, accounts):
    plan = plan_of(sharing((row(f"P{each:03}", BOX) for each in range(people)), map(shared, range(accounts))), tmp_path)
    # An account that somebody may have is counted with them.
    assert situations(plan) == {Situation.AMBIGUOUS: people}
    found = said(plan, FindingKind.AMBIGUOUS)
    assert set(found) == {f"P{each:03}" for each in range(people)}
    expected = f"matches {accounts} accounts: login000@x (email), login001@x (email), login002@x (email) and {accounts - 3} more"
    assert all(expected in message for message in found.values())
    assert plan.operations == ()


def test_account_of_a_crowd_whose_first_people_are_found_by_number_is_in_doubt_all_the_same(tmp_path):
    known = CROWD + 5
    people = [*(row(f"P{each:03}", BOX) for each in range(known)), row("P999", BOX)]
    accounts = [*(shared(each, f"P{each:03}") for each in range(known)), *(shared(each) for each in range(known, known + 6))]
    plan = plan_of(sharing(people, accounts), tmp_path)
    assert situations(plan) == {Situation.FOUND: known, Situation.AMBIGUOUS: 1}
    assert set(said(plan, FindingKind.AMBIGUOUS)) == {"P999"}
    assert f"matches {len(accounts)} accounts" in said(plan, FindingKind.AMBIGUOUS)["P999"]


def test_working_account_of_a_crowd_is_named_before_those_that_are_deactivated(tmp_path):
    accounts = [account(f"a{each:03}", BOX, state="deactivated", login=f"login{each:03}@x") for each in range(CROWD + 10)]
    accounts[-1] = shared(CROWD + 9)
    plan = plan_of(sharing((row(f"P{each:03}", BOX) for each in range(CROWD + 8)), accounts), tmp_path)
    (candidates,) = {each.candidates for each in plan.findings if each.anchor == f"P{CROWD + 7:03}"}
    assert len(candidates) == NAMED
    assert f"login{CROWD + 9:03}@x" in {each.who for each in candidates}


def test_pairs_of_a_crowd_grow_with_its_number(tmp_path):
    made = []
    for size in (60, 120):
        people, accounts = (row(f"P{each:03}", BOX) for each in range(size)), map(shared, range(size))
        with company(sharing(people, accounts), tmp_path / str(size)) as bench:
            made.append(bench.stage("decide/matching/candidates").rows)
    assert made[1] < 2.5 * made[0]


@pytest.mark.parametrize("size", [2, 60])
def test_new_accounts_that_want_one_placeholder_are_told_one_by_one(tmp_path, size):
    plan = wanting(tmp_path, {f"E{each:03}": BOX for each in range(size)}, {})
    found = said(plan, FindingKind.NOT_UNIQUE)
    last, before = f"E{size - 1:03}", f"E{size - 2:03}"
    assert set(found) == {f"E{each:03}" for each in range(size)}
    assert all(f"and {before if anchor == last else last} should have it too" in message for anchor, message in found.items())
    assert plan.operations == ()


@pytest.mark.parametrize("held", [False, True])
def test_collisions_over_one_value_grow_with_the_number_of_people(tmp_path, held):
    made = []
    for size in (60, 120):
        accounts = {f"Z{each:03}": BOX for each in range(size)} if held else {}
        with lab(addresses({f"E{each:03}": BOX for each in range(size)}, accounts), tmp_path / str(size)) as bench:
            bench.extract()
            made.append(bench.stage("decide/uniqueness/conflicts").rows)
    assert made[1] < 2.5 * made[0]


@pytest.mark.parametrize("create", [True, False])
def test_number_of_statements_does_not_grow_with_the_groups_that_a_rule_names(tmp_path, create):
    made = []
    for size in (3, 30):
        people = {f"E{each:03}": {"mail": f"e{each}@x"} for each in range(size)}
        rules = {"own": {"group_expression": "'own-' || anchor", **({"create": True} if create else {})}}
        with lab(columns.world(people, {}, {"login": "mail"}, groups=rules), tmp_path / str(size)) as bench:
            bench.extract()
            assert sum(each.verb is Verb.CREATE_GROUP for each in bench.plan().operations) == (size if create else 0)
            made.append(bench.stage("decide/desired/entitlement_names").statements)
    assert made[0] == made[1]


def test_value_that_a_few_give_up_is_taken_in_the_same_night_and_one_of_a_crowd_later(tmp_path):
    for holders, taken in ((HOLDERS, True), (HOLDERS + 1, False)):
        left = {f"E{each:03}": f"own{each}@x" for each in range(holders)}
        plan = wanting(tmp_path / str(holders), {**left, "N": BOX}, dict.fromkeys(left, BOX))
        assert [each.anchor for each in plan.operations if each.verb is Verb.CREATE] == (["N"] if taken else [])
        assert sum(each.verb is Verb.UPDATE for each in plan.operations) == holders
        assert ("N" in said(plan, FindingKind.NOT_UNIQUE)) is not taken


def addresses(people: dict[str, str], accounts: dict[str, str]) -> World:
    """`people`: the address that each should have. `accounts`: the one that the account of a person has."""
    rules = {"login": {"expression": "anchor", "required": True}, "email": {"expression": "mail", "unique": True, "required": True}}
    held = {anchor: {"login": anchor, "email": mail} for anchor, mail in accounts.items()}
    return columns.world({anchor: {"mail": mail} for anchor, mail in people.items()}, held, rules)


def wanting(folder: Path, people: dict[str, str], accounts: dict[str, str]) -> Plan:
    with lab(addresses(people, accounts), folder) as bench:
        bench.extract()
        return bench.plan()
