"""Finds what the values of each column have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.hr.inspection.dates import NO_DATES, PACKED, FoundDates, find_dates
from connectors.hr.inspection.table import FoundTable
from connectors.hr.settings import visible
from connectors.hr.xlsx.sheet import DATE, NUMBER

MOST_WORDS = 20
"""Different values of a column of words: status, department, kind of worker."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_OF_DATES = re.compile(r"date|datum|\bday\b|\bfrom\b|\buntil\b|\bstart|\bend\b|\bsince\b", re.IGNORECASE)
_SERIAL = re.compile(r"[2-5][0-9]{4}(\.[0-9]+)?")
"""A day from 1954 to 2064, with a time of day."""
NULLS = ("NULL", "N/A", "#N/A", "NO_MANAGER", "NO_MGR", "NO_HR")
"""Spellings of "no value" that never stand for a value."""


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """One column of a file."""

    name: str
    rows: int
    """Rows of the file."""
    values: Mapping[str, int]
    """Each value that is not blank, without invisible characters at its ends, with its number of rows."""
    dates: FoundDates = NO_DATES
    multiline: bool = False
    numbers: int = 0
    """Number cells of a workbook: they have lost leading zeros."""
    labels: tuple[str, ...] = ()
    """Other names of the column, which stand behind the header."""

    @property
    def filled(self) -> int:
        return sum(self.values.values())

    @property
    def words(self) -> Mapping[str, int]:
        """The values where they are few and repeat; empty for names, numbers, dates and addresses."""
        few = len(self.values) <= MOST_WORDS and (2 * len(self.values) <= self.filled or len(self.values) <= 3)
        return self.values if few and not self.dates.formats and not self.has_addresses else {}

    @property
    def has_addresses(self) -> bool:
        return bool(self.values) and all(_ADDRESS.fullmatch(value) for value in self.values)

    @property
    def has_serials(self) -> bool:
        """Whether the name is one of dates, and the values are the bare numbers that a spreadsheet counts days by."""
        stated = [value for value in self.values if value not in NULLS]
        return bool(stated and _OF_DATES.search(self.name.replace("_", " ")) and all(map(_SERIAL.fullmatch, stated)))

    @property
    def is_unique(self) -> bool:
        return self.filled == self.rows == len(self.values)

    @property
    def pattern(self) -> str:
        """Returns a pattern that fits each value, for a key, and no label where every value has a digit."""
        found = _pattern(list(self.values))
        if any(re.fullmatch(found, label) for label in self.labels) and all(re.search(r"[0-9]", value) for value in self.values):
            return f"(?=.*[0-9]){found}"
        return found


def columns_of(table: FoundTable) -> list[FoundColumn]:
    """The columns in the order of the file."""
    return [_column(visible(name), place, table) for place, name in enumerate(table.header)]


def null_spellings(columns: Sequence[FoundColumn]) -> list[str]:
    """The spellings of "no value" that columns hold."""
    return [spelling for spelling in NULLS if any(spelling in column.values for column in columns)]


def _column(name: str, place: int, table: FoundTable) -> FoundColumn:
    cells = [row[place] for row in table.rows]
    kinds = Counter(row[place] for row in table.kinds)
    values = Counter(text for cell in cells if (text := visible(cell)))
    stated = [value for value in values if value not in NULLS]
    dates = find_dates(stated)
    if kinds[DATE] and dates.formats:
        dates = FoundDates(dates.formats[:1], dates.open_dates)  # a date cell is no text: its order is known
    if dates.formats == (PACKED,) and not _OF_DATES.search(name.replace("_", " ")):
        dates = NO_DATES
    multiline = any("\n" in cell or "\r" in cell for cell in cells)
    labels = tuple(visible(row[place]) for row in table.labels if place < len(row))
    return FoundColumn(name, len(cells), values, dates, multiline, kinds[NUMBER], labels)


def _common_letters(values: Sequence[str]) -> str:
    """The letters that all values begin with, up to four, and a hyphen behind them."""
    beginnings = {found[0] if (found := re.match(r"[A-Za-z]{0,4}-?", value)) else "" for value in values}
    return beginnings.pop() if len(beginnings) == 1 else ""


def _pattern(values: Sequence[str]) -> str:
    letters = _common_letters(values)
    rests = [value[len(letters) :] for value in values]
    if all(rest.isascii() and rest.isdigit() for rest in rests):
        widths = {len(rest) for rest in rests}
        padded = len(widths) == 1 and any(rest.startswith("0") for rest in rests)
        return re.escape(letters).replace(r"\-", "-") + (f"[0-9]{{{widths.pop()}}}" if padded else "[0-9]+")
    if all(_ADDRESS.fullmatch(value) for value in values):
        return _ADDRESS.pattern
    return next((form for form in ("[A-Za-z0-9]+", "[A-Za-z0-9_.-]+", r"\S+") if all(re.fullmatch(form, value) for value in values)), ".+")
