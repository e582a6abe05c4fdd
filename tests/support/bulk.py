"""Plans whose additions of memberships stay rows of a relation, however few they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from reconcile.decide.planner import Planner
from reconcile.plan.digest import digested
from reconcile.plan.model import Plan
from reconcile.plan.operation_rows import in_memory
from reconcile.store.connection import Store


def planned_in_bulk(planner: Planner, store: Store, run_date: date) -> Plan:
    """The plan with bulk additions, read into memory; with the digest that it has there."""
    plan = in_memory(replace(planner, bulk_from=0).planned(store, run_date).plan)
    return plan if plan.digest else digested(plan)
