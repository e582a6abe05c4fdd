"""An HR file that is not tonight's whole export: nothing is planned, nothing is written, and the reason names the file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .night_worlds import World, export, world

WORKERS = "workers_20260302.csv"


def _header_only(file: Path) -> None:
    export(file, file.read_bytes().partition(b"\n")[0] + b"\n")


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _empty_with_a_fitting_companion(file: Path) -> None:
    export(file, b"")


def _missing(file: Path) -> None:
    file.unlink()


def _half_copied(file: Path) -> None:
    body = file.read_bytes()
    file.write_bytes(body[: len(body) // 2])


def _half_copied_at_the_end_of_a_row(file: Path) -> None:
    body = file.read_bytes()
    file.write_bytes(body[: body.rindex(b"\n", 0, len(body) // 2) + 1])


def _companion_missing(file: Path) -> None:
    file.with_name(f"{file.name}.ok").unlink()


SPOILT = [
    (_header_only, WORKERS, "no rows"),
    (_empty, WORKERS, "companion states bytes"),
    (_empty_with_a_fitting_companion, WORKERS, "empty"),
    (_missing, "hr/workers_*.csv", "no file matches"),
    (_half_copied, WORKERS, "half copied"),
    (_half_copied_at_the_end_of_a_row, WORKERS, "half copied"),
    (_companion_missing, WORKERS, f"{WORKERS}.ok is not there"),
]


@pytest.mark.parametrize(("spoil", "named", "why"), SPOILT, ids=[each[0].__name__.strip("_") for each in SPOILT])
def test_a_file_that_is_not_whole_freezes_everything(drifted, spoil, named, why):
    _frozen_night(drifted, spoil, named, why)


def test_a_file_cut_mid_line_freezes_everything_also_without_companions(drifted):
    drifted.edit("reconcile.toml", 'companion = ".ok"            # beside', 'companion = "none"  # beside')
    try:
        _frozen_night(drifted, _half_copied, WORKERS, "")
    finally:
        drifted.edit("reconcile.toml", 'companion = "none"  # beside', 'companion = ".ok"            # beside')


@pytest.mark.parametrize("spoil", [_missing, _half_copied, _header_only])
def test_the_very_first_night_is_frozen_too(tmp_path, spoil):
    with world(tmp_path / "project") as held:
        spoil(held.hr)
        night = held.night()
        assert night.code == 12
        assert "NOT COMPLETE  workers: " in night.err
        assert held.writes == 0


def test_after_a_bad_file_the_next_whole_one_plans_as_if_nothing_had_been(drifted):
    before = drifted.plan()
    held = {file: file.read_bytes() for file in (drifted.folder / "hr").iterdir()}
    _header_only(drifted.hr)
    extracted = drifted.run("extract")
    assert extracted.code == 12
    assert f"NOT COMPLETE  workers: file {WORKERS}: {WORKERS}: " in extracted.err
    for file, body in held.items():
        file.write_bytes(body)
    assert drifted.plan() == before


def _frozen_night(drifted: World, spoil: Callable[[Path], None], named: str, why: str) -> None:
    held = {file: file.read_bytes() for file in (drifted.folder / "hr").iterdir()}
    spoil(drifted.hr)
    try:
        night, plan = drifted.night(), drifted.run("show", "--json").json
    finally:
        for file, body in held.items():
            file.write_bytes(body)
    assert night.code == 12
    (sentence,) = [line for line in night.err.splitlines() if "NOT COMPLETE" in line]
    assert named in sentence
    assert why in sentence
    assert plan["operations"] == []
    assert [each["kind"] for each in plan["findings"]].count("frozen") == 1
    assert drifted.writes == 0
