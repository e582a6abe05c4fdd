"""The table of decisions and open questions: what is asked, what is not asked again, and that it can be filled in and saved."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from reconcile.plan.digest import canonical, digested
from reconcile.project.decisions import FILE, LinkDecision, read_link_decisions
from reconcile.report.formats.decisions import rows, table
from reconcile.report.redact import redacted
from reconcile.store.plans.files import load, save
from tests.support.companies.pairs import MAIL, account, company, person

KEY = b"key"
"""Key of redacted reports."""

PEOPLE = [person("1", "Ann"), person("2", "Bob", "bob@x"), person("3", "Cyd", "cyd@x"), person("4", "Dee", "-")]
ACCOUNTS = [
    account("u1", "one@x", number="1"),
    account("u2", "two@x", number="1"),
    account("u3", "=bob", email="bob@x"),
    account("u4", "cyd@x"),
]


def link_decision(anchor: str, account_id: str, decision: str) -> LinkDecision:
    said = {"target": "app", "by": "Rae", "why": "asked", "date": "2026-03-02"}
    return LinkDecision.model_validate({**said, "anchor": anchor, "account_id": account_id, "decision": decision})


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    with company(tmp_path_factory.mktemp("questions"), PEOPLE, ACCOUNTS, links={"9": "u4"}) as bench:
        return bench.plan()


def pairs(made: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    return [(each["anchor"], each["account_id"], each.get("account", ""), each["decision"]) for each in made]


def test_every_undecided_account_is_a_row_to_fill_in(plan):
    assert pairs(rows(plan, ())) == [
        ("1", "u1", "one@x", ""),
        ("1", "u2", "two@x", ""),
        ("3", "u4", "cyd@x", ""),
        ("2", "u3", "=bob", ""),
    ]


def test_what_was_decided_stands_first_and_is_not_asked_again(plan):
    made = rows(plan, (link_decision("1", "u1", "different"), link_decision("2", "u3", "same")))
    assert pairs(made) == [("1", "u1", "", "different"), ("2", "u3", "", "same"), ("1", "u2", "two@x", ""), ("3", "u4", "cyd@x", "")]


def test_person_with_a_decided_account_gets_no_further_question(plan):
    assert [each["account_id"] for each in rows(plan, (link_decision("1", "u1", "same"),)) if each["anchor"] == "1"] == ["u1"]


def test_person_without_any_key_is_a_question_without_an_account(tmp_path):
    with company(tmp_path, [person("1", " ", " ")], [], [MAIL]) as bench:
        (row,) = rows(bench.plan(), ())
    assert (row["anchor"], row["account_id"]) == ("1", "")


def test_the_table_filled_in_is_decisions_csv(plan, tmp_path):
    text = table(plan, ())
    assert text.startswith("\ufeff")
    assert "'=bob" in text
    cells = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))
    cells[1] |= {"decision": "same", "by": "Rae", "why": "asked", "date": "2026-03-02"}
    with (tmp_path / FILE).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, cells[0])
        writer.writeheader()
        writer.writerows(cells)
    assert [each.pair for each in read_link_decisions(tmp_path, ["app"])] == [("app", "1", "u2")]


def test_a_saved_plan_keeps_the_candidates_and_a_redacted_one_hides_them(plan, tmp_path):
    save(digested(plan), tmp_path)
    assert canonical(load(tmp_path, plan.digest)) == canonical(plan)
    hidden, _ = redacted(plan, KEY)
    assert [len(each.candidates) for each in hidden.findings] == [len(each.candidates) for each in plan.findings]
    assert not {"u1", "one@x"} & {text for each in hidden.findings for one in each.candidates for text in (one.account_id, one.who)}
