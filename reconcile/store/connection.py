"""The one place that opens DuckDB: the store's file, and the working tables beside it.

The working tables live in memory (spilling to the state folder), the store is attached under the name `store`: read-only
for everything that decides. Expressions of a mapping run here with no access to files or network.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import duckdb
import polars as pl

from connectors.contract import Record, Value
from mappings.expressions import CLOCK, Language, NotAnExpression
from reconcile.errors import StoreBusy, Uncomputable
from reconcile.store.faults import store_fault
from reconcile.store.spill import spill_limit
from reconcile.store.statements import statements

Row = tuple[Any, ...]

FILE = "store.duckdb"
READING_MEMORY = "256MB"
"""What DuckDB may hold while snapshots are taken; the rest spills. A million users and a hundred thousand then need about the same."""

PLANNING_MEMORY = "2GB"
"""What DuckDB may hold while a plan is made; the rest spills. For a million people it takes no longer than with twice as much."""

PATIENCE = 5.0
"""Seconds that whoever writes waits for readers to let go: somebody's glance at the store must not end a night. Two who write never
meet here: each holds the lock of a run."""

_SCHEMA = tuple(name for name in statements() if name.startswith(("create_", "alter_")))
_TABLES = frozenset(name.removeprefix("create_") for name in _SCHEMA if name.startswith("create_"))
_READ_ONLY = "ATTACH $path AS store (READ_ONLY)"


class Spread(NamedTuple):
    """A named statement's rows, with attributes as text columns beside its own (`Store.spread`)."""

    statement: str
    names: Sequence[str]
    parameters: Mapping[str, object]


