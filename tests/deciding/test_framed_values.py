"""Many operations are columns as soon as they are in order: the plan is the one that they make as values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from reconcile.decide.planned_rows import FRAMED_FROM, PlannedRows, arranged
from reconcile.plan.digest import digested
from reconcile.plan.model import Verb
from reconcile.store.plans.files import save_streamed
from tests.plans.small_plans import operation, plan_of
from tests.support.companies.memory_store import attach_store, working_store

VERBS = (Verb.UPDATE, Verb.DEACTIVATE, Verb.CREATE)
MANY = [operation(number, VERBS[number % 3], after={"site": f"Pier {number}"}) for number in range(FRAMED_FROM, 0, -1)]


def test_plan_of_many_operations_is_written_as_columns_and_has_the_digest_of_its_values(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        attach_store(connection)
        with working_store(connection) as store:
            rows, values = (arranged(store, MANY, [], framed=framed) for framed in (True, False))
            assert isinstance(rows, PlannedRows)
            assert isinstance(values, tuple)
            assert isinstance(arranged(store, MANY[1:], []), tuple)
            assert [each.id for each in values] != [each.id for each in MANY]
            plan = plan_of()
            saved = save_streamed(replace(plan, operations=rows, digest=""), tmp_path)
    assert saved.digest == digested(replace(plan, operations=values)).digest
    assert tuple(saved.operations) == values
