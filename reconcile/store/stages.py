"""Measures what the stages of a command cost: rows and seconds of the statements of each room, and of the expressions of the mappings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import duckdb

    from reconcile.store.schemas import Schemas

EXPRESSIONS = "expressions of the mappings"


@dataclass(frozen=True, slots=True)
class Stage:
    """The cost of the statements of one room in one schema."""

    schema: str
    """The target; empty for all people."""
    room: str
    """The file of the statements without its ending: `decide/matching/keys`."""
    statements: int
    """Number of statements that ran."""
    rows: int
    """The number of rows that they made or returned; of expressions 0 where they are not counted (`Stages.counted`)."""
    seconds: float


class _Key(NamedTuple):
    schema: str
    room: str


class Stages:
    """The stages of one store, in the order in which they began."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schemas: Schemas) -> None:
        self._connection, self._schemas = connection, schemas
        self.counted = False
        """Whether the rows that expressions make are counted: that takes a query for each of their relations."""
        self._found: dict[_Key, Stage] = {}

    def note(self, room: str, rows: int, began: float) -> None:
        """Counts one statement of a room, which began at a reading of `time.perf_counter`, for the target that is decided."""
        key, seconds = _Key(self._schemas.target, room), time.perf_counter() - began
        was = self._found.get(key, Stage(*key, 0, 0, 0.0))
        self._found[key] = Stage(*key, was.statements + 1, was.rows + rows, was.seconds + seconds)

    def note_table(self, room: str, table: str, began: float) -> None:
        """Counts a relation that was made, with its rows where those are counted."""
        self.note(room, len(self._connection.table(table)) if self.counted else 0, began)

    def __iter__(self) -> Iterator[Stage]:
        return iter(tuple(self._found.values()))