class Store:
    """Working tables, with the store attached."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path = Path(FILE)) -> None:
        self._connection, self._path = connection, path

    @classmethod
    def open(cls, folder: Path, *, write: bool, threads: int | None = None) -> Self:
        """The store of a state folder. Raises StoreBusy where another process is writing it, StoreDamaged, DiskFull, FileUnusable."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / FILE
        if not write and not path.exists():
            cls.open(folder, write=True).close()
        connection = duckdb.connect(config={"memory_limit": READING_MEMORY if write else PLANNING_MEMORY})
        try:
            if write:
                _attach_to_write(connection, path)
            else:
                connection.execute(_READ_ONLY, {"path": str(path)}).fetchall()
                if _is_older(connection):
                    connection.execute("DETACH store").fetchall()
                    cls.open(folder, write=True).close()
                    connection.execute(_READ_ONLY, {"path": str(path)}).fetchall()
        except duckdb.Error as error:
            connection.close()
            raise store_fault(error, path) or error from error
        _lock(connection, folder, threads)
        return cls(connection, path)

    @classmethod
    def holding(cls, systems: Mapping[str, Sequence[Record]]) -> Self:
        """A store in memory that holds some rows of some systems, as if they had been read."""
        connection = duckdb.connect()
        connection.execute("ATTACH ':memory:' AS store").fetchall()
        _pin_session(connection)
        _shut_in(connection)
        for name in _SCHEMA:
            connection.execute(statements()[name]).fetchall()
        store = cls(connection)
        for system, records in systems.items():
            store.do("stage_records")
            if records:
                rows = [(each.id, each.state, each.status, each.attributes, each.updated) for each in records]
                columns = ("id", "state", "status", "attributes", "updated")
                store.append("staged_record", dict(zip(columns, zip(*rows, strict=True), strict=True)))
            store.do("open_records", system=system, number=1)
            known = sorted({name for each in records for name in each.values()})
            store.do("keep_snapshot", system=system, number=1, digest="", columns=known, open_ended=False, taken_at="")
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the store. What its file or disk made fail is raised as StoreDamaged, DiskFull, SpillLimit or FileUnusable."""
        self.close()
        if isinstance(error, duckdb.Error) and (fault := store_fault(error, self._path)):
            raise fault from error

    def close(self) -> None:
        self._connection.close()

    def rows(self, statement: str, **parameters: object) -> list[Row]:
        """What a named statement answers."""
        return self._connection.execute(statements()[statement], parameters or None).fetchall()

    def value(self, statement: str, **parameters: object) -> Any:
        """The first column of the first row of what a named statement answers; None where there is no row."""
        found = self.rows(statement, **parameters)
        return found[0][0] if found else None

    def compiles(self, pattern: str) -> bool:
        """Whether DuckDB, whose expressions take linear time, evaluates the regular expression."""
        try:
            self.rows("tried_pattern", pattern=pattern)
        except duckdb.InvalidInputException:
            return False
        return True

    def do(self, *names: str, **parameters: object) -> None:
        """Runs named statements; each gets the parameters that it names."""
        for name in names:
            text = statements()[name]
            given = {key: value for key, value in parameters.items() if f"${key}" in text}
            self._connection.execute(text, given or None).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self._connection.begin()
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def append(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        """Adds rows, given column by column, to a working table of the same column names and order."""
        frame = pl.DataFrame(columns, schema={name: _TYPES.get(name, pl.String) for name in columns}, orient="col")
        self._connection.from_arrow(frame.to_arrow()).insert_into(table)

    def put(self, into: str, columns: Mapping[str, Sequence[str | None]]) -> None:
        """A working table of text columns."""
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String), orient="col")
        self._create(into, self._connection.from_arrow(frame.to_arrow()))

    def derive(self, into: str, source: str, columns: Mapping[str, str], *, where: str = "true", kept: Sequence[str] = ()) -> None:
        """A working table with one text column an expression, after the `kept` columns, over the rows for which `where` holds.

        The expressions are those that `mappings.expressions` let pass.
        """
        self._create(into, _derived(self._connection.table(source), columns, where, kept))

    def derive_list(self, into: str, source: str, key: str, texts: Sequence[str]) -> None:
        """A working table (key, vals, mark): the expressions' results as texts (JSON text where not VARCHAR), in order, and their hash."""
        table = self._connection.table(source)
        kinds = [str(kind) for kind in table.select(*[duckdb.SQLExpression(text) for text in texts]).types] if texts else []
        as_text = [_as_text(text, kind) for text, kind in zip(texts, kinds, strict=True)]
        vals = duckdb.FunctionExpression("list_value", *as_text).cast("VARCHAR[]").alias("vals")
        listed = table.select(duckdb.ColumnExpression(key), vals)
        self._create(
            into, listed.select(duckdb.StarExpression(), duckdb.FunctionExpression("hash", duckdb.ColumnExpression("vals")).alias("mark"))
        )

    def types(self, source: str, texts: Sequence[str]) -> list[str]:
        """The DuckDB type of each expression over a working table. Raises duckdb.Error where one does not bind."""
        return [str(kind) for kind in self._connection.table(source).select(*[duckdb.SQLExpression(text) for text in texts]).types]

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
        merged = rows.join(several, key, how="semi").aggregate([duckdb.ColumnExpression(key), *first], _quoted(key))
        rows.join(several, key, how="anti").select(*named).union(merged).create_view(into)

    def tally(self, source: str, pairs: Sequence[tuple[str, str]]) -> tuple[int, list[int]]:
        """How many rows a working table has, and how many with each value, given as pairs of a column and what it holds as text."""
        wanted = [duckdb.ColumnExpression(name).cast("VARCHAR") == duckdb.ConstantExpression(value) for name, value in pairs]
        counts = [duckdb.FunctionExpression("count_if", each) for each in wanted]
        total, *found = self._connection.table(source).aggregate([duckdb.FunctionExpression("count_star"), *counts]).fetchall()[0]
        return int(total), [int(count) for count in found]

    def union(self, into: str, sources: Sequence[str]) -> None:
        """A view of the rows of several, which have the same columns in the same order."""
        together = self._connection.table(sources[0])
        for source in sources[1:]:
            together = together.union(self._connection.table(source))
        together.create_view(into)

    def columns(self, table: str) -> list[str]:
        return list(self._connection.table(table).columns)

    def spread(self, into: str, statement: str, names: Sequence[str], **parameters: object) -> None:
        """A working table: a named statement's rows with the attributes of the given names as text columns beside its own.

        The statement's parameter `shape` is the structure that JSON is read with.
        """
        self._create(into, self._spread(Spread(statement, names, parameters)))

    def derive_spread(self, into: str, rows: Spread, columns: Mapping[str, str], *, where: str, kept: Sequence[str]) -> None:
        """What `derive` makes of what `spread` makes, without keeping the rows in between."""
        self._create(into, _derived(self._spread(rows), columns, where, kept))

    def derive_excluded(self, into: str, rows: Spread, anchor: str, *, where: str, kept: Sequence[str]) -> None:
        """The anchors of the rows for which `where` does not hold; NULL where the anchor of such a row cannot be computed."""
        holds = duckdb.CoalesceOperator(duckdb.SQLExpression(where), duckdb.ConstantExpression(value=False))
        picked = [duckdb.FunctionExpression("try", _as_varchar(anchor)).alias("anchor"), *map(duckdb.ColumnExpression, kept)]
        self._create(into, self._spread(rows).filter(~holds).select(*picked))

    def _spread(self, rows: Spread) -> duckdb.DuckDBPyRelation:
        shape = json.dumps(dict.fromkeys(rows.names or ["-"], "VARCHAR"))
        return self._connection.sql(statements()[rows.statement], params={**rows.parameters, "shape": shape})

    def results(self, source: str, key: str, text: str, *, where: str, most: int) -> list[str | None]:
        """What an expression gives, as text, for the first rows by key for which `where` holds. Raises Uncomputable."""
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

    def _create(self, into: str, relation: duckdb.DuckDBPyRelation) -> None:
        with _row_by_row():
            relation.create(_quoted(into))


