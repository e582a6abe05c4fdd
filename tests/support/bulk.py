"""Plans whose additions of memberships stay rows of a relation, however few they are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

from reconcile.decide.planner import Planner
from reconcile.plan.digest import digested
from reconcile.plan.model import Plan, Verb
from reconcile.plan.operation_rows import in_memory
from reconcile.store.connection import Store
from tests.support.effort import is_fast

EVERY, ONE_IN_FOUR = 1, 4
"""How many plans are compared with the one that is made by the other way, chosen by their digests; the laws compare every one of theirs."""


def planned_in_bulk(planner: Planner, store: Store, run_date: date) -> Plan:
    """The plan with bulk additions, read into memory; with the digest that it has there."""
    made = in_memory(replace(planner, bulk_from=0).planned(store, run_date).plan)
    return made if made.digest else digested(made)


def planned_both_ways(planner: Planner, opened: Callable[[], AbstractContextManager[Store]], run_date: date, compared: int) -> Plan:
    """The plan. Asserts of one in `compared` that it is the same where its additions of memberships stay rows.

    `make test-fast` does not compare.
    """
    with opened() as store:
        plan = planner.plan(store, run_date)
    if not is_fast() and int(plan.digest[0], 16) % compared == 0 and any(each.verb is Verb.ADD_MEMBER for each in plan.operations):
        with opened() as store:
            assert planned_in_bulk(planner, store, run_date) == plan
    return plan
