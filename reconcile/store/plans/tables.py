"""The tables of one saved plan, read from their Parquet files by a connection that can reach nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import duckdb

from connectors.contract import Value
from reconcile.errors import OutOfMemory, PlanDamaged, ReconcileError
from reconcile.plan.digest import TABLES
from reconcile.plan.model import Operation, Verb
from reconcile.plan.operation_overview import OperationOverview
from reconcile.plan.operation_rows import OperationRows, is_peer
from reconcile.plan.rows import Seal, StoredRows
from reconcile.plan.tables import FINDINGS, LINKS, OPERATIONS, Table, attributes_of
from reconcile.store.parsed import execute
from reconcile.store.plans.overview import StoredOverview
from reconcile.store.spill import spill_limit

T = TypeVar("T")

MEMORY = "512MB"
"""Memory of DuckDB while a saved plan is read; the rest spills beside what planning spills."""
BATCH = 500
"""Rows that are in hand at once."""


class _Statements(NamedTuple):
    """The statements that read one table."""

    rows: str
    texts: str
    disorder: str


_STATEMENTS = {
    OPERATIONS.name: _Statements("all_operations", "operation_texts", "operation_disorder"),
    FINDINGS.name: _Statements("all_findings", "finding_texts", "finding_disorder"),
    LINKS.name: _Statements("all_links", "link_texts", "link_disorder"),
}


class PlanTables:
    """The tables of one plan, open for reading."""

    def __init__(self, folder: Path, seals: Mapping[str, Seal] | None, *, checked: bool = False) -> None:
        """Raises PlanDamaged where their content does not have the digests of their seals, or no order. Without seals they get those of their
        content. `checked`: whether the content is known to be that of the seals.
        """
        self.folder = folder
        self._files = {table.name: folder / f"{table.name}.parquet" for table in TABLES}
        self._stamps = self._file_stamps()
        self.spill = str(folder.parent.parent / "spill")
        self._connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": self.spill})
        try:
            self._open()
            found = seals if checked and seals is not None else {table.name: self._seal(table) for table in TABLES}
        except duckdb.Error as error:
            raise plan_fault(error, folder, "its tables cannot be read") from error
        self.seals = found if seals is None else seals
        for table in TABLES:
            if found[table.name] != self.seals[table.name]:
                raise PlanDamaged(folder, f"its {table.name}s do not have the digest that its head says")

    def rows(self, statement: str, **parameters: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a named statement, some hundred at a time. Raises PlanDamaged where the files were changed since they were checked."""
        for batch in self._batches(statement, parameters):
            yield from batch

    def _batches(self, statement: str, parameters: Mapping[str, object]) -> Iterator[list[tuple[Any, ...]]]:
        self.refuse_changed()
        cursor = self._connection.cursor()
        try:
            execute(cursor, statement, parameters)
            while batch := cursor.fetchmany(BATCH):
                self.refuse_changed()
                yield batch
        except duckdb.Error as error:
            raise plan_fault(error, self.folder, "its tables cannot be read any more") from error
        finally:
            cursor.close()

    def do(self, statement: str) -> None:
        """Runs a named statement that answers nothing, such as the definition of a macro: that looks into the files, too. Raises PlanDamaged as `rows`."""
        for _ in self.rows(statement):
            pass

    @contextlib.contextmanager
    def relation(self, table: str) -> Iterator[duckdb.DuckDBPyRelation]:
        """A table as a relation. Raises PlanDamaged where the files were changed since they were checked."""
        self.refuse_changed()
        yield self._connection.view(table)
        self.refuse_changed()

    def _open(self) -> None:
        confine(self._connection, self.folder, self._files.values())
        for table in TABLES:
            relation = self._connection.read_parquet(str(self._files[table.name]), file_row_number=True)
            wanted = {"position": "BIGINT", **{name: column.value for name, column in table.columns.items()}, "file_row_number": "BIGINT"}
            if list(zip(relation.columns, map(str, relation.types), strict=True)) != list(wanted.items()):
                raise PlanDamaged(self.folder, f"the columns of its {table.name}s are others")
            relation.create_view(table.name)

    def _seal(self, table: Table[Any]) -> Seal:
        """The seal of the content of a table. Raises PlanDamaged where its rows do not stand at their positions."""
        ask = _STATEMENTS[table.name]
        (disorder,) = next(self.rows(ask.disorder))
        if disorder:
            raise PlanDamaged(self.folder, f"its {table.name}s do not have the digest that its head says")
        rows, digest = 0, sha256()
        for batch in self._batches(ask.texts, {}):
            rows += len(batch)
            digest.update("".join([text for (text,) in batch]).encode())
        return Seal(rows=rows, digest=digest.hexdigest())

    def file_of(self, table: Table[Any]) -> Path:
        """The file of a table."""
        return self._files[table.name]

    def refuse_changed(self) -> None:
        """Raises PlanDamaged where the files are no longer those that were checked."""
        if self._file_stamps() != self._stamps:
            raise PlanDamaged(self.folder, "its files were changed while they were read")

    def _file_stamps(self) -> list[tuple[int, int, int]]:
        """Inode, size and time of the last change (nanoseconds) of each file."""
        try:
            found = [path.stat() for path in self._files.values()]
        except OSError as error:
            raise PlanDamaged(self.folder, f"a file is missing ({error.strerror})") from error
        return [(each.st_ino, each.st_size, each.st_mtime_ns) for each in found]