def language() -> Language:
    """The parser and the catalogue of functions that expressions are judged by."""
    connection = duckdb.connect()
    _pin_session(connection)
    _shut_in(connection)
    scalar = dict(connection.execute(statements()["scalar_functions"]).fetchall())
    other = dict(connection.execute(statements()["other_functions"]).fetchall())

    def parse(text: str) -> Mapping[str, object]:
        answer = connection.execute(statements()["syntax_tree"], {"text": text}).fetchall()[0][0]
        tree: dict[str, object] = json.loads(answer)
        return tree

    def kind_of(text: str, columns: frozenset[str]) -> str:
        named = {name.lower(): name for name in sorted(columns)} | {CLOCK: CLOCK}
        row = [duckdb.ConstantExpression(None).cast("DATE" if name == CLOCK else "VARCHAR").alias(name) for name in named.values()]
        try:
            return str(connection.sql(statements()["one_row"]).select(*row).select(duckdb.SQLExpression(text)).types[0])
        except duckdb.ProgrammingError as error:
            raise NotAnExpression(f"cannot be computed over text: {_first_line(error)}") from error

    return Language(parse, scalar, other, kind_of)


@contextlib.contextmanager
def _row_by_row() -> Iterator[None]:
    """While expressions of a mapping are computed: what a row's values can make fail is the mapping's business. Raises Uncomputable."""
    try:
        yield
    except (duckdb.DataError, duckdb.InvalidInputException) as error:
        raise Uncomputable(_first_line(error)) from error


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0].partition(": ")[2]


def travels_as_json(kind: str) -> bool:
    """Whether a value of this DuckDB type is no text in JSON either: a number, a boolean, or something with parts."""
    return kind in _JSON_KINDS or kind.startswith(("DECIMAL", "STRUCT", "MAP")) or kind.endswith("]")


def value_of(text: str, kind: str) -> Value:
    """The value that a text of `derive_list` stands for, given the DuckDB type of its expression."""
    if not travels_as_json(kind):
        return text
    parsed: Value = json.loads(text)
    return parsed


def json_path(attribute: str) -> str:
    """The path of one attribute in a record's JSON object; names may hold dots and colons."""
    return '$."' + attribute.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _attach_to_write(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    # The storage version of duckdb 1.5 costs nothing beside the newest, and keeps a step back possible.
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("ATTACH $path AS store (STORAGE_VERSION 'v1.5.0')", {"path": str(path)}).fetchall()
            break
        except duckdb.IOException as error:
            if time.monotonic() > until or not isinstance(store_fault(error, path), StoreBusy):
                raise
            time.sleep(0.05)
    path.chmod(0o600)
    for name in _SCHEMA:
        connection.execute(statements()[name]).fetchall()


def _is_older(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether an earlier version of this program left the attached store, without tables of this one."""
    there = {name for (name,) in connection.execute(statements()["store_tables"]).fetchall()}
    return not there.issuperset(_TABLES)


def _lock(connection: duckdb.DuckDBPyConnection, folder: Path, threads: int | None) -> None:
    spill = folder / "spill"
    connection.execute("SET temp_directory = $folder", {"folder": str(spill)}).fetchall()
    connection.execute("SET max_temp_directory_size = $limit", {"limit": f"{spill_limit(folder)}B"}).fetchall()
    _pin_session(connection)
    if threads:
        connection.execute("SET threads = $threads", {"threads": threads}).fetchall()
    _shut_in(connection)


def _shut_in(connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps expressions of mappings from files and the network, whatever else lets one through."""
    connection.execute("SET enable_external_access = false").fetchall()
    connection.execute("SET lock_configuration = true").fetchall()


def _pin_session(connection: duckdb.DuckDBPyConnection) -> None:
    """What a moment with a time zone is as text or date depends on the session, which takes this machine's time zone unless it is told."""
    connection.execute("SET TimeZone = 'UTC'").fetchall()


def _as_varchar(text: str) -> duckdb.Expression:
    return duckdb.SQLExpression(text).cast("VARCHAR")


def _derived(rows: duckdb.DuckDBPyRelation, columns: Mapping[str, str], where: str, kept: Sequence[str]) -> duckdb.DuckDBPyRelation:
    picked = [duckdb.ColumnExpression(name) for name in kept]
    picked += [_as_varchar(text).alias(name) for name, text in columns.items()]
    return rows.filter(duckdb.SQLExpression(where)).select(*picked)


def _as_text(text: str, kind: str) -> duckdb.Expression:
    expression = duckdb.SQLExpression(text)
    return duckdb.FunctionExpression("to_json", expression).cast("VARCHAR") if travels_as_json(kind) else expression.cast("VARCHAR")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_JSON_KINDS = frozenset(
    {"BOOLEAN", "FLOAT", "DOUBLE", "JSON", "BIGNUM", "INTEGER", "UINTEGER"}
    | {f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")}
)

_TYPES: dict[str, type[pl.DataType]] = {
    "complete": pl.Boolean,
    "partial": pl.Boolean,
    "delta": pl.Boolean,
    "privileged": pl.Boolean,
    "pages": pl.Int64,
    "rows": pl.Int64,
    "distinct_ids": pl.Int64,
    "declared_total": pl.Int64,
    "sequence": pl.Int64,
    "seconds": pl.Float64,
}
"""The columns of working tables that are not text."""

__all__ = ["FILE", "Row", "Spread", "Store", "json_path", "language", "travels_as_json", "value_of"]
