"""Keeps wide copies: one text column for each attribute that the mappings name, beside the history, whose JSON stays the truth.

A copy is a table of the schema `store.wide`, one row for each record version that held when it was made or was added since, and its row
in `store.wide_copy` states what it was made for. Reading leaves out the versions that ended since. A copy that is missing, outdated, or
made for other columns or another engine is not used: what it would give is computed from the JSON instead. Columns and tables have
numbers for names, because attribute names may differ in case alone, and column names may not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import duckdb

from reconcile.store.wide_tables import UNREADABLE, Copy, CopyTables, Role, WideColumns, column_of, place_of

ENDED_SHARE = 4
"""A copy is made again when the versions that it holds in vain are more than one for so many rows that hold."""

IMPOSSIBLE = (duckdb.OutOfMemoryException, duckdb.DataError, duckdb.ProgrammingError)
"""Errors of making a copy that are no fault of the file or the disk."""


class WideCopies:
    """The wide copies of the attached store."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._tables = CopyTables(connection)

    def keep(self, wanted: Sequence[WideColumns]) -> None:
        """Brings the copies up to date from the rows that changed, or makes all of them again where one cannot be.

        What was read is sealed by then, and a copy that is half made fails its check: where none can be made, plans read the JSON.
        """
        with contextlib.suppress(*IMPOSSIBLE):
            self._keep(wanted)

    def _keep(self, wanted: Sequence[WideColumns]) -> None:
        known = self._tables.known()
        if {copy.columns for copy in known} == set(wanted) and all(map(self._is_extended, known)):
            return
        for statement in ("forget_wide_copies", "drop_wide_copies", "make_wide_schema"):
            self._tables.do(statement)
        for table, columns in enumerate(wanted, 1):
            number = self._tables.latest(columns.system)
            copy = Copy(columns, table, self._tables.engine(), number, number)
            self._tables.changed(copy, 0).create(copy.name)
            self._tables.write_down(copy)

    def forget(self) -> None:
        """Drops every copy; the next read makes them anew, and until then the history is read."""
        self._tables.do("forget_wide_copies")
        self._tables.do("drop_wide_copies")

    def source_rows(self, names: Sequence[str], parameters: Mapping[str, object]) -> duckdb.DuckDBPyRelation | None:
        """Returns the rows of the statement `source_rows` with the named attributes; None where no copy can give them."""
        found = self._current(str(parameters["system"]), Role.SOURCE, names)
        if found is None:
            return None
        copy, rows = found
        rank, day = duckdb.ConstantExpression(parameters["rank"]), duckdb.ConstantExpression(parameters["run_date"])
        record = [column_of("id").alias("record_id"), column_of("state").alias("record_state"), column_of("status").alias("record_status")]
        attributes = [column_of(place_of(copy, name)).alias(name) for name in names]
        fixed = [column_of("id").alias("_record_id"), rank.cast("BIGINT").alias("_rank"), day.cast("DATE").alias("run_date")]
        return rows.select(*fixed, *record, *attributes)

    def show_accounts(self, system: str, mapped: Sequence[str], keys: Sequence[str]) -> bool:
        """Makes the view `wide_account` (what `make_accounts` reads from JSON) of a target; False where no copy can tell."""
        found = self._current(system, Role.TARGET, [*mapped, *keys])
        if found is None:
            return False
        copy, rows = found
        values = _list([place_of(copy, name) for name in mapped])
        stored = copy.columns.names[: copy.columns.hashed] == tuple(mapped)
        value_hash = column_of("mark") if stored else duckdb.FunctionExpression("hash", values)
        named = [column_of("id").alias("account_id"), column_of("state"), column_of("status")]
        listed = [values.alias("values"), value_hash.alias("value_hash"), _list([place_of(copy, name) for name in keys]).alias("keys")]
        rows.select(*named, *listed).create_view("wide_account", replace=True)
        return True

    def _current(self, system: str, role: Role, names: Sequence[str]) -> tuple[Copy, duckdb.DuckDBPyRelation] | None:
        """A copy that has the named attributes of the latest snapshot, with its rows that hold."""
        for copy in self._tables.known():
            columns = copy.columns
            if (columns.system, columns.role) == (system, role) and set(names) <= set(columns.names) and self._tables.is_current(copy):
                return copy, self._tables.rows(copy)
        return None

    def _is_extended(self, copy: Copy) -> bool:
        """Adds the rows that changed since a copy was current; False where it must be made again instead."""
        system, latest = copy.columns.system, self._tables.latest(copy.columns.system)
        try:
            if copy.engine == self._tables.engine() and copy.number < latest:
                self._tables.changed(copy, copy.number).insert_into(copy.name)
            extended = Copy(copy.columns, copy.table, copy.engine, copy.base, latest)
            held, _ = self._tables.row("held_records", system=system)
            ended = self._tables.ended(copy).aggregate([duckdb.FunctionExpression("count_star")]).fetchall()[0][0]
        except UNREADABLE:
            return False
        if ended * ENDED_SHARE > held or not self._tables.is_current(extended):
            return False
        if copy.number < latest:
            self._tables.write_down(extended)
        return True


def _list(columns: Sequence[str]) -> duckdb.Expression:
    return duckdb.FunctionExpression("list_value", *map(column_of, columns)).cast("VARCHAR[]")
