"""Whatever happens between a plan and its application, nothing is written that a plan of that moment would not write."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .binding_worlds import DISTURBANCES, MONDAY, Bench, Person, Write, bench
from .effort import BINDINGS

STAFF = [Person(f"10{place}", f"person{place}", "red" if place % 2 else "blue") for place in range(8)]
HIRE = Person("200", "newcomer", "blue")
_folders = itertools.count()


def applied(held: Bench, changed: dict[str, str], disturbances: list[tuple[str, str]]) -> tuple[list[Write], set[Write], int]:
    """Applies a plan after something happened: what was written, what a plan of that moment would write, and how much was planned."""
    held.apply(held.plan())
    for number, status in changed.items():
        moves = {"department": "blue", "end": str(MONDAY.date())} if status == "Active" else {}
        held.change(number, status=status, **moves)
    held.people[HIRE.number] = HIRE
    held.save_people()
    plan = held.plan()
    kept = held.folder.with_name(f"{held.folder.name}-kept")
    shutil.copytree(held.folder / "state", kept)
    for name, number in disturbances:
        DISTURBANCES[name](held, number)
    for app in (*held.others, held.app):
        app.written.clear()
    fresh = held.fresh(kept)
    held.apply(plan)
    return held.everything_written, fresh, len(plan.operations)


NUMBERS = st.sampled_from([one.number for one in STAFF[:3]] + [HIRE.number])
CHANGES = st.dictionaries(st.sampled_from([one.number for one in STAFF[:3]]), st.sampled_from(["Active", "Left"]), min_size=1, max_size=3)


def test_nothing_is_written_that_a_plan_of_the_moment_would_not_write(tmp_path: Path) -> None:
    @BINDINGS
    @given(CHANGES, st.lists(st.tuples(st.sampled_from(sorted(DISTURBANCES)), NUMBERS), max_size=2, unique_by=lambda each: each[0]))
    def law(changed: dict[str, str], disturbances: list[tuple[str, str]]) -> None:
        with bench(tmp_path / f"project{next(_folders)}", STAFF) as held:
            written, fresh, _ = applied(held, changed, disturbances)
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


@pytest.mark.parametrize(("disturbance", "number"), SINGLE)
def test_no_single_change_lets_a_stale_write_pass(tmp_path: Path, disturbance: str, number: str) -> None:
    with bench(tmp_path / "project", STAFF) as held:
        written, fresh, _ = applied(held, {LEAVER: "Left", MOVER: "Active"}, [(disturbance, number)])
    assert set(written) <= fresh


def test_an_undisturbed_plan_is_written_whole(tmp_path: Path) -> None:
    with bench(tmp_path / "project", STAFF) as held:
        written, fresh, operations = applied(held, {STAFF[0].number: "Left", STAFF[2].number: "Active"}, [])
    assert operations
    assert set(written) == fresh
