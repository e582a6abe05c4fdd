"""Working tables made of a mapping's expressions, whose columns only the mapping knows, and what expressions give for the rows of one.

The expressions are those that `mappings.expressions` let pass.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import duckdb
import polars as pl

from reconcile.errors import Uncomputable
from reconcile.store.faults import first_line
from reconcile.store.parsed import parsed
from reconcile.store.schemas import Schemas
from reconcile.store.stages import EXPRESSIONS, Stages
from reconcile.store.statements import rooms
from reconcile.store.values import quoted, travels_as_json
from reconcile.store.wide import WideCopies


class ExpandedRows(NamedTuple):
    """A named statement's rows, with attributes as text columns beside its own (`Relations.expand_json`)."""

    statement: str
    names: Sequence[str]
    parameters: Mapping[str, object]


class Relations:
    """Makes working tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, wide: WideCopies, schemas: Schemas, stages: Stages) -> None:
        self._connection, self._wide, self._schemas, self._stages = connection, wide, schemas, stages

    def put(self, into: str, names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        """A working table of text columns of some names."""
        columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String), orient="col")
        self._create(into, self._connection.from_arrow(frame.to_arrow()))

    def derive(  # noqa: PLR0913 - what each column is, which rows count, and what becomes of a failure
        self, into: str, source: str, columns: Mapping[str, str], *, where: str = "true", kept: Sequence[str] = (), tried: bool = False
    ) -> None:
        """A working table with one text column an expression, after the `kept` columns, over the rows for which `where` holds.

        The expressions are those that `mappings.expressions` let pass. `tried`: one that fails for a row has no result there.
        """
        self._create(into, _derived(self._connection.table(source), columns, where, kept, tried=tried))

    def derive_list(self, into: str, source: str, key: str, texts: Sequence[str]) -> None:
        """A working table (key, values, value_hash): the expressions' results as texts (JSON text where not VARCHAR), in order, and their hash."""
        table = self._connection.table(source)
        kinds = [str(kind) for kind in table.select(*[duckdb.SQLExpression(text) for text in texts]).types] if texts else []
        as_text = [_as_text(text, kind) for text, kind in zip(texts, kinds, strict=True)]
        values = duckdb.FunctionExpression("list_value", *as_text).cast("VARCHAR[]").alias("values")
        listed = table.select(duckdb.ColumnExpression(key), values)
        self._create(
            into,
            listed.select(
                duckdb.StarExpression(), duckdb.FunctionExpression("hash", duckdb.ColumnExpression("values")).alias("value_hash")
            ),
        )

    def first_stated(self, into: str, source: str, by: tuple[str, str], columns: Sequence[str], *, repeated: str) -> None:
        """A view with one row a key: for each column the value of the lowest rank that states one. `by` names the key and the rank.

        Keys with more than one row are those of the working table `repeated`; the rows of the others stand as they are.
        """
        key, rank = by
        rows, several = self._connection.table(source), self._connection.table(repeated)
        named = [duckdb.ColumnExpression(name) for name in (key, *columns)]
        first = [
            duckdb.FunctionExpression("arg_min", duckdb.ColumnExpression(name), duckdb.ColumnExpression(rank)).alias(name)
            for name in columns
        ]
        merged = rows.join(several, key, how="semi").aggregate([duckdb.ColumnExpression(key), *first], quoted(key))
        rows.join(several, key, how="anti").select(*named).union(merged).create_view(into)

    def union(self, into: str, sources: Sequence[str]) -> None:
        """A view of the rows of several, which have the same columns in the same order."""
        together = self._connection.table(sources[0])
        for source in sources[1:]:
            together = together.union(self._connection.table(source))
        together.create_view(into)

    def widen(self, into: str, source: str, key: str, statement: str) -> str:
        """A working table beside `source` with what a named statement answers for the key of each row as further columns; its name.

        It stays after the step in which it is made.
        """
        rows, more = self._connection.table(source), self._connection.sql(parsed(self._connection, statement))
        columns = [duckdb.ColumnExpression(name) for name in (*rows.columns, *(name for name in more.columns if name != key))]
        rows.join(more, key, how="left").select(*columns).create(f"{self._schemas.outer}.{quoted(into)}")
        return into

    def keep(self, into: str, statement: str) -> None:
        """A working table of what a named statement answers, which stays after the step in which it is made."""
        began = time.perf_counter()
        self._connection.sql(parsed(self._connection, statement)).create(f"{self._schemas.outer}.{quoted(into)}")
        self._stages.note_table(rooms()[statement], into, began)

    def expand_json(self, into: str, statement: str, names: Sequence[str], **parameters: object) -> None:
        """A working table: a named statement's rows with the attributes of the given names as text columns beside its own.

        The statement's parameter `shape` is the structure that JSON is read with.
        """
        self._create(into, _expanded(self._connection, self._wide, ExpandedRows(statement, names, parameters)))

    def derive_expanded(self, into: str, rows: ExpandedRows, columns: Mapping[str, str], *, where: str, kept: Sequence[str]) -> None:
        """Combines `expand_json` and `derive` without keeping the rows in between."""
        self._create(into, _derived(_expanded(self._connection, self._wide, rows), columns, where, kept))

    def derive_excluded(self, into: str, rows: ExpandedRows, anchor: str, *, where: str, kept: Sequence[str]) -> None:
        """The anchors of the rows for which `where` does not hold; NULL where the anchor of such a row cannot be computed."""
        holds = duckdb.CoalesceOperator(duckdb.SQLExpression(where), duckdb.ConstantExpression(value=False))
        picked = [duckdb.FunctionExpression("try", _as_varchar(anchor)).alias("anchor"), *map(duckdb.ColumnExpression, kept)]
        self._create(into, _expanded(self._connection, self._wide, rows).filter(~holds).select(*picked))

    def _create(self, into: str, relation: duckdb.DuckDBPyRelation) -> None:
        began = time.perf_counter()
        with _row_by_row():
            relation.create(quoted(into))
        self._stages.note_table(EXPRESSIONS, into, began)


