"""Finds the header among the first rows of a file: behind titles and headings of groups, before or behind a second row of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.hr.settings import column_key, visible
from connectors.hr.text import FileRefused

MOST_BEFORE = 12
"""Rows before a header, at most."""
_MOST_HEADERS = 3
_MOST_COMPARED = 1000
_NEARLY_ALL = 0.9
_NO_NAME = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[-\d./: ]+")
"""Form of a cell that is a value: an address, a number, a date."""
_OF_A_VALUE = re.compile(r"[\d@]")
"""Characters that numbers, dates and addresses hold, and names of columns seldom do."""
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class FoundHeader:
    """The place of a header, and of the rows behind it that hold no people."""

    place: int
    labels: int = 0
    """Number of rows behind it that are proven to hold names of columns, too."""
    doubtful: bool = False
    """Whether the row behind these may be one more, or a person."""

    @property
    def first_row(self) -> int:
        """The place of the first row of people, without one that is doubtful."""
        return self.place + 1 + self.labels + self.doubtful


def find_header(rows: Rows, width: int, is_known: Callable[[str], bool]) -> FoundHeader:
    """Returns the header; of several rows of names that with the most known names, then the first. Raises FileRefused where there is none.

    A row holds no person where it has neither digit nor `@` in two columns in which the rows behind it have one.
    """
    first = _first_names(rows, width)
    last = first
    while last + 1 < len(rows) and last - first < _MOST_HEADERS - 1 and _is_proven(rows, last + 1, rows[first]):
        last += 1
    named = [place for place in range(first, last + 1) if _values(rows[place], width) == 0]
    place = max(named, key=lambda place: (sum(map(is_known, rows[place])), -place))
    return FoundHeader(place, last - place, _is_doubtful(rows, last + 1, width))


def _first_names(rows: Rows, width: int) -> int:
    """The place of the first row whose cells are all filled, all different, and no values."""
    data, nameless = 0, False
    for place, cells in enumerate(rows[: MOST_BEFORE + 1]):
        values = _values(cells, width)
        # Behind a row with values, which may be a person, only what is proven to be no person is a header.
        if values == 0 and (not data or (_is_proven(rows, place, ()) and all(_is_title(rows, each, place) for each in range(place)))):
            return place
        data = data or (values or 0)
        nameless = nameless or (not data and values is None and _is_faulty_header(cells, width))
    if data and not nameless:
        raise FileRefused(
            f"its first line looks like data ({data} of {width} cells are values), not like names of columns; have it exported with a header"
        )
    raise FileRefused(
        "no header was found: a line in which every column has a name, and no two the same (a delimiter at the end of each line makes a column without one); correct the export"
    )


def _is_faulty_header(cells: Sequence[str], width: int) -> bool:
    """Whether a row that can be no header, as wide as the table, holds no value: a column has no name, or two have the same."""
    return len(cells) == width and not any(_NO_NAME.fullmatch(cell.strip()) for cell in cells if cell.strip())


def _values(cells: Sequence[str], width: int) -> int | None:
    """The number of cells that are values; None where the row can be no header."""
    names = [column_key(cell) for cell in cells]
    if len(cells) != width or not all(names) or len(set(names)) < width:
        return None
    return sum(bool(_NO_NAME.fullmatch(cell.strip())) for cell in cells)


def _is_proven(rows: Rows, place: int, header: Sequence[str]) -> bool:
    fits, breaks = _compared(rows[place], rows[place + 1 :])
    return (fits == 0 and breaks > 1) or _says_the_same(rows[place], header)


def _is_doubtful(rows: Rows, place: int, width: int) -> bool:
    return place < len(rows) and _values(rows[place], width) == 0 and _compared(rows[place], rows[place + 1 :]) == (0, 1)


def _is_title(rows: Rows, place: int, header: int) -> bool:
    """Whether a row before the header cannot be a person."""
    return len(rows[place]) != len(rows[header]) or _compared(rows[place], rows[header + 1 :])[1] > 0


def _compared(cells: Sequence[str], behind: Rows) -> tuple[int, int]:
    """Counts the columns in which the values behind have a digit or an `@`: those where the cell has one, too, and those where it has none."""
    fits = breaks = 0
    for column, cell in enumerate(cells):
        if visible(cell) and _has_values(column, behind):
            fits += bool(_OF_A_VALUE.search(cell))
            breaks += not _OF_A_VALUE.search(cell)
    return fits, breaks


def _has_values(column: int, behind: Rows) -> bool:
    values = [bool(_OF_A_VALUE.search(row[column])) for row in behind[:_MOST_COMPARED] if column < len(row) and visible(row[column])]
    # The first ones may be names, too.
    first = next((place for place, is_value in enumerate(values[:_MOST_HEADERS]) if is_value), 0)
    return len(values) - first > 1 and sum(values) >= _NEARLY_ALL * (len(values) - first)


def _says_the_same(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Whether half of the cells, and two at least, are the names of their columns in another spelling: `FIRSTNAME`, `First name`."""
    same = sum(_squeezed(cell) == _squeezed(name) != "" for cell, name in zip(cells, header, strict=False))
    return same > 1 and 2 * same >= len(header)


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", visible(name)).casefold()
