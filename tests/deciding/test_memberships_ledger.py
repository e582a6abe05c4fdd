"""The ledger knows which rules gave a membership, and a removal says so; ledgers of before are read all the same."""

import duckdb
import pytest

from reconcile.store.connection import Store
from reconcile.store.file import FILE
from tests.support.companies.targets import Company, done, give_account, group, mapping, target

RULES = {"sales": {"group": "sales", "when": "dept = 'sales'"}, "chiefs": {"group": "sales", "when": "title = 'chief'"}}


@pytest.fixture
def office(tmp_path):
    made = Company(tmp_path, [target("app", group("g1", "sales"))], [mapping(groups=RULES)])
    made.hire("ann", "sales", title="chief")
    give_account(made.targets[0], "ann")
    return made


def test_only_when_the_last_grant_goes_it_is_taken_with_the_rules_that_gave_it(office):
    office.night("run-1")
    office.people["ann"]["dept"] = "law"
    assert done(office.night("run-2")) == []
    office.people["ann"]["title"] = "clerk"
    plan = office.plan()
    assert done(plan) == ["remove_member ann sales"]
    assert plan.operations[0].because.detail == "Granted by groups.chiefs, groups.sales in the run run-1; no rule grants it any more."


def test_of_a_membership_whose_rules_the_ledger_does_not_know_it_says_less(office):
    office.night()
    office.connection.execute("UPDATE store.granted SET rules = ''").fetchall()
    office.people["ann"] |= {"dept": "law", "title": "clerk"}
    assert office.plan().operations[0].because.detail == "Granted by this job earlier; no rule grants it any more."


def test_a_store_of_before_is_opened_and_learns_the_rules(tmp_path):
    Store.open(tmp_path, write=True).close()
    with duckdb.connect(str(tmp_path / FILE)) as connection:
        connection.execute("DROP TABLE schema_version").fetchall()
        connection.execute("ALTER TABLE granted DROP COLUMN rules").fetchall()
        connection.execute("INSERT INTO granted VALUES ('app', 'a', 'g', 'run-1')").fetchall()
    Store.open(tmp_path, write=True).close()
    with duckdb.connect(str(tmp_path / FILE)) as connection:
        assert connection.execute("FROM granted").fetchall() == [("app", "a", "g", "run-1", "")]


def test_taken_and_given_again_the_newest_rules_count(office):
    office.night("run-1")
    office.people["ann"] |= {"dept": "law", "title": "clerk"}
    office.night("run-2")
    office.people["ann"]["title"] = "chief"
    office.night("run-3")
    office.people["ann"]["title"] = "clerk"
    assert office.plan().operations[0].because.detail == "Granted by groups.chiefs in the run run-3; no rule grants it any more."
