"""A rehire whose employments are rows of their own: which row counts, where the mapping says that the latest does."""

import pytest

from tests.support.companies.people import account, plan_of, planned, row, source, told, world


def employment(number, **cells):
    return row("E1", id=f"r{number}", dept=f"dept {number}", **cells)


def depts(tmp_path, *rows, several="latest"):
    """What the department of the account becomes; nothing where the person stays as they are."""
    held = world(source("hr", *rows, several=several), accounts=(account("a1", "e1@x", "E1"),), links={"E1": "a1"})
    plan = plan_of(held, tmp_path)
    return [each.after.get("dept", each.verb.value) for each in plan.operations], told(plan).get("E1", "")


OLD = employment(1, start="2019-05-01", end="2024-06-30", status="left")
NEW = employment(2, start="2026-03-01")


@pytest.mark.parametrize(
    ("rows", "becomes"),
    [
        ((OLD, NEW), "dept 2"),
        ((NEW, OLD), "dept 2"),
        ((employment(1, start="2020-01-01"), employment(2, start="2021-01-01")), "dept 2"),
        ((employment(1, start="2020-01-01"), employment(2)), "dept 1"),
        ((employment(1, start="2020-01-01", end="2026-03-31"), employment(2, start="2026-04-01")), "dept 1"),
        ((OLD, employment(2, start="2025-01-01", end="2025-12-31")), "deactivate"),
        ((OLD, employment(2, start="2025-01-01", end="2025-12-31"), employment(3, start="2026-01-01")), "dept 3"),
    ],
)
def test_active_row_precedes_future_row_precedes_terminated_row_and_then_the_latest_start(tmp_path, rows, becomes):
    assert depts(tmp_path, *rows) == ([becomes], "")


def test_a_rehire_to_come_leaves_the_account_of_the_ended_employment_alone(tmp_path):
    operations, sentence = depts(tmp_path, OLD, employment(2, start="2026-04-01"))
    assert operations == []
    assert "starts later" in sentence


def test_two_that_start_on_one_day_are_told_and_the_person_stays(tmp_path):
    operations, sentence = depts(tmp_path, OLD, employment(2, start="2026-03-01"), employment(3, start="2026-03-01"))
    assert operations == []
    assert "the same anchor and the same start as another row" in sentence


@pytest.mark.parametrize("cells", [{"start": "soon"}, {"status": "unheard of"}])
def test_a_row_that_cannot_be_used_may_be_the_one_that_counts(tmp_path, cells):
    operations, sentence = depts(tmp_path, NEW, employment(1, **cells))
    assert operations == []
    assert sentence


def test_without_the_rule_several_rows_are_told_with_the_way_out(tmp_path):
    operations, sentence = depts(tmp_path, OLD, NEW, several="refuse")
    assert operations == []
    assert 'several = "latest"' in sentence


def test_person_with_one_row_is_decided_as_without_the_rule(tmp_path):
    assert depts(tmp_path, OLD) == (["deactivate"], "")


def test_rows_of_other_people_are_not_looked_at(tmp_path):
    held = world(source("hr", OLD, NEW, row("E2"), row("E3", status="left"), several="latest"))
    assert planned(plan_of(held, tmp_path)) == [("create", "E1"), ("create", "E2")]
