"""What the cells of one record say: who it is about, and its values as JSON."""

from __future__ import annotations

import re
import time
from datetime import date

import msgspec

from connectors.hr_csv.header import Header
from connectors.hr_csv.settings import HrCsvSettings

_SPREADSHEET_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number: different people get the same key."""


class RowRefused(Exception):
    """The record cannot be used. The message says why."""


class CellReader:
    """Reads the records of one file. Dates repeat, so each spelling is parsed once."""

    def __init__(self, header: Header, settings: HrCsvSettings) -> None:
        self._names = header.names
        self._positions = header.positions
        self._key = [header.position(name) for name in settings.key]
        self._key_names = settings.key
        self._separator = settings.key_separator
        self._pattern = re.compile(settings.key_pattern)
        self._nulls = frozenset(settings.null_spellings)
        self._dates = [(name, pattern, frozenset(settings.open_dates.get(name, ()))) for name, pattern in settings.date_columns.items()]
        self._known: dict[str, dict[str, str | None]] = {name: {} for name in settings.date_columns}
        self._encode = msgspec.json.Encoder().encode

    def key(self, cells: list[str]) -> str:
        """Who the record is about. Raises RowRefused."""
        parts = [cells[position] for position in self._key]
        for name, part in zip(self._key_names, parts, strict=True):
            self._judge(name, part)
        return parts[0] if len(parts) == 1 else self._separator.join(parts)

    def attributes(self, cells: list[str]) -> str:
        """The values as the text of one JSON object. Raises RowRefused."""
        values: dict[str, str | None] = {name: cells[position] for name, position in zip(self._names, self._positions, strict=True)}
        if self._nulls:
            values = {name: None if value in self._nulls else value for name, value in values.items()}
        for name, pattern, open_dates in self._dates:
            value = values[name]
            if value:
                values[name] = self._date(name, value, pattern, open_dates)
        return self._encode(values).decode()

    def _judge(self, name: str, part: str) -> None:
        if not part:
            raise RowRefused(f"the key {name} is empty")
        if not part.isprintable() or part != part.strip():
            raise RowRefused(f"the key {name} holds invisible characters or surrounding spaces: {part!r}")
        if _SPREADSHEET_NUMBER.fullmatch(part):
            raise RowRefused(f"the key {name} is {part}, a number that a spreadsheet shortened; who it was is lost, have it exported again")
        if not self._pattern.fullmatch(part):
            raise RowRefused(f"the key {name} is {part!r}, which is not of the form {self._pattern.pattern}")
        if len(self._key) > 1 and self._separator in part:
            raise RowRefused(f"the key {name} is {part!r}, which holds the key_separator {self._separator!r}")

    def _date(self, name: str, cell: str, pattern: str, open_dates: frozenset[date]) -> str | None:
        known = self._known[name]
        if cell not in known:
            known[cell] = iso_date(name, cell, pattern, open_dates)
        return known[cell]


def iso_date(name: str, cell: str, pattern: str, open_dates: frozenset[date]) -> str | None:
    """The date as YYYY-MM-DD, None for one that stands for "no date", "" for white space. Raises RowRefused."""
    text = cell.strip()
    if not text:
        return ""
    try:
        day = date(*time.strptime(text, pattern)[:3])
    except ValueError:
        raise RowRefused(f"{name} is {cell!r}, which is no date of the form {pattern}") from None
    if day in open_dates:
        return None
    # 1900 and the far future are placeholders (SAP, Infor, Workday); unless declared, nobody's access follows from one
    if not 1900 < day.year < 2101:
        raise RowRefused(f"{name} is {cell!r}, outside of 1901 to 2100; if it means 'no date', name it in open_dates")
    return day.isoformat()
