"""The plan is a function of what was read, the mappings and the clock: nothing else changes a byte of it."""

import shutil
from random import Random

from .night_worlds import CLOCK, World


def _bytes(held: World, *words: str) -> tuple[str, bytes]:
    """The plan's digest and its head, which holds the digests of its tables, written anew."""
    plans = held.folder / "state" / "plans"
    for old in plans.glob("*"):
        shutil.rmtree(old)
    assert held.run("plan", *CLOCK, *words).code == 10
    (path,) = plans.iterdir()
    return path.name, (path / "plan.json").read_bytes()


def test_planning_twice_gives_the_same_bytes(drifted):
    assert _bytes(drifted) == _bytes(drifted)


def test_the_number_of_threads_does_not_change_the_plan(drifted):
    assert _bytes(drifted, "--threads", "1") == _bytes(drifted, "--threads", "2")


def test_another_clock_gives_another_plan(drifted):
    name, _ = _bytes(drifted)
    drifted.run("plan", "--clock", "2026-03-03")
    names = {path.name for path in (drifted.folder / "state" / "plans").iterdir()}
    assert len(names) == 2
    assert name in names


def test_the_order_of_the_hr_rows_does_not_change_the_plan(drifted):
    before = _bytes(drifted)
    contractors = next((drifted.folder / "hr").glob("contractors_*.csv"))
    for file in (drifted.hr, contractors):
        as_read = file.read_bytes()
        drifted.rewrite_hr(lambda rows: Random(1).sample(rows, len(rows)), file)
        assert file.read_bytes() != as_read
    assert drifted.run("extract").code == 0
    assert _bytes(drifted) == before


def test_reading_the_same_again_does_not_change_the_plan(drifted):
    before = _bytes(drifted)
    assert drifted.run("extract").code == 0
    assert _bytes(drifted) == before
