"""Reads a file of unknown form as a table: its header, its rows, and what stands around them."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.hr.csv.records import csv_records
from connectors.hr.csv.settings import HrCsvSettings
from connectors.hr.files import unreadable
from connectors.hr.form import RawRecord
from connectors.hr.inspection.encoding import UTF_8, FoundEncoding, find_encoding
from connectors.hr.inspection.headers import MOST_BEFORE, FoundHeader, find_header
from connectors.hr.text import FileRefused, kind_of

MOST_BYTES = 16 << 20
"""Bytes of a file that are looked at: what a longer one holds behind them, only `check` sees."""
DELIMITERS = (",", ";", "\t", "|")
MOST_FOOTERS = 3
_REGULAR = 0.9
"""Share of the lines that have as many cells as the header, where a delimiter is the file's."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def nothing_known(_name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A file as a table."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    """Rows that are as wide as the header."""
    kinds: Sequence[str] = ()
    """For a workbook what each cell of each row is, one letter each."""
    skip_lines: int = 0
    labels: Sequence[Sequence[str]] = ()
    """Rows behind the header that are proven to be names of columns, too."""
    doubtful_line: int = 0
    """The line behind these, where it may be one more, or a person; it is not among `rows`. 0: there is none."""
    footers: tuple[str, ...] = ()
    encoding: FoundEncoding = UTF_8
    delimiter: str = ","
    quote: str = '"'
    other_delimiters: tuple[str, ...] = ()
    """Delimiters by which the file is a table, too."""
    ends_last_line: bool = True
    whole: bool = True
    """Whether all of the file was looked at."""
    sheets: tuple[str, ...] = ()
    """The visible sheets of a workbook; that with the most rows stands first, and was read."""

    @property
    def is_workbook(self) -> bool:
        return bool(self.sheets)


def begins_as(file: Path) -> bytes:
    """The bytes of a file, at most `MOST_BYTES`. Raises FileRefused where it cannot be read, is empty, or is no text or workbook."""
    try:
        with file.open("rb") as opened:
            body = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise unreadable(error) from None
    if not body:
        raise FileRefused("it is empty: 0 bytes; the export failed or was not finished, have it exported again")
    return body


def csv_table(body: bytes, is_known: Callable[[str], bool] = nothing_known) -> FoundTable:
    """Reads a text file; `is_known` tells names that columns often have. Raises FileRefused where no delimiter makes a table with a header of it."""
    if kind := kind_of(body[:64]):
        raise FileRefused(f"it is {kind}, not a CSV file; unpack or decrypt it first, or have plain text exported")
    whole = len(body) <= MOST_BYTES
    if not whole:
        body = body[: body.rfind(b"\n", 0, MOST_BYTES) + 1]
    encoding = find_encoding(body.removeprefix(codecs.BOM_UTF8))
    text = body.decode(encoding.name, "replace").removeprefix("\ufeff")
    if not whole:
        text = text[: text.rfind("\n") + 1]  # in UTF-16 the byte of a line feed is half a character, of this one or of another
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise FileRefused(
            f"line {line} holds the control character U+{ord(found[0]):04X}, which no text has; the file is damaged, have it exported again"
        )
    lines = list(io.StringIO(text, newline=""))
    quote, fitting = _fitting(lines)
    if not fitting:
        raise FileRefused(
            "no delimiter (comma, semicolon, tab, |) makes a table of it: its lines have different numbers of cells; have it exported again as CSV"
        )
    delimiter, records = fitting[0]
    width = _width(records)
    others = tuple(each for each, found in fitting[1:] if 2 * _width(found) > width)
    filled = [each for each in records if not each.is_blank]
    found_header = find_header([each.cells for each in filled], width, is_known)
    header, rows, footers = _parts(filled, width, found_header)
    return FoundTable(
        tuple(header.cells),
        [each.cells for each in rows],
        skip_lines=header.line - 1,
        labels=[each.cells for each in filled[found_header.place + 1 :][: found_header.labels]],
        doubtful_line=filled[found_header.first_row - 1].line if found_header.doubtful else 0,
        footers=tuple(each.raw.rstrip("\r\n") for each in footers),
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
        other_delimiters=others,
        ends_last_line=text.endswith(("\n", "\r")),
        whole=whole,
    )


def _fitting(lines: Sequence[str]) -> tuple[str, list[tuple[str, list[RawRecord]]]]:
    """The quote, and the delimiters by which nearly all lines are equally wide, the widest first. Raises FileRefused for broken quotes."""
    quote = "'" if _has_single_quotes(lines) else '"'
    found, broken = [], {}
    for delimiter in DELIMITERS:
        settings = HrCsvSettings(path="file", columns=("key",), key=("key",), delimiter=delimiter, quote=quote)
        try:
            records = list(csv_records(lines, 1, settings))
        except FileRefused as refused:
            broken[delimiter] = refused
            continue
        if (width := _width(records)) > 1 and sum(len(each.cells) == width for each in records) >= _REGULAR * len(records) - MOST_BEFORE:
            found.append((delimiter, records))
    likely = max(DELIMITERS, key=lambda each: sum(line.count(each) for line in lines[:MOST_BEFORE]))
    if likely in broken:
        raise broken[likely]
    return quote, sorted(found, key=lambda each: -_width(each[1]))


def _has_single_quotes(lines: Sequence[str]) -> bool:
    """Whether texts stand in single quotes: nearly every line begins with one, and no double quote is there."""
    quoted = sum(line.startswith("'") for line in lines)
    return quoted > 1 and quoted >= _REGULAR * len(lines) - 1 and not any('"' in line for line in lines)


def _width(records: Sequence[RawRecord]) -> int:
    """The number of cells that most records have; of several equally common ones the largest."""
    widths = Counter(len(each.cells) for each in records if not each.is_blank)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _parts(records: Sequence[RawRecord], width: int, found: FoundHeader) -> tuple[RawRecord, list[RawRecord], list[RawRecord]]:
    """The header, the rows as wide as it, and the footers. Raises FileRefused where there are no rows."""
    header, rows = records[found.place], list(records[found.first_row :])
    footers: list[RawRecord] = []
    while rows and len(footers) < MOST_FOOTERS and is_footer(rows[-1].cells, width):
        footers.insert(0, rows.pop())
    if again := next((each for each in rows if each.cells == header.cells), None):
        raise FileRefused(f"{again.place} repeats the header: two exports in one file; have it exported again")
    if not rows:
        raise FileRefused("it has a header and no rows: draft from a file with people in it")
    return header, [each for each in rows if len(each.cells) == width], footers


def is_footer(cells: Sequence[str], width: int) -> bool:
    """Whether a last row is no person: it is of another width, or has nearly nothing in it."""
    return len(cells) != width or (width > 3 and sum(bool(cell.strip()) for cell in cells) <= 2)