class Expressions:
    """Reads what expressions give for the rows of a working table."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def types(self, source: str, texts: Sequence[str]) -> list[str]:
        """The DuckDB type of each expression over a working table. Raises duckdb.Error where one does not bind."""
        return [str(kind) for kind in self._connection.table(source).select(*[duckdb.SQLExpression(text) for text in texts]).types]

    def tally(self, source: str, pairs: Sequence[tuple[str, str]]) -> tuple[int, list[int]]:
        """Counts the rows of a working table, and those with each value, given as pairs of a column and the value as text."""
        wanted = [duckdb.ColumnExpression(name).cast("VARCHAR") == duckdb.ConstantExpression(value) for name, value in pairs]
        counts = [duckdb.FunctionExpression("count_if", each) for each in wanted]
        total, *found = self._connection.table(source).aggregate([duckdb.FunctionExpression("count_star"), *counts]).fetchall()[0]
        return int(total), [int(count) for count in found]

    def columns(self, table: str) -> list[str]:
        return list(self._connection.table(table).columns)

    def results(self, source: str, key: str, text: str, *, where: str, most: int) -> list[str | None]:
        """Returns the results of an expression, as text, for the first rows by key for which `where` holds. Raises Uncomputable."""
        with _row_by_row():
            return [row[0] for row in self._sorted(source, key, where).limit(most).select(_as_varchar(text)).fetchall()]

    def computes(self, source: str, key: str, texts: Sequence[str], *, where: str = "true", until: str | None = None) -> None:
        """Computes expressions for every row for which `where` holds, up to a key. Raises Uncomputable where one has no result."""
        rows = self._connection.table(source)
        if until is not None:
            rows = rows.filter(duckdb.ColumnExpression(key) <= duckdb.ConstantExpression(until))
        counts = [duckdb.FunctionExpression("count", _as_varchar(text)) for text in texts]
        with _row_by_row():
            rows.filter(duckdb.SQLExpression(where)).aggregate(counts).fetchall()

    def keys(self, source: str, key: str, *, where: str = "true", most: int = sys.maxsize) -> list[str]:
        """The keys of the rows of a working table for which `where` holds, in order."""
        return [row[0] for row in self._sorted(source, key, where).limit(most).select(duckdb.ColumnExpression(key)).fetchall()]

    def _sorted(self, source: str, key: str, where: str) -> duckdb.DuckDBPyRelation:
        return self._connection.table(source).filter(duckdb.SQLExpression(where)).sort(duckdb.ColumnExpression(key))


def _expanded(connection: duckdb.DuckDBPyConnection, wide: WideCopies, rows: ExpandedRows) -> duckdb.DuckDBPyRelation:
    if rows.statement == "source_rows" and (copied := wide.source_rows(rows.names, rows.parameters)) is not None:
        return copied
    shape = json.dumps(dict.fromkeys(rows.names or ["-"], "VARCHAR"))
    return connection.sql(parsed(connection, rows.statement), params={**rows.parameters, "shape": shape})


@contextlib.contextmanager
def _row_by_row() -> Iterator[None]:
    """Raises Uncomputable for an error that a row's values cause in an expression of a mapping; that is a fault of the mapping."""
    try:
        yield
    except (duckdb.DataError, duckdb.InvalidInputException) as error:
        raise Uncomputable(first_line(error)) from error


def _as_varchar(text: str) -> duckdb.Expression:
    return duckdb.SQLExpression(text).cast("VARCHAR")


def _derived(
    rows: duckdb.DuckDBPyRelation, columns: Mapping[str, str], where: str, kept: Sequence[str], *, tried: bool = False
) -> duckdb.DuckDBPyRelation:
    def result(expression: duckdb.Expression) -> duckdb.Expression:
        return duckdb.FunctionExpression("try", expression) if tried else expression

    picked = [duckdb.ColumnExpression(name) for name in kept]
    picked += [result(_as_varchar(text)).alias(name) for name, text in columns.items()]
    return rows.filter(result(duckdb.SQLExpression(where))).select(*picked)


def _as_text(text: str, kind: str) -> duckdb.Expression:
    expression = duckdb.SQLExpression(text)
    return duckdb.FunctionExpression("to_json", expression).cast("VARCHAR") if travels_as_json(kind) else expression.cast("VARCHAR")
