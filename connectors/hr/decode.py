"""Classifies each record of an HR file: a row about a person, an unusable row, a blank line or a footer; or refuses the file.

Every plain CSV reader reads some broken files wrongly without an error. This one pins the dialect, compares the width of every
record, knows the header beforehand, and takes a line break in a value only where one is declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connectors.bounds import evidence, stated_count
from connectors.contract import Quarantined
from connectors.hr.cells import CellReader, RowRefused
from connectors.hr.form import Form, RawRecord
from connectors.hr.header import Header
from connectors.hr.patterns import LONGEST_TEXT
from connectors.hr.settings import HrFileSettings, column_key, visible
from connectors.hr.text import FileRefused
from connectors.quoting import quoted


class Row(NamedTuple):
    """A record that says who it is about."""

    key: str
    record: RawRecord
    attributes: str
    """The text of one JSON object; empty where only the judgement was asked for."""


class Reading:
    """One pass over the records behind a header."""

    def __init__(self, header: Header, form: Form, settings: HrFileSettings, *, judge_only: bool = False) -> None:
        self._width = len(header.cells)
        self._form = form
        self.cells = CellReader(header, settings)
        self._attributes = self.cells.judge if judge_only else self.cells.attributes
        self._shown = form.shown(header)
        self._label_lines = settings.label_lines
        self._multiline = frozenset(header.position(name) for name in form.multiline)
        self._key = header.position(settings.key[0])
        spellings = {column_key(name) for name in (settings.key[0], header.cells[self._key])}
        self._repeated_header = re.compile("|".join(r"[\s_-]*".join(map(re.escape, each.split("_"))) for each in spellings), re.IGNORECASE)
        self._footer = re.compile(settings.footer_pattern) if settings.footer_pattern is not None else None
        self.footers: list[str] = []
        self.blank_lines = 0

    def rows(self, records: Iterable[RawRecord]) -> Iterator[Row | Quarantined]:
        """The rows, in the order of the file. Raises FileRefused."""
        for record in records:
            if record.is_blank:
                self.blank_lines += 1
            elif self._footer is None or not self._is_footer(record, self._footer):
                yield self._row(record)

    def refuse_person_among_labels(self, record: RawRecord) -> None:
        """Raises FileRefused where a line that is declared to hold labels may be a person, who would be missing from the file."""
        declared = f"and label_lines = {self._label_lines} says that it holds labels of columns"
        if len(record.cells) != self._width:
            raise FileRefused(f"{record.place} has {len(record.cells)} cells where the header has {self._width}, {declared}")
        try:
            self.cells.key((self._shown(record)[0] if self._shown is not None else record).cells)
        except RowRefused:
            return
        raise FileRefused(f"{record.place} has a key that fits key_pattern, {declared}; correct label_lines, or narrow key_pattern")

    def _row(self, record: RawRecord) -> Row | Quarantined:
        if record.line != record.last_line:
            self._refuse_swallowed_rows(record)
        if len(record.cells) != self._width:
            reason = f"it has {len(record.cells)} cells where the header has {self._width}: a delimiter or a line break too many or too few"
            return unusable(record, "", reason)
        if self._repeated_header.fullmatch(visible(record.cells[self._key])):
            raise FileRefused(
                f"{record.place} repeats the header: two exports in one file, or a second header line (skip_lines, label_lines)"
            )
        key = problem = ""
        try:
            if self._shown is not None:
                record, problem = self._shown(record)
            key = self.cells.key(record.cells)
            if problem:
                return unusable(record, key, problem)
            attributes = self._attributes(record.cells)
        except RowRefused as refused:
            return unusable(record, key, str(refused))
        return Row(key, record, attributes)

    def _is_footer(self, record: RawRecord, footer: re.Pattern[str]) -> bool:
        raw = record.raw.rstrip("\r\n")
        if len(raw) <= LONGEST_TEXT and footer.fullmatch(raw):
            self.footers.append(raw)
            return True
        if self.footers:
            raise FileRefused(
                f"a row, {record.place}, comes after the footer {quoted(self.footers[-1])}: two exports in one file, or footer_pattern fits rows"
            )
        return False

    def _refuse_swallowed_rows(self, record: RawRecord) -> None:
        """Two stray quotes can make one record of many rows, of the right width: no reader notices."""
        for position, cell in enumerate(record.cells):
            breaks = len(cell.splitlines()) - 1 if "\n" in cell or "\r" in cell else 0
            if breaks < 1:
                continue
            whole_rows = cell.count(self._form.delimiter) >= breaks * (self._width - 1) > 0
            if position not in self._multiline or len(record.cells) != self._width or whole_rows:
                raise FileRefused(
                    f"{record.place}: column {position + 1} holds a line break, so quotes may have swallowed rows; "
                    "correct them in the export, or name the column in multiline_columns if it really holds several lines"
                )

    def declared_rows(self) -> int | None:
        """Returns the number of rows that the footer states. Raises FileRefused where it should and does not."""
        if self._footer is None or "rows" not in self._footer.groupindex:
            return None
        found = [match["rows"] for raw in self.footers if (match := self._footer.fullmatch(raw)) and match["rows"]]
        if len(found) != 1 or not found[0].isdecimal():
            raise FileRefused(
                f"footer_pattern states the number of rows, and {len(found) or 'no'} footer line does; the file may have been cut short"
            )
        return stated_count(found[0])


def unusable(record: RawRecord, key: str, reason: str) -> Quarantined:
    """The record as a row that cannot be used."""
    return Quarantined(record.place, key, reason, evidence(record.raw.rstrip("\r\n")))
