"""However a server behaves while it is read: the read ends, and no scope that lost a row is called complete."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from connectors.scim.dialect import Paging
from tests.support.examples import examples

_SPEC = importlib.util.spec_from_file_location("scim_hostile", Path(__file__).parent / "scim_hostile.py")
assert _SPEC is not None
assert _SPEC.loader is not None
scim_hostile: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(scim_hostile)
Act: Any = scim_hostile.Act

PAGES = 30
READINGS = 2 * (1 + 1 + 2)
"""Two readings, each with at most two that prove it."""

SHIFTS = [Act.HONEST, Act.DELETE_FIRST, Act.DELETE_LAST, Act.INSERT_FRONT, Act.INSERT_BACK, Act.SWAP, Act.MOVE]
LIES = [Act.SKIP, Act.REPEAT, Act.LESS, Act.EMPTY, Act.ENDLESS, Act.STRANGE, Act.WRONG_TYPE, Act.HTML, Act.EXPIRED]
CALM = examples(120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture
def hostile(serve: Any) -> Any:
    return serve(scim_hostile.Hostile())


def never_fooled(app: Any, paging: Paging, size: int) -> Any:
    """Reads once and judges the reading."""
    server = app.sandbox.app
    overrides = {"paging": paging.value, "max_page": size, "most_members_shown": 3}
    reading = app.read(dialect_overrides=overrides, max_pages=PAGES, empty_ok=not server.always)
    assert server.asked <= READINGS * PAGES + 2
    if not reading.ends["accounts"].problem:
        assert server.always <= set(reading.ids)
        assert len(reading.ids) == len(set(reading.ids))
    if "members g" in reading.ends and not reading.ends["members g"].problem:
        assert {account for _, account in reading.members} == set(server.members)
    return reading


@dataclass(frozen=True)
class Case:
    """A server and how it is read."""

    paging: Paging
    rows: int
    size: int
    script: list[Any]
    members: int = 0
    totals: bool = True


CASES = st.builds(
    Case,
    paging=st.sampled_from(Paging),
    rows=st.integers(0, 9),
    size=st.integers(1, 4),
    script=st.lists(st.sampled_from([*SHIFTS, *LIES]), max_size=12),
    members=st.integers(0, 5),
    totals=st.booleans(),
)


@CALM
@given(CASES)
@example(Case(Paging.INDEX, 4, 2, [Act.HONEST, Act.SWAP]))
@example(Case(Paging.INDEX, 6, 2, [Act.HONEST, Act.SWAP, Act.HONEST, Act.HONEST, Act.SWAP], members=4))
def test_no_hostile_server_makes_a_lossy_read_look_whole(hostile: Any, case: Case) -> None:
    script = case.script
    if case.paging in (Paging.CURSOR, Paging.NONE):
        # Whoever pages by cursor, or not at all, answers for the rows it gives: there is no second way to count them.
        script = [act for act in script if act not in (Act.SKIP, Act.REPEAT, Act.EMPTY)]
    if case.paging is Paging.KEYSET:
        # The end of a list, given for the whole of it, is in order and of the stated length.
        script = [act for act in script if act is not Act.REPEAT]
    rows = [f"r{n}" for n in range(case.rows)]
    hostile.sandbox.app.begin(rows, script, members=case.members, shown=3, totals=case.totals)
    never_fooled(hostile, case.paging, case.size)


@pytest.mark.parametrize("paging", Paging)
def test_an_honest_server_is_believed(hostile: Any, paging: Paging) -> None:
    hostile.sandbox.app.begin([f"r{n}" for n in range(9)], [], members=2)
    reading = never_fooled(hostile, paging, 2 if paging is not Paging.NONE else 9)
    assert [end.problem for end in reading.ends.values()] == ["", "", ""]


@pytest.mark.parametrize("shift", [Act.DELETE_FIRST, Act.INSERT_FRONT, Act.SWAP, Act.MOVE])
def test_a_list_that_moved_once_is_read_again_and_then_believed(hostile: Any, shift: Any) -> None:
    hostile.sandbox.app.begin([f"r{n}" for n in range(6)], [Act.HONEST, shift])
    reading = never_fooled(hostile, Paging.INDEX, 2)
    assert reading.ends["accounts"].problem == ""
    assert sorted(reading.ids) == sorted(hostile.sandbox.app.rows)


def test_a_list_that_moves_all_the_time_is_given_up(hostile: Any) -> None:
    hostile.sandbox.app.begin([f"r{n}" for n in range(6)], [Act.HONEST, Act.SWAP] * 20)
    assert never_fooled(hostile, Paging.INDEX, 2).ends["accounts"].problem


def test_a_list_that_is_not_in_the_order_of_ids_is_not_read_by_them(hostile: Any) -> None:
    hostile.sandbox.app.begin(["r5", "r0", "r7"], [])
    assert "not in the order of ids" in never_fooled(hostile, Paging.KEYSET, 2).ends["accounts"].problem
