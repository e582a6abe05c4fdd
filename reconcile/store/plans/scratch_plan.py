"""Plans that are made in batches: their operations and findings, kept in a file of a scratch folder until the plan is written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import duckdb
import polars as pl

from reconcile.plan.model import Finding, Operation, Verb
from reconcile.plan.ordering import Place
from reconcile.plan.tables import FINDINGS, OPERATIONS, Table
from reconcile.store.faults import store_fault
from reconcile.store.parsed import execute, parsed
from reconcile.store.plans.tables import confine
from reconcile.store.plans.writing import FramedRows, frame_of, schema_of

T = TypeVar("T")

FILE = "scratch.duckdb"
MEMORY = "256MB"
"""Memory that DuckDB may hold while a plan is made; the rest lies in the file, or is spilled beside it."""
BATCH = 500
"""Rows that are in hand at once."""
FRAME = 10_000
"""Rows that are handed over at once as columns."""


class FindingPlace(NamedTuple):
    """The place of a finding among those of a plan."""

    section: int
    number: int = 0
    text: str = ""


class ScratchPlan:
    """The tables of a plan that is being made."""

    def __init__(self, folder: Path, read: Mapping[str, Path] | None = None) -> None:
        """`read`: Parquet files that its statements read, by the name of their view."""
        self.path = folder / FILE
        with self._faults():
            self._connection = duckdb.connect(str(self.path), config={"memory_limit": MEMORY, "temp_directory": str(folder / "spill")})
        self.path.chmod(0o600)
        files = dict(read or {})
        confine(self._connection, folder, files.values())
        for name, file in files.items():
            self._connection.read_parquet(str(file), file_row_number=True).create_view(name)
        self.do("make_scratch_operations")
        self.do("make_scratch_findings")
        self.operations: ScratchRows[Operation] = ScratchOperations(self)
        self.findings: ScratchRows[Finding] = ScratchRows(self, FINDINGS, "ordered_findings", "scratch_finding_count")

    def add_operations(self, operations: Sequence[Operation], places: Mapping[str, Place]) -> None:
        """Adds operations. `places`: that of each, by its id."""
        ids = [each.id for each in operations]
        phases, depths = (pl.Series([places[id_][part] for id_ in ids], dtype=pl.Int32) for part in (0, 1))
        self._add("scratch_operation", frame_of(OPERATIONS, operations), phase=phases, depth=depths)

    def add_findings(self, findings: Sequence[tuple[FindingPlace, Finding]]) -> None:
        """Adds findings with their places."""
        sections, numbers, texts = zip(*(place for place, _ in findings), strict=True) if findings else ((), (), ())
        keys = {
            "section": pl.Series(sections, dtype=pl.Int32),
            "number": pl.Series(numbers, dtype=pl.Int64),
            "text": pl.Series(texts, dtype=pl.String),
        }
        self._add("scratch_finding", frame_of(FINDINGS, (finding for _, finding in findings)), **keys)

    def put(self, table: str, frame: pl.DataFrame) -> None:
        """Adds rows to a table of the scratch plan."""
        if not frame.is_empty():
            with self._faults():
                self._connection.from_arrow(frame.to_arrow()).insert_into(table)

    def do(self, statement: str, **parameters: object) -> None:
        """Carries out a named statement."""
        with self._faults():
            execute(self._connection, statement, parameters).fetchall()

    def rows(self, statement: str, **parameters: object) -> Iterator[tuple[Any, ...]]:
        """Yields what a named statement answers, some hundred rows at a time."""
        with self._faults(), contextlib.closing(self._connection.cursor()) as cursor:
            execute(cursor, statement, parameters)
            while batch := cursor.fetchmany(BATCH):
                yield from batch

    def frames(self, statement: str) -> Iterator[pl.DataFrame]:
        """Yields what a named statement answers as columns, some thousand rows at a time."""
        with self._faults(), contextlib.closing(self._connection.cursor()) as cursor:
            yield from map(pl.DataFrame, cursor.sql(parsed(cursor, statement)).to_arrow_reader(FRAME))

    def close(self) -> None:
        self._connection.close()

    def _add(self, table: str, frame: pl.DataFrame, **keys: pl.Series) -> None:
        self.put(table, frame.select(*(series.alias(name) for name, series in keys.items()), pl.all()))

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Raises an error of DuckDB as its StorageFault."""
        try:
            yield
        except duckdb.Error as error:
            raise store_fault(error, self.path) or error from error


class ScratchRows(FramedRows[T]):
    """The rows of a scratch plan in their order, as long as it is open."""

    def __init__(self, scratch: ScratchPlan, table: Table[T], ordered: str, count: str) -> None:
        self.scratch, self._table, self._ordered, self._count = scratch, table, ordered, count

    def __len__(self) -> int:
        ((count,),) = self.scratch.rows(self._count)
        return int(count)

    def __iter__(self) -> Iterator[T]:
        return map(self._table.value, self.scratch.rows(self._ordered))

    def frames(self) -> Iterator[pl.DataFrame]:
        empty = True
        for frame in self.scratch.frames(self._ordered):
            empty = False
            yield frame.select(pl.col(name).cast(kind) for name, kind in schema_of(self._table).items())
        if empty:
            yield frame_of(self._table, ())


class ScratchOperations(ScratchRows[Operation]):
    """The operations of a scratch plan."""

    def __init__(self, scratch: ScratchPlan) -> None:
        super().__init__(scratch, OPERATIONS, "ordered_operations", "scratch_operation_count")

    def sizes(self) -> Mapping[tuple[str, Verb], int]:
        """Counts the operations by target and verb."""
        return {(target, Verb(verb)): count for target, verb, count in self.scratch.rows("scratch_sizes")}


def placed(findings: Iterable[Finding], section: int) -> list[tuple[FindingPlace, Finding]]:
    """Findings of one section, in the order in which they come."""
    return [(FindingPlace(section, number), finding) for number, finding in enumerate(findings)]
