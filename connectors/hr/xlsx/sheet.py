"""Reads the cells of a sheet row by row: text as it is, and the kind of each cell."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import NamedTuple

from connectors.bounds import LONGEST_CELL, LONGEST_ROW, MOST_COLUMNS, MOST_ROWS
from connectors.hr.text import FileRefused
from connectors.hr.xlsx.styles import Styles, date_text, number_text
from connectors.quoting import quoted

_SHOWN = 40
"""Characters of a value that is none, in the sentence about it."""
_LONGEST_NUMBER = 8
"""Digits of a number that counts rows, texts or styles."""
TEXT, NUMBER, DATE, FAULT, EMPTY = "tndx-"
"""Kinds of a cell, one letter each."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
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
        self._aside = self._length = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._aside += tag == "rPh"
        self._taking = tag == "t" and not self._aside
        if tag in ("si", "is"):
            self._pieces, self._length = [], 0

    def end(self, tag: str) -> None:
        self._aside -= tag == "rPh"
        self._taking = False
        if tag in ("si", "is"):
            self.all.append(_unescaped("".join(self._pieces)))

    def text(self, text: str) -> None:
        if self._taking:
            self._length += len(text)
            if self._length > LONGEST_CELL:
                raise FileRefused(f"it holds a text of more than {LONGEST_CELL} characters, which no cell has; have it exported again")
            self._pieces.append(text)


class Sheet:
    """A worksheet part."""

    def __init__(self, strings: list[str], styles: Styles, most: int, *, since_1904: bool) -> None:
        """`most`: how many characters all its cells may hold together, an empty cell counting as one."""
        self._strings, self._styles, self._since_1904 = strings, styles, since_1904
        self._left, self._row_left = most, LONGEST_ROW
        self._length = 0
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
                self._value, self._length = [], 0
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
            self._length += len(text)
            if self._length > LONGEST_CELL:
                raise FileRefused(f"row {self._row}: a cell holds more than {LONGEST_CELL} characters; have it exported again")
            self._value.append(text)
        elif self._inline is not None:
            self._inline.text(text)

    def _begin_row(self, number: str) -> None:
        stated = counted(number)
        row = self._row + 1 if stated is None else stated
        if not self._row < row <= MOST_ROWS:
            raise FileRefused(f"row {row} comes after row {self._row}: the workbook is damaged, have it exported again")
        self._row, self._cells, self._kinds, self._row_left = row, [], [], LONGEST_ROW

    def _end_cell(self) -> None:
        reference = self._cell.get("r", "")
        column = column_number(reference) if reference else len(self._cells)
        if not len(self._cells) <= column < MOST_COLUMNS:
            raise FileRefused(f"row {self._row}: cell {reference} stands out of order: the workbook is damaged, have it exported again")
        empty = column - len(self._cells)
        kind, text = self._read()
        self._spend(empty + len(text) + 1)
        self._cells += [""] * empty + [text]
        self._kinds += [EMPTY] * empty + [kind]

    def _spend(self, size: int) -> None:
        """A few bytes can place one text into every cell of a sheet, so that it is the cells that are counted."""
        self._left -= size
        self._row_left -= size
        if self._left < 0 or self._row_left < 0:
            what = "its cells hold together" if self._left < 0 else f"row {self._row} holds"
            raise FileRefused(f"{what} more than a workbook of people does; have a CSV file exported, or raise max_unpacked_mb")

    def _read(self) -> tuple[str, str]:
        kind, text = self._stated()
        if kind == TEXT and not text.isprintable() and _NO_TEXT.search(text):
            return FAULT, "a character that no text has"
        return kind, text

    def _stated(self) -> tuple[str, str]:
        kind, content = self._cell.get("t", "n"), self._content
        if not content:
            return (FAULT, "a formula without a value") if self._has_formula and kind != "str" else (EMPTY, "")
        match kind:
            case "s":
                read = TEXT, _shared(content, self._strings, self._row)
            case "str":
                read = TEXT, _unescaped(content)
            case "inlineStr":
                read = TEXT, content
            case "b":
                read = _boolean(content)
            case "e":
                read = FAULT, f"the error {content[:_SHOWN]}"
            case "d":
                read = _iso(content)
            case _:
                read = _number(content, counted(self._cell.get("s", "0")) or 0, self._styles, since_1904=self._since_1904)
        return read

    def _end_row(self) -> None:
        width = max((place for place, text in enumerate(self._cells, start=1) if text), default=0)
        self._rows.append(SheetRow(self._row, "".join(self._kinds[:width]), self._cells[:width]))


def counted(text: str) -> int | None:
    """A number that counts something; None for anything else, one with too many digits too."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def column_number(reference: str) -> int:
    """The column of a reference like `AB12`, from 0. Raises FileRefused."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise FileRefused(f"{quoted(reference)} is no cell: the workbook is damaged, have it exported again")
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def last_row(merged: str) -> int:
    """The last row of a range like `A1:C2`."""
    found = _REFERENCE.fullmatch(merged.rpartition(":")[2])
    return int(found[2]) if found else MOST_ROWS


def _number(content: str, style: int, styles: Styles, *, since_1904: bool) -> tuple[str, str]:
    """Reads a number, or the date that its style makes of it."""
    try:
        value = float(content)
        if not math.isfinite(value):
            return FAULT, f"the number {content[:_SHOWN]}"
        if styles.is_date(style):
            return DATE, date_text(value, since_1904=since_1904)
    except (ValueError, OverflowError):
        return FAULT, f"{quoted(content[:_SHOWN])} as a number or a date"
    return NUMBER, number_text(value, styles.digits(style))


def _shared(content: str, strings: list[str], row: int) -> str:
    """Looks up a shared string by its number. Raises FileRefused."""
    number = counted(content)
    if number is None or number >= len(strings):
        raise FileRefused(f"row {row}: a text is missing: the workbook is damaged, have it exported again")
    return strings[number]


def _boolean(content: str) -> tuple[str, str]:
    """Reads a boolean of XML: a digit or a word. A wrong one can end the access of a person."""
    match content.strip().lower():
        case "1" | "true":
            return TEXT, "TRUE"
        case "0" | "false":
            return TEXT, "FALSE"
        case _:
            return FAULT, f"{quoted(content[:_SHOWN])} as TRUE or FALSE"


def _iso(content: str) -> tuple[str, str]:
    try:
        moment = datetime.fromisoformat(content)
    except ValueError:
        return FAULT, f"{quoted(content[:_SHOWN])} as a date"
    return DATE, moment.date().isoformat() if moment.time() == time.min else moment.isoformat()


def _unescaped(text: str) -> str:
    """Replaces `_x000D_` and the like, by which Excel writes characters that XML cannot hold (ECMA-376 part 1, 22.4.2.4)."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    # Characters beyond U+FFFF are written as two halves; a half alone stays one.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
