"""Leavers whose row HR has dropped, and whom a source that declares no lifecycle still lists: what HR last said of them holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconcile.plan.model import FindingKind, Plan, Verb
from tests.support.companies.engine import Lab
from tests.support.companies.people import DAY, LIFECYCLE, account, company, row, source, world
from tests.support.companies.world import HrRow, HrSource

BOB = row("2")
"""Works there on every night, so that no file is empty."""


def hr(*rows: HrRow, **rules: Any) -> HrSource:
    return source("hr", BOB, *rows, **rules)


def phones(*rows: HrRow, **rules: Any) -> HrSource:
    return source("phones", BOB, *rows, **{"lifecycle": {}, **rules})


@contextmanager
def after(folder: Path, *nights: tuple[HrSource, ...], accounts: tuple[str, ...] = ("1", "2")) -> Iterator[Lab]:
    """A company whose files were so on each of these nights, the last one read and not yet planned."""
    first = world(*nights[0], accounts=tuple(account(f"a{no}", f"{no}@x", no) for no in accounts))
    with company(first, folder) as bench:
        for sources in nights[1:]:
            bench.apply(bench.plan())
            bench.world = replace(bench.world, sources=sources)
            bench.extract()
        yield bench


def done(plan: Plan) -> list[tuple[Verb, str]]:
    return [(each.verb, each.anchor) for each in plan.operations]


def notes(plan: Plan) -> list[str]:
    return [each.message for each in plan.findings if each.kind is FindingKind.SOURCE_MISSING and not each.target]


@pytest.mark.parametrize("last", [{"status": "left"}, {"end": "2026-03-01"}, {"status": "left", "end": "2026-02-20"}], ids=str)
def test_leaver_whose_row_is_dropped_is_not_given_the_account_back(last: dict[str, str], tmp_path: Path) -> None:
    ann = row("1")
    nights = ((hr(ann), phones(ann)), (hr(row("1", **last)), phones(ann)), (hr(), phones(ann)))
    with after(tmp_path, *nights) as bench:
        plan = bench.plan()
        assert done(plan) == []
        assert notes(plan) == [
            (
                "1 person has no row in hr any more, where the last one said that they left: 1. Other sources list them and declare no lifecycle, so the "
                "person counts as terminated until a source says otherwise. Remove them there, or declare in [source.lifecycle] who works, in a source before hr."
            )
        ]


def test_last_row_whose_end_is_no_date_does_not_say_that_somebody_left(tmp_path: Path) -> None:
    ann = row("1")
    with after(tmp_path, (hr(ann), phones(ann)), (hr(row("1", end="3/4/26")), phones(ann)), (hr(), phones(ann))) as bench:
        plan = bench.plan()
        assert done(plan) == []
        assert notes(plan) == []


def test_why_says_which_source_said_so(tmp_path: Path) -> None:
    ann, left = row("1"), row("1", status="left", end="2026-02-20")
    with after(tmp_path, (hr(ann), phones(ann)), (hr(left), phones(ann)), (hr(), phones(ann))) as bench:
        assert bench.why("1").sentences == (
            "Name 1 (1) is terminated (status left, end 2026-02-20).",
            "So the last row of hr said, which is gone. No source that lists the person says who works.",
        )
        assert bench.why("2").sentences == ("Name 2 (2) is active.",)


def test_leaver_whose_row_is_dropped_before_the_night_saw_it_end_by_date_is_deactivated(tmp_path: Path) -> None:
    ann, leaving = row("1"), row("1", end="2026-03-09")
    with after(tmp_path, (hr(ann), phones(ann)), (hr(leaving), phones(ann)), (hr(), phones(ann))) as bench:
        assert done(bench.plan()) == []
        bench.world = replace(bench.world, day=DAY.replace(day=10))
        bench.extract()
        assert done(bench.plan()) == [(Verb.DEACTIVATE, "1")]


def test_leaver_whose_row_is_dropped_gets_no_first_account_either(tmp_path: Path) -> None:
    ann, left = row("1"), row("1", status="left")
    with after(tmp_path, (hr(left), phones(ann)), (hr(), phones(ann)), accounts=("2",)) as bench:
        assert done(bench.plan()) == []


def test_new_row_says_otherwise(tmp_path: Path) -> None:
    ann, left, listed = row("1"), row("1", status="left"), phones(row("1"), row("7"))
    nights = ((hr(ann), listed), (hr(left), listed), (hr(), listed), (hr(row("1", start="2026-03-02", id="new")), listed))
    with after(tmp_path, *nights) as bench:
        plan = bench.plan()
        assert done(plan) == [(Verb.REACTIVATE, "1")]
        assert notes(plan) == []


def test_source_before_that_one_which_declares_a_lifecycle_says_otherwise(tmp_path: Path) -> None:
    ann, left = row("1"), row("1", status="left")
    nights = ((hr(ann), phones(ann)), (hr(left), phones(ann)), (phones(ann, lifecycle=LIFECYCLE), hr()))
    with after(tmp_path, *nights) as bench:
        assert done(bench.plan()) == [(Verb.REACTIVATE, "1")]


def test_dropped_row_of_somebody_who_worked_changes_nothing(tmp_path: Path) -> None:
    ann = row("1")
    with after(tmp_path, (hr(ann), phones(ann)), (hr(), phones(ann))) as bench:
        plan = bench.plan()
        assert (done(plan), notes(plan)) == ([], [])


def test_person_whom_hr_never_held_is_active(tmp_path: Path) -> None:
    ann = row("1")
    with after(tmp_path, (hr(row("9", status="left")), phones(ann)), (hr(), phones(ann)), accounts=("2",)) as bench:
        bench.apply(bench.plan())
        assert "1" in {str(each.attributes.get("no")) for each in bench.target.accounts.values()}


def test_last_of_several_rows_counts(tmp_path: Path) -> None:
    """One row ended years ago and went; the one that followed it said that the person works. And the other way round."""
    ann, old, new = row("1"), row("1", status="left", id="old"), row("1", id="new")
    with after(tmp_path / "works", (hr(old), phones(ann)), (hr(new), phones(ann)), (hr(), phones(ann)), accounts=("2",)) as bench:
        plan = bench.plan()
        assert (done(plan), notes(plan)) == ([], [])
        assert len(bench.target.accounts) == 2
    with after(tmp_path / "left", (hr(new), phones(ann)), (hr(old), phones(ann)), (hr(), phones(ann))) as bench:
        plan = bench.plan()
        assert (done(plan), len(notes(plan))) == ([], 1)


def test_first_source_by_precedence_counts(tmp_path: Path) -> None:
    ann, left = row("1"), row("1", status="left")
    agency = source("agency", BOB, ann)
    gone = source("agency", BOB)
    with after(tmp_path, (hr(left), agency, phones(ann)), (hr(), gone, phones(ann))) as bench:
        assert done(bench.plan()) == []
        assert len(notes(bench.plan())) == 1


def test_row_for_which_a_rule_fails_says_nothing_and_the_others_do(tmp_path: Path) -> None:
    """The rules were written for what is there now; an old row has no number where they want one."""
    ann, eve, code = row("1"), row("3"), {"where": "CAST(boss AS INTEGER) > 0", "anchor": "no"}
    bob, listed = row("2", boss="7"), source("phones", row("2"), ann, eve, lifecycle={})
    left = source("hr", bob, row("1", status="left", boss="7"), row("3", status="left", boss="none"))
    with after(tmp_path, (left, listed), (source("hr", bob, **code), listed), accounts=("2",)) as bench:
        assert [each.split(":")[1] for each in notes(bench.plan())] == [
            " 1. Other sources list them and declare no lifecycle, so the person counts as terminated until a source says otherwise. Remove them there, or declare in [source.lifecycle] who works, in a source before hr."
        ]


def test_row_that_where_leaves_out_said_nothing(tmp_path: Path) -> None:
    ann, left = row("1"), row("1", status="left", dept="shop")
    rules = {"where": "dept IS DISTINCT FROM 'shop'"}
    with after(tmp_path, (hr(left, **rules), phones(ann)), (hr(**rules), phones(ann))) as bench:
        plan = bench.plan()
        assert (done(plan), notes(plan)) == ([], [])
