"""Writes the tables of a plan as Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import polars as pl

from reconcile.plan.rows import Rows
from reconcile.plan.tables import Column, Table

T = TypeVar("T")

MEMORY = "512MB"
"""What DuckDB may hold while a table is written; the rest spills beside it."""
BATCH = 10_000
"""Rows that are handed over at once."""
ROW_GROUP = 100_000
"""Rows of a group of the file: a reader who looks for one row skips the others."""
_TYPES: dict[Column, Any] = {Column.TEXT: pl.String, Column.FLAG: pl.Boolean, Column.TEXTS: pl.List(pl.String)}


def write_table(table: Table[T], rows: Rows[T], folder: Path) -> None:
    """Writes `<table>.parquet` into a folder: the rows in their order, with their position."""
    spill = folder / "spill"
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(spill)})
    try:
        for number, frame in enumerate(_frames(table, rows)):
            relation = connection.from_arrow(frame.to_arrow())
            relation.insert_into(table.name) if number else relation.create(table.name)
        path = str(folder / f"{table.name}.parquet")
        connection.table(table.name).write_parquet(path, compression="zstd", row_group_size=ROW_GROUP)
    finally:
        connection.close()


def _frames(table: Table[T], rows: Rows[T]) -> Iterator[pl.DataFrame]:
    """The rows as columns, some thousand at a time; one empty frame where there is none."""
    schema = {"position": pl.Int64, **{name: _TYPES[column] for name, column in table.columns.items()}}
    cells = ((position, *table.cells(row)) for position, row in enumerate(rows))
    batch = list(islice(cells, BATCH))
    yield pl.DataFrame(batch, schema=schema, orient="row")
    while batch := list(islice(cells, BATCH)):
        yield pl.DataFrame(batch, schema=schema, orient="row")
