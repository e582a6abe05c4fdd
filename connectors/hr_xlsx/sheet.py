"""What the cells of a sheet say, row by row: text as it is, and what each cell is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import NamedTuple

from connectors.hr_csv.text import FileRefused
from connectors.hr_xlsx.styles import Styles, date_text, number_text

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet can have at most."""
TEXT, NUMBER, DATE, FAULT, EMPTY = "tndx-"
"""What a cell is, one letter each."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SheetRow(NamedTuple):
    """One row, without the empty cells at its end."""

    number: int
    kinds: str
    cells: list[str]


class Strings:
    """The shared strings part, and the text of one inline string: runs of text without their reading aids."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._pieces: list[str] = []
        self._taking = False
        self._aside = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._aside += tag == "rPh"
        self._taking = tag == "t" and not self._aside
        if tag in ("si", "is"):
            self._pieces = []

    def end(self, tag: str) -> None:
        self._aside -= tag == "rPh"
        self._taking = False
        if tag in ("si", "is"):
            self.all.append(_unescaped("".join(self._pieces)))

    def text(self, text: str) -> None:
        if self._taking:
            self._pieces.append(text)


class Sheet:
    """A worksheet part."""

    def __init__(self, strings: list[str], styles: Styles, *, since_1904: bool) -> None:
        self._strings, self._styles, self._since_1904 = strings, styles, since_1904
        self._rows: list[SheetRow] = []
        self._row = 0
        self._cells: list[str] = []
        self._kinds: list[str] = []
        self._cell: dict[str, str] = {}
        self._value: list[str] | None = None
        self._has_formula = False
        self._inline: Strings | None = None
        self._content = ""
        self.merged: list[str] = []
        """The ranges of merged cells."""

    def take(self) -> Iterator[SheetRow]:
        """The rows that were finished since the last time."""
        rows, self._rows = self._rows, []
        yield from rows

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "row":
                self._begin_row(attributes.get("r", ""))
            case "c":
                self._cell, self._content, self._has_formula = attributes, "", False
            case "v":
                self._value = []
            case "f":
                self._has_formula = True
            case "is":
                self._inline = Strings()
            case "mergeCell":
                self.merged.append(attributes.get("ref", ""))
        if self._inline is not None:
            self._inline.start(tag, attributes)

    def end(self, tag: str) -> None:
        if self._inline is not None:
            self._inline.end(tag)
        if tag == "v" and self._value is not None:
            self._content, self._value = "".join(self._value), None
        elif tag == "is" and self._inline is not None:
            self._content, self._inline = self._inline.all[-1], None
        elif tag == "c":
            self._end_cell()
        elif tag == "row":
            self._end_row()

    def text(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text)
        elif self._inline is not None:
            self._inline.text(text)

    def _begin_row(self, number: str) -> None:
        row = int(number) if number.isdecimal() else self._row + 1
        if not self._row < row <= MOST_ROWS:
            raise FileRefused(f"row {row} comes after row {self._row}: the workbook is damaged, have it exported again")
        self._row, self._cells, self._kinds = row, [], []

    def _end_cell(self) -> None:
        reference = self._cell.get("r", "")
        column = column_number(reference) if reference else len(self._cells)
        if not len(self._cells) <= column < MOST_COLUMNS:
            raise FileRefused(f"row {self._row}: cell {reference} stands out of order: the workbook is damaged, have it exported again")
        empty = column - len(self._cells)
        kind, text = self._read()
        self._cells += [""] * empty + [text]
        self._kinds += [EMPTY] * empty + [kind]

    def _read(self) -> tuple[str, str]:
        kind, content = self._cell.get("t", "n"), self._content
        if not content:
            return (FAULT, "a formula without a value") if self._has_formula and kind != "str" else (EMPTY, "")
        match kind:
            case "s":
                read = TEXT, self._shared(content)
            case "str":
                read = TEXT, _unescaped(content)
            case "inlineStr":
                read = TEXT, content
            case "b":
                read = TEXT, "TRUE" if content == "1" else "FALSE"
            case "e":
                read = FAULT, f"the error {content}"
            case "d":
                read = _iso(content)
            case _:
                read = self._number(content)
        return read

    def _number(self, content: str) -> tuple[str, str]:
        style = self._cell.get("s", "0")
        style_number = int(style) if style.isdecimal() else 0
        try:
            value = float(content)
            if not math.isfinite(value):
                return FAULT, f"the number {content}"
            if self._styles.is_date(style_number):
                return DATE, date_text(value, since_1904=self._since_1904)
        except (ValueError, OverflowError):
            return FAULT, f"{content!r} as a number or a date"
        return NUMBER, number_text(value, self._styles.digits(style_number))

    def _shared(self, content: str) -> str:
        if not content.isdecimal() or int(content) >= len(self._strings):
            raise FileRefused(f"row {self._row}: a text is missing: the workbook is damaged, have it exported again")
        return self._strings[int(content)]

    def _end_row(self) -> None:
        width = max((place for place, text in enumerate(self._cells, start=1) if text), default=0)
        self._rows.append(SheetRow(self._row, "".join(self._kinds[:width]), self._cells[:width]))


def column_number(reference: str) -> int:
    """The column of a reference like `AB12`, from 0. Raises FileRefused."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise FileRefused(f"{reference!r} is no cell: the workbook is damaged, have it exported again")
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def last_row(merged: str) -> int:
    """The last row of a range like `A1:C2`."""
    found = _REFERENCE.fullmatch(merged.rpartition(":")[2])
    return int(found[2]) if found else MOST_ROWS


def _iso(content: str) -> tuple[str, str]:
    try:
        moment = datetime.fromisoformat(content)
    except ValueError:
        return FAULT, f"{content!r} as a date"
    return DATE, moment.date().isoformat() if moment.time() == time.min else moment.isoformat()


def _unescaped(text: str) -> str:
    """Excel writes characters that XML cannot hold as `_x000D_` (ECMA-376 part 1, 22.4.2.4)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
