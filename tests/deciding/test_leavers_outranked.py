"""Leavers whose row HR has dropped, and whom a source after it lists as working: only what that source says anew brings them back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconcile.plan.model import FindingKind, Plan, Verb
from tests.support.companies.engine import Lab, lab
from tests.support.companies.people import DAY, account, row, source, world
from tests.support.companies.world import HrRow, HrSource
from tests.support.day import clock_on

EVE = row("2")
"""Works there on every night, so that no file is empty."""
ANN, LEFT = row("1"), row("1", status="left")


def hr(*rows: HrRow, **rules: Any) -> HrSource:
    return source("hr", EVE, *rows, **rules)


def agency(*rows: HrRow, **rules: Any) -> HrSource:
    return source("agency", EVE, *rows, **rules)


@contextmanager
def after(folder: Path, *nights: tuple[HrSource, ...]) -> Iterator[Lab]:
    """A company whose files were so on each of these nights, the last one read and not yet planned."""
    accounts = (account("a1", "1@x", "1"), account("a2", "2@x", "2"))
    with lab(world(*nights[0], accounts=accounts), folder) as bench:
        for no, sources in enumerate(nights):
            bench.world = replace(bench.world, sources=sources)
            bench.clock = clock_on(DAY - timedelta(len(nights) - no))
            bench.extract()
            if no < len(nights) - 1:
                bench.apply(bench.plan())
        yield bench


def done(plan: Plan) -> list[tuple[Verb, str]]:
    return [(each.verb, each.anchor) for each in plan.operations]


def notes(plan: Plan) -> list[str]:
    return [each.message for each in plan.findings if each.kind is FindingKind.SOURCE_MISSING and not each.target]


def test_leaver_is_not_given_back_what_a_later_source_never_stopped_claiming(tmp_path: Path) -> None:
    with after(tmp_path, (hr(ANN), agency(ANN)), (hr(LEFT), agency(ANN)), (hr(), agency(ANN))) as bench:
        plan = bench.plan()
        assert done(plan) == []
        assert notes(plan) == [
            (
                "1 person has no row in hr any more, where the last one said that they left: 1. agency stands after hr and says that they work, as it "
                "did before that, so the person counts as terminated until it says something new: another row, or a start after the end. Remove them "
                "there, or put agency before hr."
            )
        ]
        assert bench.why("1").sentences == (
            "Name 1 (1) is terminated (status left).",
            "So the last row of hr said, which is gone. agency stands after it and says otherwise, as it did before that.",
        )


def test_other_cells_of_the_later_source_say_nothing_new(tmp_path: Path) -> None:
    moved = row("1", dept="sales")
    with after(tmp_path, (hr(ANN), agency(ANN)), (hr(LEFT), agency(ANN)), (hr(), agency(moved)), (hr(), agency(moved))) as bench:
        assert done(bench.plan()) == []


def test_leaver_by_date_whom_no_night_saw_leave_is_deactivated(tmp_path: Path) -> None:
    leaving = row("1", end=(DAY + timedelta(7)).isoformat())
    with after(tmp_path, (hr(ANN), agency(ANN)), (hr(leaving), agency(ANN)), (hr(), agency(ANN))) as bench:
        assert done(bench.plan()) == []
        bench.world = replace(bench.world, day=DAY + timedelta(8))
        bench.extract()
        assert done(bench.plan()) == [(Verb.DEACTIVATE, "1")]


@pytest.mark.parametrize(
    "new",
    [row("1", id="new"), row("1", start=DAY.isoformat()), row("1", start=(DAY - timedelta(1)).isoformat(), dept="sales")],
    ids=["another row", "a start of today", "a start after the end"],
)
def test_what_the_later_source_says_anew_counts(new: HrRow, tmp_path: Path) -> None:
    with after(tmp_path, (hr(ANN), agency(ANN)), (hr(LEFT), agency(ANN)), (hr(), agency(new))) as bench:
        plan = bench.plan()
        assert (Verb.REACTIVATE, "1") in done(plan)
        assert notes(plan) == []


def test_row_that_the_later_source_added_when_they_left_counts(tmp_path: Path) -> None:
    """Who leaves HR for the agency is outranked as long as HR has the row, and works once it is gone."""
    with after(tmp_path, (hr(ANN), agency()), (hr(LEFT), agency(ANN)), (hr(LEFT), agency(ANN)), (hr(), agency(ANN))) as bench:
        plan = bench.plan()
        assert (done(plan), notes(plan)) == ([(Verb.REACTIVATE, "1")], [])


def test_status_that_the_later_source_changed_since_counts(tmp_path: Path) -> None:
    with after(tmp_path, (hr(ANN), agency(LEFT)), (hr(LEFT), agency(LEFT)), (hr(), agency(ANN))) as bench:
        assert done(bench.plan()) == [(Verb.REACTIVATE, "1")]


def test_first_read_of_the_later_source_says_nothing_new(tmp_path: Path) -> None:
    """Whether it is older than the end cannot be known."""
    with after(tmp_path, (hr(ANN),), (hr(LEFT),), (hr(), agency(ANN))) as bench:
        plan = bench.plan()
        assert (done(plan), len(notes(plan))) == ([], 1)


def test_source_that_stands_first_outranks_what_is_gone(tmp_path: Path) -> None:
    with after(tmp_path, (hr(ANN), agency(ANN)), (hr(LEFT), agency(ANN)), (agency(ANN), hr())) as bench:
        plan = bench.plan()
        assert (done(plan), notes(plan)) == ([(Verb.REACTIVATE, "1")], [])


def test_dropped_row_of_somebody_who_worked_leaves_the_word_to_the_later_source(tmp_path: Path) -> None:
    with after(tmp_path, (hr(ANN), agency(ANN)), (hr(), agency(ANN))) as bench:
        plan = bench.plan()
        assert (done(plan), notes(plan)) == ([], [])


def test_later_source_that_says_so_too_is_not_named(tmp_path: Path) -> None:
    with after(tmp_path, (hr(ANN), agency(ANN)), (hr(LEFT), agency(LEFT)), (hr(), agency(LEFT))) as bench:
        plan = bench.plan()
        assert (done(plan), notes(plan)) == ([], [])


def test_anchor_that_is_another_of_the_same_person_is_not_outranked(tmp_path: Path) -> None:
    """Of anchors that are one person the one counts that works, whatever source it stands in."""
    one = {"person": "human"}
    ann, left, works = row("1", human="h1"), row("1", human="h1", status="left"), row("A7", human="h1", mail="1@x")
    listed = agency(left, works, **one)
    with after(tmp_path, (hr(ann, **one), listed), (hr(left, **one), listed), (hr(**one), listed)) as bench:
        plan = bench.plan()
        assert Verb.DEACTIVATE not in {each.verb for each in plan.operations}
        assert notes(plan) == []


def test_row_that_a_later_source_drops_outranks_nothing(tmp_path: Path) -> None:
    phones = source("phones", EVE, row("3"), lifecycle={})
    with after(tmp_path, (hr(ANN), agency(ANN), phones), (hr(ANN), agency(LEFT), phones), (hr(ANN), agency(), phones)) as bench:
        plan = bench.plan()
        assert (done(plan), notes(plan)) == ([], [])
