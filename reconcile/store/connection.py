"""The store, with its working tables beside it.

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

from reconcile.store.faults import store_fault
from reconcile.store.file import FILE
from reconcile.store.opening import on_file
from reconcile.store.parsed import execute, parsed
from reconcile.store.relations import Expressions, Relations
from reconcile.store.schemas import Schemas
from reconcile.store.stages import Stages
from reconcile.store.statements import rooms, statements
from reconcile.store.wide import WideCopies

Row = tuple[Any, ...]

SLICE = 10_000
"""Rows that become values at once where an answer is read row by row."""

_CHANGES = re.compile(r"^(CREATE|INSERT|UPDATE|DELETE)\b", re.MULTILINE)


class Store:
    """Working tables, with the store attached: runs named statements over both."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path = Path(FILE)) -> None:
        self._connection, self._path = connection, path
        self.schemas = Schemas(connection)
        self.stages = Stages(connection, self.schemas)
        self.wide = WideCopies(connection)
        self.relations = Relations(connection, self.wide, self.schemas, self.stages)
        self.expressions = Expressions(connection)

    @classmethod
    def open(cls, folder: Path, *, write: bool, threads: int | None = None) -> Self:
        """The store of a state folder. Raises StoreBusy where another process is writing it, StoreDamaged, DiskFull, FileUnusable."""
        return cls(on_file(folder, write=write, threads=threads), folder / FILE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the store. What its file or disk made fail is raised as StoreDamaged, DiskFull, SpillLimit or FileUnusable."""
        self.close()
        if isinstance(error, duckdb.Error) and (fault := store_fault(error, self._path)):
            raise fault from error

    def close(self) -> None:
        self._connection.close()

    def rows(self, statement: str, /, **parameters: object) -> list[Row]:
        """The rows of a named statement."""
        began = time.perf_counter()
        rows = execute(self._connection, statement, parameters).fetchall()
        # What changes a table answers with one row: how many it changed.
        changes = rows and _CHANGES.search(statements()[statement])
        self.stages.note(rooms()[statement], rows[0][0] if changes else len(rows), began)
        return rows

    def value(self, statement: str, /, **parameters: object) -> Any:
        """The first column of the first row of what a named statement answers; None where there is no row."""
        found = self.rows(statement, **parameters)
        return found[0][0] if found else None

    def frame(self, statement: str, /, **parameters: object) -> pl.DataFrame:
        """The result of a named statement, as columns."""
        began = time.perf_counter()
        found = pl.DataFrame(self._connection.sql(parsed(self._connection, statement), params=parameters).to_arrow_table())
        self.stages.note(rooms()[statement], len(found), began)
        return found

    def stream(self, statement: str, /, **parameters: object) -> Iterator[Row]:
        """The same row by row. Until they are asked for, the rows take the space of columns, a tenth of that of values."""
        for some in self.frame(statement, **parameters).iter_slices(SLICE):
            yield from some.iter_rows()

    def do(self, *names: str, **parameters: object) -> None:
        """Runs named statements; each gets the parameters that it names."""
        for name in names:
            text = statements()[name]
            self.rows(name, **{key: value for key, value in parameters.items() if f"${key}" in text})

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
