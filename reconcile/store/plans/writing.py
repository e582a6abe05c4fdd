"""Writes the tables of a plan as Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

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


def write_table(table: Table[T], rows: Rows[T], folder: Path) -> None:
    """Writes `<table>.parquet` into a folder: the rows in order, with their position, streamed. Raises DiskFull, FileUnusable, OutOfMemory."""
    frames = _frames(table, rows)
    first = next(frames).to_arrow()
    batches = chain(first.to_batches(), (batch for frame in frames for batch in frame.to_arrow().to_batches()))
    reader = pa.RecordBatchReader.from_batches(first.schema, batches)
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": ""})
    path = folder / f"{table.name}.parquet"
    try:
        connection.from_arrow(reader).write_parquet(str(path), compression="zstd", row_group_size=ROW_GROUP)
    except duckdb.Error as error:
        raise store_fault(error, path) or error from error
    finally:
        connection.close()


def _frames(table: Table[T], rows: Rows[T]) -> Iterator[pl.DataFrame]:
    """The rows as columns, some thousand at a time; one empty frame where there is none."""
    schema = {"position": pl.Int64, **{name: _TYPES[column] for name, column in table.columns.items()}}
    cells = ((position, *table.cells(row)) for position, row in enumerate(rows))
    if not len(rows):
        yield pl.DataFrame(schema=schema)
    while batch := list(islice(cells, BATCH)):
        columns = dict(zip(schema, zip(*batch, strict=True), strict=True))
        yield pl.DataFrame({name: pl.Series(name, columns[name], dtype=kind) for name, kind in schema.items()})
