"""The relations that deciding makes, as the headers of their statements declare them: what a row is, columns, types and key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from reconcile.store.statements import rooms, statements

_MADE = re.compile(r"^CREATE (?:OR REPLACE )?(?:TABLE|VIEW) (\w+)", re.MULTILINE)
_COLUMN = re.compile(r"^--   (\w+) +([A-Z][\w()\[\], ]*?)(  key)?$")
OPEN = "--   ..."
"""The line of a relation that has further columns, which the mappings name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column."""

    name: str
    type: str
    key: bool


@dataclass(frozen=True, slots=True)
class Header:
    """One declared relation."""

    statement: str
    relation: str
    room: str
    row: str
    """What a row is."""
    columns: tuple[Column, ...]
    open: bool
    """Whether the mappings name further columns."""

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.key)


@cache
def headers() -> tuple[Header, ...]:
    """Every relation that a statement of `reconcile/decide` makes; a relation that two statements can make is there twice."""
    return tuple(
        _header(name, text, made[1])
        for name, text in statements().items()
        if rooms()[name].startswith("decide/") and (made := _MADE.search(text))
    )


def _header(name: str, text: str, relation: str) -> Header:
    lines = text.splitlines()
    columns = tuple(Column(found[1], found[2].strip(), bool(found[3])) for line in lines if (found := _COLUMN.match(line)))
    return Header(name, relation, rooms()[name], lines[0].removeprefix("-- "), columns, OPEN in lines)
