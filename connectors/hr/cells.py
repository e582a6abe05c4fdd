"""Reads the cells of one record: its key, and its values as JSON."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter

import msgspec

from connectors.bounds import LONGEST_ID
from connectors.hr.header import Header
from connectors.hr.settings import HrFileSettings, visible, with_century
from connectors.quoting import quoted

_SPREADSHEET_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
"""Form that a spreadsheet gives a long number: different people get the same key."""
_LONGEST_KEY = 20


def was_shortened(key: str) -> bool:
    """Whether a spreadsheet has given a number the form that loses its last digits."""
    return bool(_SPREADSHEET_NUMBER.fullmatch(key))


class RowRefused(Exception):
    """The record cannot be used. The message says why."""


class CellReader:
    """Reads the records of one file."""

    def __init__(self, header: Header, settings: HrFileSettings) -> None:
        self._names = header.names
        self._ordered: Callable[[Sequence[str]], Sequence[str]] = itemgetter(*header.positions) if len(header.positions) > 1 else tuple
        self._key = [(name, header.position(name)) for name in settings.key]
        self._key_places = [(header.names.index(name), position) for name, position in self._key]
        self._single = self._key[0][1] if len(self._key) == 1 else None
        self._separator = settings.key_separator
        self._pattern = re.compile(settings.key_pattern)
        self._nulls = frozenset(settings.null_spellings)
        self._dates = [_DateColumn(name, header, settings) for name in settings.date_columns]
        self._encode = msgspec.json.Encoder().encode

    def key(self, cells: Sequence[str]) -> str:
        """Returns the key of the record. Raises RowRefused."""
        if self._single is not None:
            part = cells[self._single]
            if part.isascii() and part.isalnum() and len(part) <= LONGEST_ID and part not in self._nulls and self._pattern.fullmatch(part):
                return part
        parts = [visible(cells[position]) for _, position in self._key]
        for (name, _), part in zip(self._key, parts, strict=True):
            self._judge(name, part)
        return parts[0] if len(parts) == 1 else self._separator.join(parts)

    def written_key(self, cells: Sequence[str]) -> str:
        """Returns the key as it stands in the file, with its invisible characters."""
        return self._separator.join(cells[position] for _, position in self._key)

    def judge(self, cells: Sequence[str]) -> str:
        """Returns an empty text, or raises RowRefused where a value is not what its column declares: `attributes` without its work."""
        for column in self._dates:
            column.iso(cells[column.position])
        return ""

    def attributes(self, cells: Sequence[str]) -> str:
        """Returns the values as the text of one JSON object, the key without invisible characters: rules compare it. Raises RowRefused."""
        nulls = self._nulls
        values = [None if cell in nulls else cell for cell in self._ordered(cells)]
        for column in self._dates:
            if values[column.place]:
                values[column.place] = column.iso(cells[column.position])
        for place, position in self._key_places:
            values[place] = visible(cells[position])
        return self._encode(dict(zip(self._names, values, strict=True))).decode()

    def _judge(self, name: str, part: str) -> None:
        if not part or part in self._nulls:
            raise RowRefused(f"the key {name} is empty")
        if len(part) > LONGEST_ID:
            raise RowRefused(f"the key {name} has {len(part)} characters, more than {LONGEST_ID}")
        if not part.isprintable():
            raise RowRefused(f"the key {name} holds invisible characters: {quoted(part)}")
        if was_shortened(part):
            raise RowRefused(f"the key {name} is {part}, a number that a spreadsheet shortened; who it was is lost, have it exported again")
        if not self._pattern.fullmatch(part):
            raise RowRefused(f"the key {name} is {quoted(part)}, which is not of the form {self._pattern.pattern}{self._damage(part)}")
        if len(self._key) > 1 and self._separator in part:
            raise RowRefused(f"the key {name} is {quoted(part)}, which holds the key_separator {quoted(self._separator)}")

    def _damage(self, part: str) -> str:
        """Returns what a spreadsheet may have done to the key, as a half-sentence with the way out. Never repaired: it would be a guess."""
        plain = part.removesuffix(".0").replace(",", "").replace("'", "")
        if plain != part and plain.isdecimal() and self._pattern.fullmatch(plain):
            return (
                f"; it looks like {plain} written as an amount by a spreadsheet or a script: have it exported again and leave it unopened"
            )
        padded = next((text for width in range(len(part) + 1, _LONGEST_KEY) if self._pattern.fullmatch(text := part.zfill(width))), "")
        if part.isdecimal() and padded:
            return f"; it looks like {padded} whose leading zeros a spreadsheet dropped: have it exported again and leave it unopened"
        return ""


class _DateColumn:
    """One declared column of dates. Dates repeat, so each spelling is parsed once."""

    def __init__(self, name: str, header: Header, settings: HrFileSettings) -> None:
        self._name = name
        self.position = header.position(name)
        """In a record."""
        self.place = header.names.index(name)
        """Among the values."""
        self._pattern = settings.date_columns[name]
        self._open = frozenset(settings.open_dates.get(name, ()))
        self._nulls = frozenset(settings.null_spellings)
        self._known: dict[str, str | None] = {}

    def iso(self, cell: str) -> str | None:
        """The date as YYYY-MM-DD, None for one that stands for "no date", "" for white space. Raises RowRefused."""
        try:
            return self._known[cell]
        except KeyError:
            self._known[cell] = known = None if cell in self._nulls else self._read(cell)
            return known

    def _read(self, cell: str) -> str | None:
        text = visible(cell)
        if not text:
            return ""
        # A workbook states the whole year of a date, and 2099 written as 99 would be 1999.
        day = _day(text, self._pattern) or _day(text, with_century(self._pattern))
        if day is None:
            raise RowRefused(f"{self._name} is {quoted(cell)}, which is no date of the form {self._pattern}")
        if day in self._open:
            return None
        # 1900 and the far future are placeholders (SAP, Infor, Workday); unless declared, nobody's access follows from one
        if not 1900 < day.year < 2101:
            raise RowRefused(f"{self._name} is {quoted(cell)}, outside of 1901 to 2100; if it means 'no date', name it in open_dates")
        return day.isoformat()


@lru_cache(maxsize=1 << 14)
def _day(text: str, pattern: str) -> date | None:
    try:
        return date(*time.strptime(text, pattern)[:3])
    except ValueError:
        return None
