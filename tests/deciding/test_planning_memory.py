"""The memory of a plan grows with the rows of the store, within bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconcile.store.connection import Store
from reconcile.store.memory import FEW, LEAST, MOST, planning_bytes

GIB = 1 << 30


@given(st.integers(0, 10**9), st.integers(0, 1 << 42))
def test_plan_never_gets_more_than_half_of_what_is_usable_nor_less_than_the_least(rows, usable):
    found = planning_bytes(rows, usable)
    assert LEAST <= found <= MOST
    assert found == LEAST or found <= usable // 2


def test_store_of_many_rows_gets_more_and_one_of_few_the_least():
    assert planning_bytes(FEW, 64 * GIB) == LEAST < planning_bytes(2 * FEW, 64 * GIB) < planning_bytes(100 * FEW, 64 * GIB) == MOST


def test_plan_over_a_new_store_has_the_least(tmp_path):
    with Store.open(tmp_path, write=False) as store:
        [(rows, limit)] = store.rows("rows_and_usable_memory")
    # DuckDB states the limit rounded, with four digits.
    assert (rows, round(limit / LEAST, 3)) == (0, 1.0)
