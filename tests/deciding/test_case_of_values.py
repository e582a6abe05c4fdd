"""Upper and lower case in logins and addresses: no difference by default, a difference where the mapping says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.contract import AccountState, Record, Traits
from connectors.okta.connector import Okta
from connectors.scim.names import NOT_CASE_EXACT
from reconcile.apply.precondition import unconfirmed_changes
from reconcile.plan.model import Because, Operation, Situation, Verb
from reconcile.plan.same_value import different, not_shown
from tests.support.companies import engine
from tests.support.companies.columns import world
from tests.support.companies.engine import lab

TRAITS = Traits(login="login", email="email", not_case_exact=frozenset({"login", "emails"}))
UPDATE = Operation(
    id="0",
    target="app",
    verb=Verb.UPDATE,
    anchor="1",
    account_id="a",
    who="",
    name="",
    because=Because(situation=Situation.CONFIRMED, rule="", detail=""),
)


@pytest.mark.parametrize(
    ("attribute", "ignored"), [("login", True), ("emails.work", True), ("emails.home.2", True), ("title", False), ("email", False)]
)
def test_target_ignores_case_of_its_login_and_of_every_entry_of_its_addresses(attribute, ignored):
    assert TRAITS.ignores_case(attribute) is ignored


def test_okta_and_scim_compare_logins_and_addresses_without_case_and_names_with_it():
    scim = Traits(login="userName", email="emails.work", not_case_exact=NOT_CASE_EXACT)
    assert [Okta.traits.ignores_case(name) for name in ("login", "email", "secondEmail", "lastName")] == [True, True, True, False]
    assert [scim.ignores_case(name) for name in ("userName", "emails.work", "displayName", "externalId")] == [True, True, False, False]


@pytest.mark.parametrize("rule", [{"immutable": True}, {"unique": True}, {}])
@pytest.mark.parametrize(("case", "updates"), [(None, 0), ("ignore", 0), ("exact", 1)])
def test_rule_decides_whether_case_counts_and_the_target_where_it_says_nothing(monkeypatch, tmp_path, rule, case, updates):
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, immutable=frozenset(), not_case_exact=frozenset({"nick"})))
    nick = {"expression": "nick", "case": case, **rule}
    people = {"7": {"nick": "Zoë", "login": "z@x"}}
    with lab(world(people, {"7": {"nick": "zOE\u0308", "login": "z@x"}}, {"login": "login", "nick": nick}), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        verdicts = {each.name: each.verdict for each in bench.why("7").targets[0].attributes}
    assert len(plan.operations) + len(plan.findings) == updates
    assert ("case only" in verdicts["nick"]) is (not updates)


def test_account_that_shows_the_written_login_in_lower_case_has_taken_it():
    operation = replace(UPDATE, before={"login": "old@x", "title": "A"}, after={"login": "New@X", "title": "Bee"})
    assert not_shown({"login": "new@x", "title": "bee"}, operation, TRAITS) == ["title"]


def test_change_of_case_alone_is_done_only_when_the_case_is_there():
    operation = replace(UPDATE, before={"login": "new@x"}, after={"login": "New@X"})
    assert not_shown({"login": "new@x"}, operation, TRAITS) == ["login"]
    assert not_shown({"login": "New@X"}, operation, TRAITS) == []


def test_login_that_changed_its_case_since_the_plan_has_not_moved():
    assert different({"login": "ADA@x", "title": "A"}, {"login": "ada@x", "title": "a"}, TRAITS) == ["title"]


def test_account_is_verified_without_case_after_a_create():
    record = Record("a", AccountState.ACTIVE, "", '{"login": "new@x"}')
    operation = replace(UPDATE, verb=Verb.CREATE, after={"login": "New@X"})
    assert unconfirmed_changes(record, operation, TRAITS) == ""
    assert unconfirmed_changes(record, replace(operation, after={"login": "Newer@X"}), TRAITS) == "login did not take the value"
