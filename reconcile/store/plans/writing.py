"""Writes the tables of a plan as Parquet files."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from reconcile.disk import FULL
from reconcile.errors import DiskFull, FileUnusable
from reconcile.plan.rows import Rows
from reconcile.plan.tables import Column, Table

T = TypeVar("T")

BATCH = 10_000
"""Rows that become columns at once."""
ROW_GROUP = 100_000
"""Rows of a group of the file: a reader who looks for one row skips the others."""
_DIFFERING = frozenset({"position", "id", "anchor", "account_id", "who", "name", "before", "after", "account", "absent", "message"})
"""Columns of which most cells differ: a dictionary of their values would be made for nothing. Files without them are a third smaller."""
_TYPES: dict[Column, Any] = {Column.TEXT: pl.String, Column.FLAG: pl.Boolean, Column.TEXTS: pl.List(pl.String)}


def write_tables(tables: Iterable[tuple[Table[Any], Rows[Any]]], folder: Path) -> None:
    """Writes `<table>.parquet` into a folder for each table: the rows in order, with their position, streamed.

    Raises DiskFull, FileUnusable, and what reading the rows raises.
    """
    for table, rows in tables:
        _write_table(table, rows, folder / f"{table.name}.parquet")


def _write_table(table: Table[T], rows: Rows[T], path: Path) -> None:
    groups = _groups(_frames(table, rows))
    first = next(groups).to_arrow()
    options: dict[str, Any] = {"compression": "zstd", "use_dictionary": [name for name in first.column_names if name not in _DIFFERING]}
    with _telling_faults(path), path.open("wb") as file, pq.ParquetWriter(file, first.schema, **options) as writer:
        writer.write_table(first)
        for group in groups:
            writer.write_table(group.to_arrow())


@contextlib.contextmanager
def _telling_faults(path: Path) -> Iterator[None]:
    """Raises DiskFull and FileUnusable in place of the errors of a file that is written."""
    try:
        yield
    except OSError as error:
        raise (DiskFull(path) if error.errno in FULL else FileUnusable(path, error.strerror or str(error))) from error


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
    cells = list(map(table.cells, rows))
    columns = tuple(zip(*cells, strict=True)) if cells else ((),) * len(table.columns)
    return pl.DataFrame([_series(name, kind, column) for (name, kind), column in zip(table.columns.items(), columns, strict=True)])


def _series(name: str, kind: Column, cells: tuple[Any, ...]) -> pl.Series:
    """A column of cells. Lists go by way of Arrow: polars makes a series of its own of each."""
    if kind is Column.TEXTS:
        return pl.Series(name, pa.array(cells, pa.large_list(pa.large_string())))
    return pl.Series(name, cells, dtype=_TYPES[kind])


def _frames(table: Table[T], rows: Rows[T]) -> Iterator[pl.DataFrame]:
    """The rows as columns with their position, some thousand at a time; one empty frame where there is none."""
    parts = rows.frames() if isinstance(rows, FramedRows) else _batches(table, rows)
    position = 0
    for frame in parts:
        yield frame.select(pl.int_range(position, position + len(frame), dtype=pl.Int64).alias("position"), pl.all())
        position += len(frame)


def _groups(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows, as many at a time as a group of the file holds; one empty frame where there is none."""
    held = pl.DataFrame()
    for frame in frames:
        held = pl.concat([held, frame]) if len(held) else frame
        while len(held) > ROW_GROUP:
            yield held[:ROW_GROUP]
            held = held[ROW_GROUP:]
    yield held


def _batches(table: Table[T], rows: Rows[T]) -> Iterator[pl.DataFrame]:
    if not len(rows):
        yield frame_of(table, ())
    each = iter(rows)
    while batch := list(islice(each, BATCH)):
        yield frame_of(table, batch)
