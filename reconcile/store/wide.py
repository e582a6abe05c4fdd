"""Keeps wide copies: one text column for each attribute that the mappings name, beside the history, whose JSON stays the truth.

A copy is a table of the schema `store.wide`, one row for each record version that held when it was made or was added since, and its row
in `store.wide_copy` states what it was made for. Reading leaves out the versions that ended since. A copy that is missing, outdated, or
made for other columns or another engine is not used: what it would give is computed from the JSON instead. Columns and tables have
numbers for names, because attribute names may differ in case alone, and column names may not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import duckdb

from reconcile.store.statements import statements
from reconcile.store.values import json_path

ENDED_SHARE = 4
"""A copy is made again when the versions that it holds in vain are more than one for so many rows that hold."""

_UNREADABLE = (duckdb.CatalogException, duckdb.BinderException)
"""What reading a copy raises that is missing or has not the columns it was made with."""


class Role(StrEnum):
    """What a system's rows are read as: JSON values become text in the way that the statements of that role do it."""

    SOURCE = "source"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class WideColumns:
    """What a wide copy is made for."""

    system: str
    role: Role
    names: tuple[str, ...]
    """Attribute names, each once, in the order of the copy's columns."""
    hashed: int = 0
    """How many of the first columns the stored hash is over."""


@dataclass(frozen=True, slots=True)
class _Copy:
    """A wide copy (a row of `wide_copies`)."""

    columns: WideColumns
    table: int
    engine: str
    base: int
    """The snapshot that it was made at."""
    number: int
    """The snapshot up to which it is current."""

    @property
    def name(self) -> str:
        return f"store.wide.copy_{self.table}"


