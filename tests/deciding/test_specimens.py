"""What each expression gives for people who are there: its type, three values, and the first row it has no result for."""

import json
from datetime import date

import pytest

from connectors.contract import AccountState, Record
from mappings.load import Mappings
from mappings.rules import Identities, TargetMapping
from reconcile.decide.preview import ExpressionPreview, specimens
from reconcile.store.holding import store_holding
from tests.support.words import words

DAY = date(2026, 3, 2)
ROWS = [
    {"Number": "7", "Mail": "G@x", "Floor": "3", "Job": "main"},
    {"Number": "1", "Mail": " A@x ", "Floor": "1", "Job": "main"},
    {"Number": "2", "Mail": None, "Floor": "two", "Job": "other"},
    {"Number": "3", "Mail": "C@x", "Floor": "-", "Job": "main"},
    {"Number": "5", "Mail": "E@x", "Floor": "5", "Job": "main"},
]


def shown(source: dict[str, object], target: dict[str, object], rows: list[dict[str, str | None]] = ROWS) -> dict[str, ExpressionPreview]:
    """The specimens by place."""
    described = {"connector": "people", "anchor": "Number", "attributes": {"mail": "lower(trim(Mail))"}, **source}
    mappings = Mappings(
        Identities.model_validate({"name": "mail", "source": [described]}),
        (TargetMapping.model_validate({"target": "app", "attributes": {"login": "mail"}, **target}),),
    )
    records = [Record(str(row["Number"]), AccountState.UNKNOWN, "", json.dumps(row)) for row in rows]
    with store_holding({"people": records}) as store:
        return {f"{each.file} {each.key}": each for each in specimens(store, mappings, words(), DAY)}


def test_three_rows_are_the_first_by_id_in_whatever_order_they_came():
    found = shown({}, {})
    assert found == shown({}, {}, ROWS[::-1])
    mail = found["identities.toml source.0.attributes.mail"]
    assert (mail.expression, mail.kind, mail.rows, mail.values) == ("lower(trim(Mail))", "VARCHAR", ("1", "2", "3"), ("a@x", None, "c@x"))


def test_a_target_is_shown_on_the_first_people():
    login = shown({"where": "Job = 'main'"}, {"attributes": {"login": "upper(mail)"}})["app.toml attributes.login"]
    assert (login.kind, login.rows, login.values, login.problem) == ("VARCHAR", ("1", "3", "5"), ("A@X", "C@X", "E@X"), "")


def test_a_candidate_that_counts_is_shown_with_its_first_number():
    rule = {"expression": "mail", "otherwise": ["upper(mail)", "mail || number"], "unique": True}
    found = shown({"where": "Job = 'main'"}, {"attributes": {"login": rule}})
    assert found["app.toml attributes.login"].values == ("a@x", "c@x", "e@x")
    assert found["app.toml attributes.login.otherwise.1"].values == ("a@x2", "c@x2", "e@x2")


def test_a_row_that_does_not_count_is_not_shown():
    found = shown({"where": "Job = 'main'"}, {})
    assert found["identities.toml source.0.attributes.mail"].rows == ("1", "3", "5")
    assert found["identities.toml source.0.where"].values == ("true", "false", "true")


def test_every_expression_has_its_type():
    groups = {"dept": {"group_expression": "'d' || mail", "when": "mail is not null"}}
    target = {"attributes": {"login": "mail", "admin": "mail = 'a@x'", "tags": "[mail]", "day": "run_date"}, "groups": groups}
    kinds = {key.partition(" ")[2]: each.kind for key, each in shown({}, target).items() if key.startswith("app")}
    assert kinds == {
        "who": "BOOLEAN",
        "attributes.login": "VARCHAR",
        "attributes.admin": "BOOLEAN",
        "attributes.tags": "VARCHAR[]",
        "attributes.day": "DATE",
        "groups.dept.when": "BOOLEAN",
        "groups.dept.group_expression": "VARCHAR",
    }


def test_the_first_row_without_a_result_is_named_and_the_other_expressions_are_shown():
    found = shown({"attributes": {"mail": "Mail", "floor": "CAST(Floor AS INTEGER)", "wing": "Floor || 'w'"}}, {})
    floor = found["identities.toml source.0.attributes.floor"]
    assert floor.problem == "cannot be computed for the row 2 of people: " + floor.problem.partition(": ")[2]
    assert "Could not convert string 'two' to INT32" in floor.problem
    assert (floor.rows, floor.values) == (("1", "2", "3"), ())
    assert found["identities.toml source.0.attributes.wing"].values == ("1w", "twow", "-w")
    assert found["app.toml attributes.login"].values == ()


def test_a_row_that_does_not_count_needs_no_result():
    source = {"where": "Floor <> '-'", "attributes": {"mail": "Mail", "floor": "CAST(replace(Floor, 'two', '2') AS INTEGER)"}}
    assert shown(source, {})["identities.toml source.0.attributes.floor"].values == ("1", "2", "5")


def test_a_person_without_a_result_is_named():
    found = shown({"attributes": {"mail": "Mail", "floor": "Floor"}}, {"who": "CAST(floor AS INTEGER) > 0"})
    assert found["app.toml who"].problem.startswith("cannot be computed for the person 2: ")


def test_types_are_shown_without_any_people():
    assert {each.values for each in shown({}, {}, []).values()} == {()}


@pytest.mark.parametrize("where", ["Job = 'nobody'", "Job IS NULL"])
def test_no_sample_is_shown_where_no_row_counts(where):
    assert shown({"where": where}, {})["app.toml attributes.login"].rows == ()
