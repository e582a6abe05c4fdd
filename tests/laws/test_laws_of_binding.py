"""Whatever happens between a plan and its application, nothing is written that a plan of that moment would not write."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import Plan

from .binding_worlds import DISTURBANCES, MONDAY, Bench, Person, Write, again, bench
from .effort import BINDINGS

STAFF = [Person(f"10{place}", f"person{place}", "red" if place % 2 else "blue") for place in range(8)]
HIRE = Person("200", "newcomer", "blue")
_folders = itertools.count()


def planned(held: Bench, changed: dict[str, str]) -> Plan:
    """The plan of the day after the first run, on which some people changed and one was hired."""
    held.apply(held.plan())
    for number, status in changed.items():
        moves = {"department": "blue", "end": str(MONDAY.date())} if status == "Active" else {}
        held.change(number, status=status, **moves)
    held.people[HIRE.number] = HIRE
    held.save_people()
    return held.plan()


def applied(held: Bench, plan: Plan, disturbances: list[tuple[str, str]]) -> tuple[list[Write], set[Write]]:
    """Applies a plan after something happened: what was written, and what a plan of that moment would write."""
    kept = held.folder.with_name(f"{held.folder.name}-kept")
    shutil.copytree(held.folder / "state", kept)
    for name, number in disturbances:
        DISTURBANCES[name](held, number)
    for app in (*held.others, held.app):
        app.written.clear()
    fresh = held.fresh(kept)
    held.apply(plan)
    return held.everything_written, fresh


NUMBERS = st.sampled_from([one.number for one in STAFF[:3]] + [HIRE.number])
CHANGES = st.dictionaries(st.sampled_from([one.number for one in STAFF[:3]]), st.sampled_from(["Active", "Left"]), min_size=1, max_size=3)


def test_nothing_is_written_that_a_plan_of_the_moment_would_not_write(tmp_path: Path) -> None:
    @BINDINGS
    @given(CHANGES, st.lists(st.tuples(st.sampled_from(sorted(DISTURBANCES)), NUMBERS), max_size=2, unique_by=lambda each: each[0]))
    def law(changed: dict[str, str], disturbances: list[tuple[str, str]]) -> None:
        with bench(tmp_path / f"project{next(_folders)}", STAFF) as held:
            written, fresh = applied(held, planned(held, changed), disturbances)
        assert set(written) <= fresh

    law()


LEAVER, MOVER = STAFF[0].number, STAFF[1].number
SINGLE = [
    *((name, LEAVER) for name in DISTURBANCES if name != "make_twin"),
    ("hand_over", MOVER),
    ("deactivate_by_hand", MOVER),
    ("next_day", MOVER),
    ("make_twin", HIRE.number),
]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, str]]:
    """A bench with the digest of its plan: one leaves, one moves, one is hired. Each test goes on in a copy."""
    with bench(tmp_path_factory.mktemp("day") / "project", STAFF) as held:
        yield held, planned(held, {LEAVER: "Left", MOVER: "Active"}).digest


@pytest.mark.parametrize(("disturbance", "number"), SINGLE)
def test_no_single_change_lets_a_stale_write_pass(day: tuple[Bench, str], tmp_path: Path, disturbance: str, number: str) -> None:
    with again(tmp_path / "project", day[0]) as held:
        written, fresh = applied(held, held.session().load_plan(day[1]), [(disturbance, number)])
    assert set(written) <= fresh


def test_an_undisturbed_plan_is_written_whole(day: tuple[Bench, str], tmp_path: Path) -> None:
    with again(tmp_path / "project", day[0]) as held:
        plan = held.session().load_plan(day[1])
        written, fresh = applied(held, plan, [])
    assert plan.operations
    assert set(written) == fresh