class TableRows(StoredRows[T]):
    """The rows of one table of a saved plan."""

    def __init__(self, tables: PlanTables, table: Table[T]) -> None:
        super().__init__(tables.seals[table.name])
        self._tables, self._table = tables, table

    @property
    def tables(self) -> PlanTables:
        return self._tables

    @property
    def file(self) -> Path:
        """The file of the table."""
        return self._tables.file_of(self._table)

    def __iter__(self) -> Iterator[T]:
        return self._values(_STATEMENTS[self._table.name].rows)

    def _values(self, statement: str, **parameters: object) -> Iterator[T]:
        last = -1
        try:
            for position, *cells in self._tables.rows(statement, **parameters):
                if position <= last:
                    raise PlanDamaged(self._tables.folder, f"row {position} of its {self._table.name}s was read after row {last}")
                last = position
                yield self._table.value(cells)
        except (ValueError, TypeError) as error:
            raise PlanDamaged(self._tables.folder, f"it was written by another version ({error})") from error


class StoredOperations(TableRows[Operation], OperationRows):
    """The operations of a saved plan."""

    def __init__(self, tables: PlanTables) -> None:
        super().__init__(tables, OPERATIONS)
        self._overview = StoredOverview(tables.rows, self._values)

    def are_in(self, folder: Path) -> bool:
        """Whether they lie in a folder. Raises PlanDamaged where its files were changed."""
        self._tables.refuse_changed()
        return self._tables.folder == folder

    def of_target(self, target: str) -> Iterator[Operation]:
        return self._values("operations_of_target", target=target)

    def about(self, target: str, anchor: str, account_id: str) -> Iterator[Operation]:
        return self._values("operations_about", target=target, anchor=anchor, account_id=account_id)

    def with_ids(self, ids: Collection[str]) -> dict[str, Operation]:
        return {each.id: each for each in self._values("operations_with_ids", ids=sorted(ids))} if ids else {}

    def sizes(self) -> Mapping[tuple[str, Verb], int]:
        return {(target, Verb(verb)): count for target, verb, count in self._tables.rows("operation_sizes")}

    def prerequisites(self) -> frozenset[str]:
        return frozenset(id_ for (id_,) in self._tables.rows("prerequisites"))

    def ended_accounts(self, target: str) -> frozenset[str]:
        return frozenset(id_ for (id_,) in self._tables.rows("ended_accounts", target=target))

    def written(self, target: str, account_id: str) -> Sequence[Mapping[str, Value]]:
        return [attributes_of(after) for (after,) in self._tables.rows("written_values", target=target, account_id=account_id)]

    def peers(self, operation: Operation) -> Iterator[Operation]:
        found = self._values("peer_operations", target=operation.target, verb=operation.verb.value, entitlement=operation.entitlement_id)
        return (each for each in found if is_peer(each, operation))

    def additions_after(self, ids: Collection[str]) -> Iterator[Operation]:
        return self._values("additions_after", ids=sorted(ids)) if ids else iter(())

    def overview(self) -> OperationOverview:
        return self._overview


def confine(connection: duckdb.DuckDBPyConnection, folder: Path, files: Iterable[Path]) -> None:
    """Leaves a connection some files to read, and nothing else; it may spill as much as the disk of a folder has room for."""
    connection.execute("SET max_temp_directory_size = $limit", {"limit": f"{spill_limit(folder)}B"}).fetchall()
    connection.execute("SET TimeZone = 'UTC'").fetchall()
    connection.execute("SET allowed_paths = $paths", {"paths": [str(path) for path in files]}).fetchall()
    connection.execute("SET enable_external_access = false").fetchall()
    connection.execute("SET lock_configuration = true").fetchall()


def plan_fault(error: duckdb.Error, folder: Path, what: str) -> ReconcileError:
    """The situation that an error of DuckDB stands for. Memory that ran out is no damage of the plan."""
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return OutOfMemory(said) if isinstance(error, duckdb.OutOfMemoryException) else PlanDamaged(folder, f"{what} ({said})")
