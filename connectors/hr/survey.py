"""Surveys a whole HR file before any row of it is used: its header, its counts, its page ends, and whether it is complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from connectors.contract import Quarantined
from connectors.hr.decode import Reading, Row
from connectors.hr.form import Form, RawRecord
from connectors.hr.header import match_header
from connectors.hr.repeats import KeyedRow, KeyHashes, Rulings, repeated_hashes, rule
from connectors.hr.settings import HrFileSettings, Mode
from connectors.hr.text import FileRefused

PAGE = 1 << 21
"""Characters after which a page ends with its record."""
_SAMPLE = 3


@dataclass(frozen=True, slots=True)
class Survey:
    """Result of one pass over a file. `problem` is empty where the file as a whole can be believed."""

    problem: str = ""
    nameless: str = ""
    """The rows that do not say who they are about: those who are not in the file cannot count as gone."""
    refused: bool = False
    """Whether not even its rows can be believed."""
    header: tuple[str, ...] = ()
    page_ends: tuple[int, ...] = ()
    """The last line of each page; the first page begins behind the header."""
    first_line: int = 0
    rulings: Rulings = field(default_factory=Rulings)
    usable: int = 0
    """Without those that repeat another one."""
    unusable: int = 0
    repeated: int = 0
    blank_lines: int = 0
    footer_lines: int = 0
    declared_rows: int | None = None
    """Number of rows that the footer states."""

    @property
    def rows(self) -> int:
        """All but header, blank lines and footers."""
        return self.usable + self.unusable + self.repeated

    @property
    def counts(self) -> str:
        """Returns the number of lines behind the header, by how each ended."""
        asides = f"{self.blank_lines} blank and {self.footer_lines} footer lines"
        repeated = f"{self.repeated} identical repeats, " if self.repeated else ""
        return f"{self.usable} usable rows, {self.unusable} unusable, {repeated}{asides}"


def survey(file: Path, form: Form, settings: HrFileSettings, stated_rows: int | None) -> Survey:
    """Reads the whole file, twice where keys repeat. `stated_rows` is what its companion states."""
    try:
        return _Surveying(file, form, settings).survey(stated_rows)
    except FileRefused as refused:
        return Survey(problem=str(refused), refused=True)


class _Surveying:
    """One pass over a file."""

    def __init__(self, file: Path, form: Form, settings: HrFileSettings) -> None:
        self._file, self._form, self._settings = file, form, settings
        self._hashes = KeyHashes()
        self._page_ends: list[int] = []
        self._usable = self._unusable = self._unknown = self._repeated = 0
        self._sample: list[str] = []
        self._unknown_sample: list[str] = []

    def survey(self, stated_rows: int | None) -> Survey:
        """Raises FileRefused."""
        header, first_line, reading, records = self._begin(judge_only=True)
        for row in reading.rows(self._paged(records)):
            if isinstance(row, Quarantined):
                self._note(row)
            else:
                self._usable += 1
                self._hashes.add(row.key)
        rulings = self._rulings()
        self._repeated = len(rulings.repeats)
        self._usable -= len(rulings.refused) + self._repeated
        for line, reason in sorted(rulings.refused.items()):
            self._note(Quarantined(f"{self._form.unit} {line}", "known", reason, ""))
        footer_rows = reading.declared_rows()
        return Survey(
            problem=self._problem(footer_rows, stated_rows, reading.blank_lines),
            nameless=self._nameless(),
            header=tuple(header.cells),
            page_ends=tuple(self._page_ends),
            first_line=first_line,
            rulings=rulings,
            usable=self._usable,
            unusable=self._unusable,
            repeated=self._repeated,
            blank_lines=reading.blank_lines,
            footer_lines=len(reading.footers),
            declared_rows=footer_rows,
        )

    def _begin(self, *, judge_only: bool) -> tuple[RawRecord, int, Reading, Iterator[RawRecord]]:
        """The header, the line behind it and its labels, and what comes from there."""
        before = self._settings.skip_lines
        records = self._form.records(islice(self._form.lines(self._file), before, None), before + 1)
        first = next((record for record in records if not record.is_blank), None)
        if first is None:
            raise FileRefused("it holds no header; the export failed, have it exported again")
        header = match_header(first.cells, first.line, self._settings)
        reading = Reading(header, self._form, self._settings, judge_only=judge_only)
        last = first
        for last in islice((record for record in records if not record.is_blank), self._settings.label_lines):
            reading.refuse_person_among_labels(last)
        return first, last.last_line + 1, reading, records

    def _paged(self, records: Iterator[RawRecord]) -> Iterator[RawRecord]:
        """The records, while noting where pages end."""
        size, last = 0, 0
        for record in records:
            yield record
            size, last = size + len(record.raw), record.last_line
            if size >= PAGE:
                self._page_ends.append(last)
                size = 0
        if size:
            self._page_ends.append(last)

    def _rulings(self) -> Rulings:
        hashes = self._hashes.sorted()
        repeated = repeated_hashes(hashes)
        if not repeated:
            return Rulings()
        _, _, reading, records = self._begin(judge_only=False)
        return rule(_keyed(reading, records, repeated), hashes)

    def _note(self, row: Quarantined) -> None:
        self._unusable += 1
        self._unknown += not row.id
        for sample, fits in ((self._sample, True), (self._unknown_sample, not row.id)):
            if fits and len(sample) < _SAMPLE:
                sample.append(f"{row.position}: {row.reason}")

    def _problem(self, footer_rows: int | None, stated_rows: int | None, blank_lines: int) -> str:
        rows, most = self._usable + self._unusable + self._repeated, self._settings.max_quarantine
        delta = self._settings.mode is Mode.DELTA
        for whose, declared in (("footer", footer_rows), ("companion", stated_rows)):
            if declared is not None and declared != rows:
                blank = f" (blank lines, of which it has {blank_lines}, are no rows)" if blank_lines else ""
                return f"its {whose} states {declared} rows and it holds {rows}{blank}; have it exported again"
        if rows == 0 and not (delta and (footer_rows, stated_rows) != (None, None)):
            return "it has a header and no rows: an export that failed looks like this, have it exported again"
        if self._unusable > most:
            return f"{self._unusable} of {rows} rows are unusable, more than max_quarantine = {most}: {'; '.join(self._sample)}"
        # What a delta leaves out is never sent again: no other row of it makes up for one that names nobody.
        return self._nameless() if delta else ""

    def _nameless(self) -> str:
        if not self._unknown:
            return ""
        lost = "their changes would be lost" if self._settings.mode is Mode.DELTA else "no person counts as gone"
        rows, sample = self._usable + self._unusable + self._repeated, "; ".join(self._unknown_sample)
        say = "does not say whom it is" if self._unknown == 1 else "do not say whom they are"
        return f"{self._unknown} of {rows} rows {say} about, so {lost}: {sample}"


def _keyed(reading: Reading, records: Iterator[RawRecord], repeated: set[int]) -> Iterator[KeyedRow]:
    for row in reading.rows(records):
        if isinstance(row, Row) and hash(row.key) in repeated:
            yield KeyedRow(row.key, reading.cells.written_key(row.record.cells), row.attributes, row.record.line)
