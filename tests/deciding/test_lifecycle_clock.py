"""Where a person stands at the clock: every way of starting and ending, by hand."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mappings.load import Mappings
from mappings.rules import Identities
from reconcile.clock import Clock
from reconcile.project.config import Project, ProjectFile, ProjectSettings
from tests.support.companies.people import DAY, LIFECYCLE, account, plan_of, planned, row, source, told, world

LATER = "starts later"
YESTERDAY, TODAY, TOMORROW = "2026-03-01", str(DAY), "2026-03-03"
HIRED = "2020-01-01"
_numbers = itertools.count()


def outcome(tmp_path, rules, **cells):
    """What becomes of somebody who has a working account; of somebody who has none, whether they get one."""
    people = source("hr", row("E1", **cells), row("E2", **cells), lifecycle={**LIFECYCLE, **rules})
    plan = plan_of(world(people, accounts=(account("a1", "e1@x", "E1"),), links={"E1": "a1"}), tmp_path / str(next(_numbers)))
    operations, sentences = planned(plan), told(plan)
    assert set(operations) <= {("deactivate", "E1"), ("create", "E2")}
    holder = "deactivated" if ("deactivate", "E1") in operations else LATER if "starts later" in sentences.get("E1", "") else "works"
    return holder, "created" if ("create", "E2") in operations else "none"


WORKS, GONE, WAITS = ("works", "created"), ("deactivated", "none"), (LATER, "none")

TABLE = {
    "starts today": ({}, {"start": TODAY}, WORKS),
    "starts tomorrow": ({}, {"start": TOMORROW}, WAITS),
    "starts tomorrow, a day ahead": ({"lead_days": 1}, {"start": TOMORROW}, WORKS),
    "starts in two days, a day ahead": ({"lead_days": 1}, {"start": "2026-03-04"}, WAITS),
    "starts in a week, a week ahead": ({"lead_days": 7}, {"start": "2026-03-09"}, WORKS),
    "starts in eight days, a week ahead": ({"lead_days": 7}, {"start": "2026-03-10"}, WAITS),
    "on leave before the first day": ({}, {"start": TOMORROW, "status": "leave"}, WAITS),
    "on leave": ({}, {"start": HIRED, "status": "leave"}, WORKS),
    "the last day is today": ({}, {"start": HIRED, "end": TODAY}, WORKS),
    "the last day was yesterday": ({}, {"start": HIRED, "end": YESTERDAY}, GONE),
    "the first day gone is today": ({"end_is": "first_day_gone"}, {"start": HIRED, "end": TODAY}, GONE),
    "the first day gone is tomorrow": ({"end_is": "first_day_gone"}, {"start": HIRED, "end": TOMORROW}, WORKS),
    "said to have left, no date": ({}, {"start": HIRED, "status": "left"}, GONE),
    "said to have left, the end is to come": ({}, {"start": HIRED, "status": "left", "end": TOMORROW}, WORKS),
    "said to have left, the last day is today": ({}, {"start": HIRED, "status": "left", "end": TODAY}, GONE),
    "on leave, and the end has passed": ({}, {"start": HIRED, "status": "leave", "end": YESTERDAY}, GONE),
    "rescinded: said to have left, the start is to come": ({}, {"start": TOMORROW, "status": "left"}, GONE),
    "rescinded ahead of the lead": ({"lead_days": 30}, {"start": TOMORROW, "status": "left"}, GONE),
    "rescinded, with an end before the start": ({}, {"start": TOMORROW, "status": "left", "end": YESTERDAY}, GONE),
    "comes for one day": ({}, {"start": TODAY, "end": TODAY}, WORKS),
    "came for one day": ({}, {"start": YESTERDAY, "end": YESTERDAY}, GONE),
    "hired again, and the old end is still there": ({}, {"start": YESTERDAY, "end": "2024-06-30"}, WORKS),
    "will be hired again, and the old end is still there": ({}, {"start": TOMORROW, "end": "2024-06-30"}, WAITS),
    "nothing but a status": ({"start": "", "end": ""}, {"start": TOMORROW, "end": YESTERDAY}, WORKS),
    "nothing but dates": ({"status": "", "active": [], "leave": [], "terminated": []}, {"status": "left", "start": HIRED}, WORKS),
    "a status in another case and with spaces": ({}, {"status": " LEFT "}, GONE),
}


@pytest.mark.parametrize(("rules", "cells", "expected"), TABLE.values(), ids=TABLE)
def test_a_person_stands_where_status_and_dates_say(tmp_path, rules, cells, expected):
    assert outcome(tmp_path, rules, **cells) == expected


@pytest.mark.parametrize(
    ("column", "stated"),
    [
        ("end", "3/4/26"),
        ("end", "31-12-26"),
        ("end", "0001-01-01"),
        ("end", "1900-12-31T00:00:00"),
        ("start", "3/4/26"),
        ("start", "04-03-26"),
    ],
)
def test_a_date_with_a_year_of_two_digits_or_before_1901_is_none_and_nothing_follows_from_it(tmp_path, column, stated):
    """Where no form is declared for its column, `3/4/26` would be the 26th of April of the year 3."""
    cells = {column: stated}
    people = source("hr", row("E1", **cells), row("E2", **cells), lifecycle=LIFECYCLE)
    plan = plan_of(world(people, accounts=(account("a1", "e1@x", "E1"),), links={"E1": "a1"}), tmp_path)
    assert planned(plan) == []
    assert all(f"has the {column} date '{stated}', which is no date of the form YYYY-MM-DD" in told(plan)[who] for who in ("E1", "E2"))


@pytest.mark.parametrize(
    ("status", "end", "said"),
    [
        ("left", "2027-03-03", True),
        (" LEFT ", "9999-12-31", True),
        ("left", "2027-03-02", False),
        ("left", TOMORROW, False),
        ("active", "9999-12-31", False),
        ("left", "", False),
    ],
)
def test_a_word_for_gone_beside_an_end_of_more_than_a_year_ahead_is_a_finding_and_the_date_counts(tmp_path, status, end, said):
    people = source("hr", row("E1", start=HIRED, status=status, end=end), lifecycle=LIFECYCLE)
    plan = plan_of(world(people, accounts=(account("a1", "e1@x", "E1"),), links={"E1": "a1"}), tmp_path)
    found = [each for each in plan.findings if each.anchor == "E1"]
    assert [(each.kind, each.severity) for each in found if "more than a year" in each.message] == [("policy", "attention")] * said
    assert all("'left'" in each.message and end in each.message for each in found if said)
    assert planned(plan) == ([] if end else [("deactivate", "E1")])


def test_returning_person_with_the_same_number_gets_the_same_account(tmp_path):
    people = source("hr", row("E1", start=YESTERDAY, end="2024-06-30"))
    held = world(people, accounts=(account("a1", "e1@x", "E1", "deactivated"),), links={"E1": "a1"})
    assert planned(plan_of(held, tmp_path)) == [("reactivate", "E1")]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", "2026-03-01"), ("Europe/Berlin", "2026-03-02"), ("America/Los_Angeles", "2026-03-01"), ("Pacific/Auckland", "2026-03-02")],
)
def test_the_day_ends_in_the_declared_zone(zone, day):
    late = Clock(lambda: datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    identities = Identities.model_validate({"source": [{"connector": "hr", "anchor": "no", "attributes": {}}]})
    file = ProjectFile(project=ProjectSettings(name="p", time_zone=zone), connectors={})
    assert str(Project(Path(), file, {}, Mappings(identities, ()), "", clock=late).today()) == day
