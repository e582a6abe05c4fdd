"""Plans whose additions of memberships stay rows of a relation, however few they are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

from reconcile.decide.planner import Planner
from reconcile.plan.digest import digested
from reconcile.plan.model import Plan
from reconcile.plan.operation_rows import in_memory
from reconcile.store.connection import Store
from reconcile.store.plans.writing import FramedRows
from tests.support.effort import is_fast


def planned_in_bulk(planner: Planner, store: Store, run_date: date) -> Plan:
    """The plan with bulk additions, read into memory; with the digest that it has there."""
    return _planned(planner, store, run_date)[0]


def planned_both_ways(planner: Planner, opened: Callable[[], AbstractContextManager[Store]], run_date: date) -> Plan:
    """The plan. Asserts that it is the same where its additions stay rows; where there are none, nothing is decided differently, nor twice.

    `make test-fast` does not compare.
    """
    if not is_fast():
        with opened() as store:
            in_bulk, has_bulk = _planned(planner, store, run_date)
        if not has_bulk:
            return in_bulk
    with opened() as store:
        plan = planner.plan(store, run_date)
    assert is_fast() or in_bulk == plan
    return plan


def _planned(planner: Planner, store: Store, run_date: date) -> tuple[Plan, bool]:
    """The plan, and whether it has bulk additions."""
    made = replace(planner, bulk_from=0).planned(store, run_date).plan
    plan = in_memory(made)
    return (plan if plan.digest else digested(plan)), isinstance(made.operations, FramedRows)
