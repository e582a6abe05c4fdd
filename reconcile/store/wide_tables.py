"""Tables and markers of the wide copies: what each holds, and whether that is what holds now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import duckdb

from reconcile.store.parsed import execute, parsed
from reconcile.store.values import json_path

UNREADABLE = (duckdb.CatalogException, duckdb.BinderException)
"""Errors of reading a copy that is missing or has other columns than it was made with."""


class Role(StrEnum):
    """Role of a system's rows: JSON values become text in the way that the statements of that role do it."""

    SOURCE = "source"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class WideColumns:
    """Columns of a wide copy."""

    system: str
    role: Role
    names: tuple[str, ...]
    """Attribute names, each once, in the order of the copy's columns."""
    hashed: int = 0
    """Number of the first columns that the stored hash is over."""


@dataclass(frozen=True, slots=True)
class Copy:
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


class CopyTables:
    """The tables of the schema `store.wide` and their markers in `store.wide_copy`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def known(self) -> list[Copy]:
        found = execute(self._connection, "wide_copies").fetchall()
        return [
            Copy(WideColumns(system, Role(role), tuple(names), hashed), table, engine, base, number)
            for system, role, table, names, hashed, engine, base, number in found
        ]

    def write_down(self, copy: Copy) -> None:
        columns = copy.columns
        made_for = {"system": columns.system, "role": columns.role.value, "names": list(columns.names), "hashed": columns.hashed}
        self.do("keep_wide_copy", **made_for, copy=copy.table, engine=copy.engine, base=copy.base, number=copy.number)

    def changed(self, copy: Copy, since: int) -> duckdb.DuckDBPyRelation:
        """The rows that hold now and began after a snapshot, as the copy holds them."""
        columns, numbers = copy.columns, {"system": copy.columns.system, "since": since}
        attributes, mark = column_of("attributes"), duckdb.ConstantExpression(0).cast("UBIGINT")
        match columns.role:
            case Role.SOURCE:
                shape = json.dumps(dict.fromkeys(columns.names or ("-",), "VARCHAR"))
                rows = self._connection.sql(parsed(self._connection, "source_records_since"), params={**numbers, "shape": shape})
                picked = [duckdb.FunctionExpression("struct_extract", attributes, constant(name)) for name in columns.names]
            case Role.TARGET:
                paths = [json_path(name) for name in columns.names]
                rows = self._connection.sql(parsed(self._connection, "target_records_since"), params={**numbers, "paths": paths})
                picked = [duckdb.FunctionExpression("list_extract", attributes, constant(place)) for place in range(1, len(paths) + 1)]
                mark = duckdb.FunctionExpression(
                    "hash", duckdb.FunctionExpression("list_slice", attributes, constant(1), constant(columns.hashed))
                )
            case _:
                assert_never(columns.role)
        named = [each.alias(place_of(copy, name)) for name, each in zip(columns.names, picked, strict=True)]
        return rows.select(*map(column_of, ("id", "state", "status", "valid_from")), mark.alias("mark"), *named)

    def rows(self, copy: Copy) -> duckdb.DuckDBPyRelation:
        rows = self._connection.table(copy.name).set_alias("copy")
        return rows.join(self.ended(copy).set_alias("ended"), "copy.id = ended.id AND copy.valid_from = ended.valid_from", how="anti")

    def ended(self, copy: Copy) -> duckdb.DuckDBPyRelation:
        return self._connection.sql(parsed(self._connection, "ended_records"), params={"system": copy.columns.system, "base": copy.base})

    def is_current(self, copy: Copy) -> bool:
        """Whether a copy holds exactly the versions that hold now, as this engine would have written them."""
        system = copy.columns.system
        if copy.engine != self.engine() or copy.number != self.latest(system):
            return False
        versions = duckdb.FunctionExpression("hash", column_of("id"), column_of("valid_from"))
        parts = [duckdb.FunctionExpression("count_star"), duckdb.FunctionExpression("bit_xor", versions)]
        try:
            count, sum_of = self.rows(copy).aggregate(parts).fetchall()[0]
        except UNREADABLE:
            return False
        return (count, sum_of or 0) == self.row("held_records", system=system)

    def latest(self, system: str) -> int:
        return int(self.row("latest_number", system=system)[0])

    def engine(self) -> str:
        return str(self.row("engine_version")[0])

    def row(self, statement: str, **parameters: object) -> tuple[int, ...]:
        found: tuple[int, ...] = execute(self._connection, statement, parameters).fetchall()[0]
        return found

    def do(self, statement: str, **parameters: object) -> None:
        execute(self._connection, statement, parameters).fetchall()


def place_of(copy: Copy, name: str) -> str:
    """The column of an attribute."""
    return f"c{copy.columns.names.index(name) + 1}"


def column_of(name: str) -> duckdb.Expression:
    """A column by its name."""
    return duckdb.ColumnExpression(name)


def constant(value: str | int) -> duckdb.Expression:
    """A value as it is."""
    return duckdb.ConstantExpression(value)
