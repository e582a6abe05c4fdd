"""The one place that opens DuckDB: the store's file, and the working tables beside it.

The working tables live in memory (spilling to the state folder), the store is attached under the name `store`: read-only
for everything that decides. Expressions of a mapping run here with no access to files or network.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import polars as pl

from connectors.contract import Record
from reconcile.errors import StoreBusy
from reconcile.store.faults import StoreNewer, store_fault
from reconcile.store.memory import READING, planning_bytes
from reconcile.store.parsed import execute, parsed
from reconcile.store.relations import Expressions, Relations, quoted
from reconcile.store.spill import spill_limit
from reconcile.store.stages import PEOPLE, Stages
from reconcile.store.statements import rooms, statements, statements_of
from reconcile.store.views import make_views
from reconcile.store.wide import WideCopies

Row = tuple[Any, ...]

FILE = "store.duckdb"
SCHEMA = 2
"""Version of the store's schema. It is raised with every change of `schema.sql`, which upgrades what earlier versions left."""
_NO_CHECKPOINTS: dict[str, str | bool | int | float | list[str]] = {"checkpoint_threshold": "1TB"}
"""For those who only read the store: they write nothing but working tables in memory. Checkpoints of those took a seventh of a plan's processor time."""

SLICE = 10_000
"""Rows that become values at once where an answer is read row by row."""

PATIENCE = 5.0
"""Seconds that a writer waits for readers to release the file. Two writers never meet here: each holds the lock of a run."""

_SCHEMA = statements_of("store/schema")
_CHANGES = re.compile(r"^(CREATE|INSERT|UPDATE|DELETE)\b", re.MULTILINE)
_TO_WRITE = "ATTACH $path AS {} (STORAGE_VERSION 'v1.5.0')"
_READ_ONLY = "ATTACH $path AS store (READ_ONLY)"


TARGET = "target "
"""Prefix of the names of the schemas of targets."""


