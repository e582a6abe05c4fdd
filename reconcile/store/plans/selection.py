"""Selects operations of a saved plan: by an SQL predicate over its columns, and those that depend on some."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from mappings.expressions import Fit, Language, NotAnExpression, misfit, parse_expression, unknown_columns
from reconcile.plan.model import Operation, Verb
from reconcile.plan.operation_rows import OperationRows
from reconcile.plan.tables import OPERATIONS
from reconcile.store.faults import first_line
from reconcile.store.plans.tables import PlanTables, StoredOperations


def operations_where(tables: PlanTables, predicate: str, language: Language) -> list[str]:
    """The ids of the operations for which a predicate over the columns of `operation.parquet` holds, in order. Raises NotAnExpression."""
    expression = parse_expression(predicate, language)
    known = frozenset(OPERATIONS.columns) | {"position"}
    if problems := unknown_columns(expression, known, beside=frozenset()):
        raise NotAnExpression("; ".join(problems))
    try:
        with tables.relation(OPERATIONS.name) as rows:
            if problem := misfit(str(rows.select(duckdb.SQLExpression(predicate)).types[0]), Fit.TRUTH):
                raise NotAnExpression(problem)
            found = rows.filter(duckdb.SQLExpression(predicate)).order("position").select("id").fetchall()
    except duckdb.Error as error:
        raise NotAnExpression(f"cannot be computed for the rows of the plan: {first_line(error)}") from error
    return [id_ for (id_,) in found]


def depending(tables: PlanTables, ids: Collection[str]) -> list[str]:
    """The ids of the operations that depend on some, directly or through others."""
    return [id_ for (id_,) in tables.rows("depending_operations", ids=sorted(ids))] if ids else []


def steps_of_endings(tables: PlanTables, ids: Collection[str]) -> dict[str, str]:
    """The removals and revocations that go with the end of an account, each with the operation that ends it. `ids`: some operations."""
    return dict(tables.rows("steps_of_endings", ids=sorted(ids))) if ids else {}


def sample(operations: OperationRows, target: str, count: int) -> list[Operation]:
    """Returns so many operations of one target, in order. Ids are digests: the first of them are the same sample each time, and as good as a drawn one."""
    if isinstance(operations, StoredOperations):
        ids = [id_ for (id_,) in operations.tables.rows("first_ids_of_target", target=target, count=count)]
    else:
        ids = sorted(each.id for each in operations.of_target(target))[:count]
    return list(operations.with_ids(ids).values())


def group_updates(operations: OperationRows, target: str) -> list[Operation]:
    """Returns the changes of names and descriptions of the groups of one target, in order."""
    if isinstance(operations, StoredOperations):
        ids = [id_ for (id_,) in operations.tables.rows("group_update_ids", target=target)]
        return list(operations.with_ids(ids).values())
    return [each for each in operations.of_target(target) if each.verb is Verb.UPDATE_GROUP]
