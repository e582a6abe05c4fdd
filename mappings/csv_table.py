"""Reads the CSV tables of a project: UTF-8, separated by commas, each row with the line that it begins in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path


class NoTable(Exception):
    """An unusable table: its line numbers (0 for the whole file) and sentences."""

    def __init__(self, *places: tuple[int, str]) -> None:
        super().__init__(places)
        self.places = places


def read_text(path: Path) -> str:
    """The text of a file, with its line ends. Raises OSError, and NoTable where it is not UTF-8."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise NoTable((0, "is not UTF-8 text; save it as UTF-8")) from error


def column_names(text: str, separator: str = ",") -> list[str]:
    """The names in the first row, without spaces around them. Raises NoTable where commas do not separate them."""
    names = [name.strip() for name in next(_rows(text, separator), (1, []))[1]]
    if len(names) == 1 and ";" in names[0]:
        raise NoTable((1, "is separated by semicolons; save it with commas between the cells"))
    return names


def rows_below(text: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    """The rows below the first that have any cell filled. Raises NoTable where a quote is wrong."""
    rows = _rows(text, separator)
    next(rows, None)
    yield from ((line, cells) for line, cells in rows if any(cells))


def wrong_length(cells: list[str], names: list[str]) -> str:
    """The problem of a row whose number of cells differs from the header's; empty where it is the same."""
    return "" if len(cells) == len(names) else f"has {len(cells)} cells where the header has {len(names)}"


def _rows(text: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    end = 0
    try:
        for cells in reader:
            line, end = end + 1, reader.line_num
            yield line, cells
    except csv.Error as error:
        raise NoTable((reader.line_num, f"is not CSV: {error}")) from error