class WideCopies:
    """The wide copies of the attached store."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def keep(self, wanted: Sequence[WideColumns]) -> None:
        """Brings the copies up to date from the rows that changed, or makes all of them again where one cannot be."""
        known = self._known()
        if {copy.columns for copy in known} == set(wanted) and all(map(self._is_extended, known)):
            return
        for statement in ("forget_wide_copies", "drop_wide_copies", "make_wide_schema"):
            self._do(statement)
        for table, columns in enumerate(wanted, 1):
            number = self._latest(columns.system)
            copy = _Copy(columns, table, self._engine(), number, number)
            self._changed(copy, 0).create(copy.name)
            self._write_down(copy)

    def source_rows(self, names: Sequence[str], parameters: Mapping[str, object]) -> duckdb.DuckDBPyRelation | None:
        """What the statement `source_rows` gives with the named attributes; None where no copy can tell."""
        found = self._current(str(parameters["system"]), Role.SOURCE, names)
        if found is None:
            return None
        copy, rows = found
        rank, day = duckdb.ConstantExpression(parameters["rank"]), duckdb.ConstantExpression(parameters["run_date"])
        record = [_column("id").alias("record_id"), _column("state").alias("record_state"), _column("status").alias("record_status")]
        attributes = [_column(_place(copy, name)).alias(name) for name in names]
        fixed = [_column("id").alias("_record_id"), rank.cast("BIGINT").alias("_rank"), day.cast("DATE").alias("run_date")]
        return rows.select(*fixed, *record, *attributes)

    def show_accounts(self, system: str, mapped: Sequence[str], keys: Sequence[str]) -> bool:
        """Makes the view `wide_account` (what `make_accounts` reads from JSON) of a target; False where no copy can tell."""
        found = self._current(system, Role.TARGET, [*mapped, *keys])
        if found is None:
            return False
        copy, rows = found
        vals = _list([_place(copy, name) for name in mapped])
        stored = copy.columns.names[: copy.columns.hashed] == tuple(mapped)
        mark = _column("mark") if stored else duckdb.FunctionExpression("hash", vals)
        named = [_column("id").alias("account_id"), _column("state"), _column("status")]
        listed = [vals.alias("vals"), mark.alias("mark"), _list([_place(copy, name) for name in keys]).alias("keys")]
        rows.select(*named, *listed).create_view("wide_account", replace=True)
        return True

    def _current(self, system: str, role: Role, names: Sequence[str]) -> tuple[_Copy, duckdb.DuckDBPyRelation] | None:
        """A copy that has the named attributes of the latest snapshot, with its rows that hold."""
        for copy in self._known():
            columns = copy.columns
            if (columns.system, columns.role) == (system, role) and set(names) <= set(columns.names) and self._is_current(copy):
                return copy, self._rows(copy)
        return None

    def _is_extended(self, copy: _Copy) -> bool:
        """Adds the rows that changed since a copy was current; False where it must be made again instead."""
        system, latest = copy.columns.system, self._latest(copy.columns.system)
        try:
            if copy.engine == self._engine() and copy.number < latest:
                self._changed(copy, copy.number).insert_into(copy.name)
            extended = _Copy(copy.columns, copy.table, copy.engine, copy.base, latest)
            held, _ = self._row("held_records", system=system)
            ended = self._ended(copy).aggregate([duckdb.FunctionExpression("count_star")]).fetchall()[0][0]
        except _UNREADABLE:
            return False
        if ended * ENDED_SHARE > held or not self._is_current(extended):
            return False
        if copy.number < latest:
            self._write_down(extended)
        return True

    def _is_current(self, copy: _Copy) -> bool:
        """Whether a copy holds exactly the versions that hold now, as this engine would have written them."""
        system = copy.columns.system
        if copy.engine != self._engine() or copy.number != self._latest(system):
            return False
        versions = duckdb.FunctionExpression("hash", _column("id"), _column("valid_from"))
        parts = [duckdb.FunctionExpression("count_star"), duckdb.FunctionExpression("bit_xor", versions)]
        try:
            count, sum_of = self._rows(copy).aggregate(parts).fetchall()[0]
        except _UNREADABLE:
            return False
        return (count, sum_of or 0) == self._row("held_records", system=system)

    def _rows(self, copy: _Copy) -> duckdb.DuckDBPyRelation:
        rows = self._connection.table(copy.name).set_alias("copy")
        return rows.join(self._ended(copy).set_alias("ended"), "copy.id = ended.id AND copy.valid_from = ended.valid_from", how="anti")

    def _ended(self, copy: _Copy) -> duckdb.DuckDBPyRelation:
        return self._connection.sql(statements()["ended_records"], params={"system": copy.columns.system, "base": copy.base})

    def _changed(self, copy: _Copy, since: int) -> duckdb.DuckDBPyRelation:
        """The rows that hold now and began after a snapshot, as the copy holds them."""
        columns, numbers = copy.columns, {"system": copy.columns.system, "since": since}
        attributes, mark = _column("attributes"), duckdb.ConstantExpression(0).cast("UBIGINT")
        match columns.role:
            case Role.SOURCE:
                shape = json.dumps(dict.fromkeys(columns.names or ("-",), "VARCHAR"))
                rows = self._connection.sql(statements()["source_records_since"], params={**numbers, "shape": shape})
                picked = [duckdb.FunctionExpression("struct_extract", attributes, _text(name)) for name in columns.names]
            case Role.TARGET:
                paths = [json_path(name) for name in columns.names]
                rows = self._connection.sql(statements()["target_records_since"], params={**numbers, "paths": paths})
                picked = [duckdb.FunctionExpression("list_extract", attributes, _text(place)) for place in range(1, len(paths) + 1)]
                mark = duckdb.FunctionExpression(
                    "hash", duckdb.FunctionExpression("list_slice", attributes, _text(1), _text(columns.hashed))
                )
            case _:
                assert_never(columns.role)
        named = [each.alias(_place(copy, name)) for name, each in zip(columns.names, picked, strict=True)]
        return rows.select(*map(_column, ("id", "state", "status", "valid_from")), mark.alias("mark"), *named)

    def _known(self) -> list[_Copy]:
        found = self._connection.execute(statements()["wide_copies"]).fetchall()
        return [
            _Copy(WideColumns(system, Role(role), tuple(names), hashed), table, engine, base, number)
            for system, role, table, names, hashed, engine, base, number in found
        ]

    def _write_down(self, copy: _Copy) -> None:
        columns = copy.columns
        made_for = {"system": columns.system, "role": columns.role.value, "names": list(columns.names), "hashed": columns.hashed}
        self._do("keep_wide_copy", **made_for, copy=copy.table, engine=copy.engine, base=copy.base, number=copy.number)

    def _latest(self, system: str) -> int:
        return int(self._row("latest_number", system=system)[0])

    def _engine(self) -> str:
        return str(self._row("engine_version")[0])

    def _row(self, statement: str, **parameters: object) -> tuple[int, ...]:
        found: tuple[int, ...] = self._connection.execute(statements()[statement], parameters or None).fetchall()[0]
        return found

    def _do(self, statement: str, **parameters: object) -> None:
        self._connection.execute(statements()[statement], parameters or None).fetchall()


def _place(copy: _Copy, name: str) -> str:
    return f"c{copy.columns.names.index(name) + 1}"


def _column(name: str) -> duckdb.Expression:
    return duckdb.ColumnExpression(name)


def _text(value: str | int) -> duckdb.Expression:
    return duckdb.ConstantExpression(value)


def _list(columns: Sequence[str]) -> duckdb.Expression:
    return duckdb.FunctionExpression("list_value", *map(_column, columns)).cast("VARCHAR[]")
