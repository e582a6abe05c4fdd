"""Measures what the stages of a command cost: rows and seconds of the statements of each room, and of the expressions of the mappings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

EXPRESSIONS = "expressions of the mappings"
PEOPLE = ""
"""The schema of what is made for all people."""


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

    def __init__(self) -> None:
        self.counted = False
        """Whether the rows that expressions make are counted: that takes a query for each of their relations."""
        self._found: dict[_Key, Stage] = {}

    def note(self, schema: str, room: str, rows: int, seconds: float) -> None:
        """Counts one statement of a room, or a relation made of expressions."""
        key = _Key(schema, room)
        was = self._found.get(key, Stage(*key, 0, 0, 0.0))
        self._found[key] = Stage(*key, was.statements + 1, was.rows + rows, was.seconds + seconds)

    def __iter__(self) -> Iterator[Stage]:
        return iter(tuple(self._found.values()))
