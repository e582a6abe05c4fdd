"""People who wait for a source in doubt are in every report, leavers first."""

import json

import pytest

from reconcile.plan.digest import digested
from reconcile.plan.waits import WaitCause, Waiting
from reconcile.report.formats.html import page
from reconcile.report.formats.text import show, summary_line
from reconcile.report.redact import redacted
from reconcile.store.plans.files import load, save
from tests.support import documents as report_json

KEY = b"key"
"""Key of redacted reports."""

LEFT = Waiting(
    source="agency",
    subject="agency.csv",
    cause=WaitCause.UNTRUSTED,
    people=3,
    leavers=1,
    sample=("Anna Lee (0010001)", "Bo Ek (C2)", "Cy Low (C3)"),
)
ALL = "3 people wait for agency.csv (1 of them left: Anna Lee (0010001))"


@pytest.fixture
def waiting_plan(plan_of, operation):
    return plan_of(operation(1), waiting=(LEFT,))


def test_every_report_says_how_many_people_wait_for_what_and_who_of_them_left(waiting_plan):
    shown = page(waiting_plan)
    assert ALL in summary_line(waiting_plan)
    assert ALL in show(waiting_plan, width=200, colour=False)
    assert ALL in shown
    (told,) = json.loads(report_json.document(waiting_plan))["waiting"]
    assert (told["people"], told["leavers"], told["sentence"]) == (3, 1, ALL)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"leavers": 0}, "3 people wait for agency.csv (Anna Lee (0010001), Bo Ek (C2), Cy Low (C3))"),
        ({"leavers": 0, "people": 9}, "9 people wait for agency.csv (Anna Lee (0010001), Bo Ek (C2), Cy Low (C3) and 6 more)"),
        (
            {"leavers": 7, "people": 9},
            "9 people wait for agency.csv (7 of them left: Anna Lee (0010001), Bo Ek (C2), Cy Low (C3) and 4 more)",
        ),
        ({"people": 1, "sample": LEFT.sample[:1]}, "1 person waits for agency.csv (who left: Anna Lee (0010001))"),
        ({"cause": WaitCause.UNSEEN}, "3 people wait for the rows of agency.csv that name no person (1 of them left: Anna Lee (0010001))"),
        ({"cause": WaitCause.ROW}, "3 people wait for rows of agency that cannot be used (1 of them left: Anna Lee (0010001))"),
    ],
)
def test_a_sample_is_bounded_and_names_leavers_only_where_there_are_some(plan_of, fields, said):
    given = {"source": "agency", "subject": "agency.csv", "cause": LEFT.cause, "people": 3, "leavers": 1, "sample": LEFT.sample}
    assert said in summary_line(plan_of(waiting=(Waiting(**{**given, **fields}),)))


def test_waiting_people_are_not_named_in_a_redacted_report(waiting_plan):
    hidden, _ = redacted(waiting_plan, KEY)
    for text in (show(hidden, width=200, colour=False), page(waiting_plan, redact=KEY), report_json.document(hidden)):
        assert "Anna Lee" not in text
        assert "3 people wait for agency.csv (1 of them left: " in text


def test_a_plan_file_keeps_who_waits(waiting_plan, tmp_path):
    sealed = digested(waiting_plan)
    save(sealed, tmp_path)
    assert load(tmp_path, sealed.digest).waiting == (LEFT,)
