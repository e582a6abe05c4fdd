"""The operations in which two saved plans differ, by statements on both files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from reconcile.plan.compare import Differences, does_the_same
from reconcile.plan.model import Operation
from reconcile.plan.rows import AskedRows
from reconcile.plan.tables import OPERATIONS
from reconcile.store.parsed import execute
from reconcile.store.plans.tables import BATCH, MEMORY, PlanTables, StoredOperations, confine, plan_fault


class _TwoPlans:
    """The operations of two plans, open for reading as `here` and `there`."""

    def __init__(self, here: PlanTables, there: PlanTables) -> None:
        self._plans = (here, there)
        files = [each.folder / f"{OPERATIONS.name}.parquet" for each in self._plans]
        self._connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": here.spill})
        confine(self._connection, here.folder, files)
        for name, file in zip(("here", "there"), files, strict=True):
            self._connection.read_parquet(str(file)).create_view(name)

    def rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """Yields what a named statement answers. Raises PlanDamaged where a file was changed since it was checked."""
        cursor = self._connection.cursor()
        try:
            execute(cursor, statement)
            while batch := cursor.fetchmany(BATCH):
                for each in self._plans:
                    each.refuse_changed()
                yield from batch
        except duckdb.Error as error:
            raise plan_fault(error, self._plans[0].folder, "two plans cannot be compared") from error
        finally:
            cursor.close()

    def count(self, statement: str) -> int:
        ((count,),) = self.rows(statement)
        return int(count)

    def operations(self, statement: str) -> Iterator[Operation]:
        return map(OPERATIONS.value, self.rows(statement))

    def pairs(self) -> Iterator[tuple[Operation, Operation]]:
        """Yields the operations of one intention that do something else. The text of equal values can differ, in the order of their names."""
        width = len(OPERATIONS.columns)
        for row in self.rows("operations_changed"):
            here, there = OPERATIONS.value(row[:width]), OPERATIONS.value(row[width:])
            if not does_the_same(here, there):
                yield here, there


def stored_differences(here: StoredOperations, there: StoredOperations) -> Differences:
    """Compares the operations of two saved plans. Each iteration over what differs reads the files."""
    both = _TwoPlans(here.tables, there.tables)
    different = sum(1 for _ in both.pairs())
    return Differences(
        both=both.count("count_shared") - different,
        only_here=AskedRows(both.count("count_only_here"), lambda: both.operations("operations_only_here")),
        only_there=AskedRows(both.count("count_only_there"), lambda: both.operations("operations_only_there")),
        different=AskedRows(different, both.pairs),
    )
