"""An HR file that is not tonight's whole export: whom it held is frozen, the others go on, and the reason names the file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .hr_oracle import everybody
from .night_worlds import CLOCK, DAY, World, export, world

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
def test_a_file_that_is_not_whole_freezes_whom_it_held(drifted, spoil, named, why):
    plan = _plan_with(drifted, spoil, named, why)
    held = {each.number for each in everybody(drifted.folder / "hr", DAY) if each.number.isdecimal()}
    assert {each["anchor"] for each in plan["operations"]}.isdisjoint(held)
    assert plan["operations"] != []
    assert all(each["anchor"].startswith("C") for each in plan["operations"])
    assert [each["source"] for each in plan["waiting"] if each["cause"] == "untrusted"] == ["workers"]
    assert drifted.writes == 0


def test_a_file_cut_mid_line_is_not_believed_also_without_companions(drifted):
    drifted.edit("reconcile.toml", 'companion = ".ok"            # beside', 'companion = "none"  # beside')
    try:
        plan = _plan_with(drifted, _half_copied, WORKERS, "")
    finally:
        drifted.edit("reconcile.toml", 'companion = "none"  # beside', 'companion = ".ok"            # beside')
    assert all(each["anchor"].startswith("C") for each in plan["operations"])


@pytest.mark.parametrize("spoil", [_missing, _header_only])
def test_a_project_that_freezes_all_writes_nothing_while_a_file_is_not_whole(drifted, spoil):
    drifted.edit("reconcile.toml", 'name = "example"', 'name = "example"\nin_doubt = "freeze_all"')
    held = _files(drifted)
    spoil(drifted.hr)
    try:
        night, plan = drifted.night(), drifted.run("show", "--json").json
    finally:
        _put_back(held)
        drifted.edit("reconcile.toml", '\nin_doubt = "freeze_all"', "")
    assert night.code == 12
    assert plan["operations"] == []
    assert drifted.writes == 0


@pytest.mark.parametrize("spoil", [_missing, _half_copied, _header_only])
def test_first_night_without_the_workers_file_changes_contractors_alone(tmp_path, spoil):
    with world(tmp_path / "project") as held:
        spoil(held.hr)
        night = held.night("--json")
        assert night.code == 12
        assert "workers" in {each["system"] for each in night.json["scopes"] if not each["complete"]}
        assert all(each["anchor"].startswith("C") for each in night.json["operations"])


def test_after_a_bad_file_the_next_whole_one_plans_as_if_nothing_had_been(drifted):
    before = drifted.plan()
    held = _files(drifted)
    _header_only(drifted.hr)
    extracted = drifted.run("extract")
    assert extracted.code == 12
    assert f"NOT COMPLETE  workers: file {WORKERS}: {WORKERS}: " in extracted.err
    _put_back(held)
    assert drifted.plan() == before


def _plan_with(drifted: World, spoil: Callable[[Path], None], named: str, why: str) -> dict[str, Any]:
    """The plan of a night with a file that is not whole, which is put back."""
    held = _files(drifted)
    spoil(drifted.hr)
    try:
        extracted, planned = drifted.run("extract"), drifted.run("plan", *CLOCK, "--json")
    finally:
        _put_back(held)
    assert extracted.code == planned.code == 12
    (sentence,) = [line for line in extracted.err.splitlines() if "NOT COMPLETE" in line]
    assert named in sentence
    assert why in sentence
    assert [each["kind"] for each in planned.json["findings"]].count("frozen") == 1
    return planned.json


def _files(held: World) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in (held.folder / "hr").iterdir()}


def _put_back(held: dict[Path, bytes]) -> None:
    for file, body in held.items():
        file.write_bytes(body)
