"""Writes the tables of a plan as Parquet files."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import duckdb
import polars as pl
import pyarrow as pa

from reconcile.plan.rows import Rows
from reconcile.plan.tables import Column, Table
from reconcile.store.faults import store_fault

T = TypeVar("T")

MEMORY = "512MB"
"""What DuckDB may hold while a table is written: a few groups of rows."""
BATCH = 10_000
"""Rows that are handed over at once."""
ROW_GROUP = 100_000
"""Rows of a group of the file: a reader who looks for one row skips the others."""
_TYPES: dict[Column, Any] = {Column.TEXT: pl.String, Column.FLAG: pl.Boolean, Column.TEXTS: pl.List(pl.String)}


def write_tables(tables: Iterable[tuple[Table[Any], Rows[Any]]], folder: Path) -> None:
    """Writes `<table>.parquet` into a folder for each table: the rows in order, with their position, streamed.

    Raises DiskFull, FileUnusable, OutOfMemory, and what reading the rows raises.
    """
    with contextlib.closing(duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": ""})) as connection:
        for table, rows in tables:
            _write_table(connection, table, rows, folder / f"{table.name}.parquet")


def _write_table(connection: duckdb.DuckDBPyConnection, table: Table[T], rows: Rows[T], path: Path) -> None:
    raised: list[Exception] = []
    frames = _noting(_frames(table, rows), raised)
    first = next(frames).to_arrow()
    batches = chain(
        first.to_batches(max_chunksize=BATCH), (batch for frame in frames for batch in frame.to_arrow().to_batches(max_chunksize=BATCH))
    )
    reader = pa.RecordBatchReader.from_batches(first.schema, batches)
    try:
        connection.from_arrow(reader).write_parquet(str(path), compression="zstd", row_group_size=ROW_GROUP)
    except duckdb.Error as error:
        if raised:
            # DuckDB tells of it in a text of its own, with a traceback in it.
            raise raised[0] from None
        raise store_fault(error, path) or error from error


class FramedRows(ABC, Generic[T]):
    """Rows of a plan that come as columns."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows in order, some at a time, with the columns of their table; one empty frame where there is none."""

    @abstractmethod
    def __iter__(self) -> Iterator[T]: ...


def schema_of(table: Table[T]) -> dict[str, Any]:
    """The type of each column of a table, as polars calls it."""
    return {name: _TYPES[column] for name, column in table.columns.items()}


def frame_of(table: Table[T], rows: Iterable[T]) -> pl.DataFrame:
    """Some rows as columns."""
    schema = schema_of(table)
    cells = list(map(table.cells, rows))
    columns = dict(zip(schema, zip(*cells, strict=True), strict=True)) if cells else dict.fromkeys(schema, ())
    return pl.DataFrame({name: pl.Series(name, columns[name], dtype=kind) for name, kind in schema.items()})


def _frames(table: Table[T], rows: Rows[T]) -> Iterator[pl.DataFrame]:
    """The rows as columns with their position, some thousand at a time; one empty frame where there is none."""
    parts = rows.frames() if isinstance(rows, FramedRows) else _batches(table, rows)
    position = 0
    for frame in parts:
        yield frame.select(pl.int_range(position, position + len(frame), dtype=pl.Int64).alias("position"), pl.all())
        position += len(frame)


def _noting(frames: Iterator[pl.DataFrame], raised: list[Exception]) -> Iterator[pl.DataFrame]:
    """The frames; what is raised while they are made is noted."""
    try:
        yield from frames
    except Exception as error:
        raised.append(error)
        raise


def _batches(table: Table[T], rows: Rows[T]) -> Iterator[pl.DataFrame]:
    if not len(rows):
        yield frame_of(table, ())
    each = iter(rows)
    while batch := list(islice(each, BATCH)):
        yield frame_of(table, batch)
