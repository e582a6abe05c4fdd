"""What an HR file holds: every line of it a record, a quarantined row, a blank line, the header or a footer, or the file is refused.

Every plain CSV reader reads some broken files wrongly without an error. This one pins the dialect, compares the width of every
record, knows the header beforehand, and takes a line break in a value only where one is declared.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors.contract import AccountState, Quarantined, Record
from connectors.hr_csv.cells import CellReader, RowRefused
from connectors.hr_csv.header import Header, match_header
from connectors.hr_csv.settings import HrCsvSettings, Mode, column_key
from connectors.hr_csv.text import FileRefused, lines_of, refuse_missing_newline


@dataclass(frozen=True, slots=True)
class Table:
    """What one file holds. `problem` is empty where the file can show who is not in it."""

    records: Sequence[Record] = ()
    quarantined: Sequence[Quarantined] = ()
    problem: str = ""
    rows: int = 0
    """`records` and `quarantined` together: all but header, blank lines and footers."""
    blank_lines: int = 0
    footer_lines: int = 0
    declared_rows: int | None = None
    """What the footer states."""

    @property
    def counts(self) -> str:
        """Where every line behind the header ended."""
        asides = f"{self.blank_lines} blank and {self.footer_lines} footer lines"
        return f"{len(self.records)} usable rows, {len(self.quarantined)} unusable, {asides}"


class _RawRecord(NamedTuple):
    cells: list[str]
    line: int
    last_line: int
    raw: str

    @property
    def place(self) -> str:
        return f"line {self.line}" if self.line == self.last_line else f"lines {self.line}-{self.last_line}"


def read_table(body: bytes, settings: HrCsvSettings) -> Table:
    """Pure and total: a file that is refused is one quarantined row and a problem."""
    try:
        lines = lines_of(body, settings)
        refuse_missing_newline(lines, settings)
        return _Reading(settings).table(_raw_records(lines, settings))
    except FileRefused as refused:
        start = body[:200].decode("utf-8", "replace")
        return Table(quarantined=[Quarantined("file", "", str(refused), start)], problem=str(refused))


class _Reading:
    """One pass over the records of a file."""

    def __init__(self, settings: HrCsvSettings) -> None:
        self._settings = settings
        self._footer = re.compile(settings.footer_pattern) if settings.footer_pattern is not None else None
        self._usable: dict[str, list[tuple[str, int]]] = {}
        self._quarantined: list[Quarantined] = []
        self._footers: list[str] = []
        self._blank = 0

    def table(self, records: Iterator[_RawRecord]) -> Table:
        """Raises FileRefused."""
        self._read(records)
        usable = numbered(self._usable)
        rows = len(usable) + len(self._quarantined)
        declared = self._declared_rows()
        problem = _problem(rows, self._quarantined, declared, self._settings)
        return Table(usable, self._quarantined, problem, rows, self._blank, len(self._footers), declared)

    def _read(self, records: Iterator[_RawRecord]) -> None:
        first = next((record for record in records if not self._is_blank(record)), None)
        if first is None:
            raise FileRefused("it holds no header; the export failed, have it exported again")
        header = match_header(first.cells, first.line, self._settings)
        multiline = frozenset(header.position(name) for name in self._settings.multiline_columns)
        key, key_name = header.position(self._settings.key[0]), column_key(self._settings.key[0])
        reader = CellReader(header, self._settings)
        for record in records:
            if self._is_blank(record) or self._is_footer(record):
                continue
            if record.line != record.last_line:
                _refuse_swallowed_rows(record, header, multiline, self._settings.delimiter)
            if len(record.cells) != header.width:
                reason = (
                    f"it has {len(record.cells)} cells where the header has {header.width}: a delimiter or a line break too many or too few"
                )
                self._quarantine(record, "", reason)
            elif column_key(record.cells[key]) == key_name:
                raise FileRefused(f"line {record.line} repeats the header: two exports in one file, or two header lines (skip_lines)")
            else:
                self._keep(record, reader)

    def _keep(self, record: _RawRecord, reader: CellReader) -> None:
        key = ""
        try:
            key = reader.key(record.cells)
            attributes = reader.attributes(record.cells)
        except RowRefused as refused:
            self._quarantine(record, key, str(refused))
        else:
            self._usable.setdefault(key, []).append((attributes, record.line))

    def _quarantine(self, record: _RawRecord, key: str, reason: str) -> None:
        self._quarantined.append(Quarantined(record.place, key, reason, record.raw.rstrip("\r\n")))

    def _is_blank(self, record: _RawRecord) -> bool:
        blank = not record.cells or (len(record.cells) == 1 and not record.raw.strip())
        self._blank += blank
        return blank

    def _is_footer(self, record: _RawRecord) -> bool:
        if self._footer is None:
            return False
        raw = record.raw.rstrip("\r\n")
        if self._footer.fullmatch(raw):
            self._footers.append(raw)
            return True
        if self._footers:
            raise FileRefused(
                f"a row, line {record.line}, comes after the footer {self._footers[-1]!r}: two exports in one file, or footer_pattern fits rows"
            )
        return False

    def _declared_rows(self) -> int | None:
        if self._footer is None or "rows" not in self._footer.groupindex:
            return None
        found = [match["rows"] for raw in self._footers if (match := self._footer.fullmatch(raw)) and match["rows"]]
        if len(found) != 1 or not found[0].isdecimal():
            raise FileRefused(
                f"footer_pattern states the number of rows, and {len(found) or 'no'} footer line does; the file may have been cut short"
            )
        return int(found[0])


def numbered(usable: Mapping[str, list[tuple[str, int]]]) -> list[Record]:
    """The records. A key that repeats gets `#2`, `#3` in the order of what the rows say, whatever their order in the file."""
    records = []
    for key, rows in usable.items():
        number = 1
        for attributes, line in sorted(rows) if len(rows) > 1 else rows:
            record_id = key if number == 1 else f"{key}#{number}"
            while number > 1 and record_id in usable:
                number += 1
                record_id = f"{key}#{number}"
            records.append(Record(record_id, AccountState.UNKNOWN, "", attributes, position=line))
            number += 1
    return records


def _raw_records(lines: list[str], settings: HrCsvSettings) -> Iterator[_RawRecord]:
    before = settings.skip_lines
    reader = csv.reader(lines[before:], delimiter=settings.delimiter, quotechar=settings.quote, doublequote=True, strict=True)
    line = before + 1
    try:
        for cells in reader:
            last = before + reader.line_num
            yield _RawRecord(cells, line, last, lines[line - 1] if line == last else "".join(lines[line - 1 : last]))
            line = last + 1
    except csv.Error as error:
        raise FileRefused(
            f"the record that starts at line {line} breaks the rules of quoting ({error}); "
            f"what follows cannot be told apart, so nothing of the file is read; a {settings.quote} inside a value must be written twice"
        ) from None


def _refuse_swallowed_rows(record: _RawRecord, header: Header, multiline: frozenset[int], delimiter: str) -> None:
    """Two stray quotes can make one record of many rows, of the right width: no reader notices."""
    for position, cell in enumerate(record.cells):
        breaks = len(cell.splitlines()) - 1 if "\n" in cell or "\r" in cell else 0
        if breaks < 1:
            continue
        if position not in multiline or len(record.cells) != header.width or cell.count(delimiter) >= breaks * (header.width - 1) > 0:
            raise FileRefused(
                f"{record.place}: column {position + 1} holds a line break, so quotes may have swallowed rows; "
                "correct them in the export, or name the column in multiline_columns if it really holds several lines"
            )


def _problem(rows: int, quarantined: Sequence[Quarantined], declared: int | None, settings: HrCsvSettings) -> str:
    unknown = [row for row in quarantined if not row.id]
    if rows == 0:
        return "it has a header and no rows: an export that failed looks like this, have it exported again"
    if declared is not None and declared != rows:
        return f"its footer states {declared} rows and it holds {rows}; have it exported again"
    if len(quarantined) > settings.max_quarantine:
        return (
            f"{len(quarantined)} of {rows} rows are unusable, more than max_quarantine = {settings.max_quarantine}: {_sample(quarantined)}"
        )
    if unknown:
        return f"{len(unknown)} of {rows} rows do not say who they are about, so nobody counts as gone: {_sample(unknown)}"
    if settings.mode is Mode.DELTA:
        return "it holds changes only (mode = delta), so nobody counts as gone for not being in it"
    return ""


def _sample(quarantined: Sequence[Quarantined]) -> str:
    return "; ".join(f"{row.position}: {row.reason}" for row in quarantined[:3])