class Store:
    """Working tables, with the store attached."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path = Path(FILE)) -> None:
        self._connection, self._path = connection, path
        self._schemas: list[str] = []
        self._catalog = ""
        self.stages = Stages()
        self.wide = WideCopies(connection)
        self.relations = Relations(connection, self.wide, self._outer, self._noted_table)
        self.expressions = Expressions(connection)

    @classmethod
    def open(cls, folder: Path, *, write: bool, threads: int | None = None) -> Self:
        """The store of a state folder. Raises StoreBusy where another process is writing it, StoreDamaged, DiskFull, FileUnusable."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / FILE
        if not write and not path.exists():
            cls.open(folder, write=True).close()
        connection = duckdb.connect(config={"memory_limit": f"{READING}B"} if write else _NO_CHECKPOINTS)
        try:
            if write:
                _attach_to_write(connection, path)
            else:
                connection.execute(_READ_ONLY, {"path": str(path)}).fetchall()
                if _is_older(connection, path):
                    connection.execute("DETACH store").fetchall()
                    cls.open(folder, write=True).close()
                    connection.execute(_READ_ONLY, {"path": str(path)}).fetchall()
                _limit_memory(connection)
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
            execute(connection, name).fetchall()
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
        """The rows of a named statement."""
        return self._run(statement, parameters)

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

    def frame(self, statement: str, **parameters: object) -> pl.DataFrame:
        """The result of a named statement, as columns."""
        began = time.perf_counter()
        found = pl.DataFrame(self._connection.sql(parsed(self._connection, statement), params=parameters).to_arrow_table())
        self._noted(rooms()[statement], len(found), began)
        return found

    def stream(self, statement: str, **parameters: object) -> Iterator[Row]:
        """The same row by row. Until they are asked for, the rows take the space of columns, a tenth of that of values."""
        for some in self.frame(statement, **parameters).iter_slices(SLICE):
            yield from some.iter_rows()

    def do(self, *names: str, **parameters: object) -> None:
        """Runs named statements; each gets the parameters that it names."""
        for name in names:
            text = statements()[name]
            self._run(name, {key: value for key, value in parameters.items() if f"${key}" in text})

    def _run(self, name: str, parameters: Mapping[str, object]) -> list[Row]:
        began = time.perf_counter()
        rows = execute(self._connection, name, parameters).fetchall()
        # What changes a table answers with one row: how many it changed.
        self._noted(rooms()[name], rows[0][0] if rows and _CHANGES.search(statements()[name]) else len(rows), began)
        return rows

    def _noted(self, room: str, rows: int, began: float) -> None:
        target = next((schema for schema in self._schemas if schema.startswith(TARGET)), PEOPLE)
        self.stages.note(target.removeprefix(TARGET), room, rows, time.perf_counter() - began)

    def _noted_table(self, room: str, table: str, began: float) -> None:
        self._noted(room, len(self._connection.table(table)) if self.stages.counted else 0, began)

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

    @contextlib.contextmanager
    def of_target(self, target: str) -> Iterator[None]:
        """Makes working tables in a schema of the target's own while it is open; they stay there. Those of all people are seen, too."""
        with self._schema(TARGET + target, kept=True):
            yield

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """Makes working tables that are dropped at its end: one rule, one attribute, one source at a time."""
        with self._schema(f"step {len(self._schemas)}", kept=False):
            yield

    @contextlib.contextmanager
    def _schema(self, name: str, *, kept: bool) -> Iterator[None]:
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}").fetchall()
        self._schemas.insert(0, name)
        self._search()
        try:
            yield
        except BaseException:
            # Where the connection failed, too, the error to raise is the one that came first.
            with contextlib.suppress(duckdb.Error):
                self._leave(name, kept=kept)
            raise
        self._leave(name, kept=kept)

    def _leave(self, name: str, *, kept: bool) -> None:
        self._schemas.remove(name)
        self._search()
        if not kept:
            self._connection.execute(f"DROP SCHEMA {quoted(name)} CASCADE").fetchall()

    def _search(self) -> None:
        if not self._catalog:
            self._catalog = quoted(execute(self._connection, "working_catalog").fetchall()[0][0])
        path = ",".join(f"{self._catalog}.{quoted(name)}" for name in (*self._schemas, "main"))
        self._connection.execute("SET search_path = $path", {"path": path}).fetchall()

    def _outer(self) -> str:
        return quoted(self._schemas[1] if self._schemas[1:] else "main")

    def append(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        """Adds rows, given column by column, to a working table of the same column names and order."""
        frame = pl.DataFrame(columns, schema={name: _TYPES.get(name, pl.String) for name in columns}, orient="col")
        self._connection.from_arrow(frame.to_arrow()).insert_into(table)


def rewrite_store(folder: Path) -> None:
    """Writes the store's file anew, without what was deleted from it: DuckDB leaves that in the file until something else takes its place.

    The caller holds the lock of a run. Raises StoreBusy, StoreDamaged, DiskFull.
    """
    copy_store(folder / FILE, folder / f"{FILE}.partial")
    (folder / f"{FILE}.partial").replace(folder / FILE)


def copy_store(path: Path, copy: Path) -> None:
    """Copies what a store holds into a new file, for its owner alone. Raises StoreBusy, StoreDamaged, DiskFull."""
    copy.unlink(missing_ok=True)
    # By itself DuckDB spills into the folder that the command was typed in.
    spill = str(copy.parent / "spill")
    with contextlib.closing(duckdb.connect(config={"memory_limit": f"{READING}B", "temp_directory": spill})) as connection:
        try:
            # Attached to be written, it takes over what an interrupted command left in its log.
            connection.execute(_TO_WRITE.format("store"), {"path": str(path)}).fetchall()
            connection.execute(_TO_WRITE.format("fresh"), {"path": str(copy)}).fetchall()
            copy.chmod(0o600)
            execute(connection, "copy_of_store").fetchall()
        except duckdb.Error as error:
            copy.unlink(missing_ok=True)
            raise store_fault(error, path) or error from error


def in_memory() -> duckdb.DuckDBPyConnection:
    """A connection without a store, kept from files and the network."""
    connection = duckdb.connect()
    _pin_session(connection)
    _shut_in(connection)
    return connection


def _attach_to_write(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    # The storage version of duckdb 1.5 costs nothing beside the newest, and keeps a step back possible.
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute(_TO_WRITE.format("store"), {"path": str(path)}).fetchall()
            break
        except duckdb.IOException as error:
            if time.monotonic() > until or not isinstance(store_fault(error, path), StoreBusy):
                raise
            time.sleep(0.05)
    path.chmod(0o600)
    if _is_older(connection, path):
        for name in _SCHEMA:
            execute(connection, name).fetchall()
        execute(connection, "set_schema_version", {"number": SCHEMA}).fetchall()
    make_views(connection)


def _is_older(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether an earlier version of this program left the attached store, without tables or columns of this one.

    Raises StoreNewer where a later version wrote it: its tables may mean something else.
    """
    if (number := _schema_version(connection)) > SCHEMA:
        connection.close()
        raise StoreNewer(path, f"its schema has the version {number}, and this program knows {SCHEMA}")
    return number < SCHEMA


def _schema_version(connection: duckdb.DuckDBPyConnection) -> int:
    """The version of the schema of the attached store, written when all its tables were there; 0 where there is none yet.

    It asks no list of tables: the first one that a connection is asked for takes DuckDB a quarter of the time of opening a store.
    """
    try:
        return int(execute(connection, "newest_schema_version").fetchall()[0][0])
    except duckdb.CatalogException:
        return 0


def _lock(connection: duckdb.DuckDBPyConnection, folder: Path, threads: int | None) -> None:
    spill = folder / "spill"
    connection.execute("SET temp_directory = $folder", {"folder": str(spill)}).fetchall()
    connection.execute("SET max_temp_directory_size = $limit", {"limit": f"{spill_limit(folder)}B"}).fetchall()
    _pin_session(connection)
    if threads:
        connection.execute("SET threads = $threads", {"threads": threads}).fetchall()
    _shut_in(connection)


def _limit_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """Sets the limit for a plan. What DuckDB would take by itself, which knows the limits of containers, is what is usable."""
    [[rows, usable]] = execute(connection, "rows_and_usable_memory").fetchall()
    connection.execute("SET memory_limit = $limit", {"limit": f"{planning_bytes(rows, usable)}B"}).fetchall()


def _shut_in(connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps expressions of mappings from files and the network, whatever else lets one through."""
    connection.execute("SET enable_external_access = false").fetchall()
    connection.execute("SET lock_configuration = true").fetchall()


def _pin_session(connection: duckdb.DuckDBPyConnection) -> None:
    """Sets the time zone of the session, which decides how a moment is shown as text or date, to UTC instead of this machine's."""
    connection.execute("SET TimeZone = 'UTC'").fetchall()


_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
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
    "targets": pl.List(pl.String),
    "changed": pl.List(pl.String),
}
"""The columns of working tables that are not text."""
