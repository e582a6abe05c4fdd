"""Splits a CSV file into records (RFC 4180), with the text of each."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from connectors.bounds import LONGEST_CELL, LONGEST_ROW
from connectors.hr.csv.settings import HrCsvSettings
from connectors.hr.form import RawRecord
from connectors.hr.header import Header
from connectors.hr.text import FileRefused, lines_of


class CsvForm:
    """A CSV file as the lines and records of an HR export."""

    unit = "line"

    def __init__(self, settings: HrCsvSettings) -> None:
        self._settings = settings
        self.delimiter = settings.delimiter
        self.multiline = settings.multiline_columns

    def lines(self, file: Path) -> Iterator[str]:
        with file.open("rb") as opened:
            yield from lines_of(opened, self._settings)

    def records(self, lines: Iterable[str], first_line: int) -> Iterator[RawRecord]:
        return csv_records(lines, first_line, self._settings)

    def shown(self, _header: Header) -> None:
        """A CSV file shows what it holds."""


def csv_records(lines: Iterable[str], first_line: int, settings: HrCsvSettings) -> Iterator[RawRecord]:
    """Raises FileRefused where the rules of quoting are broken."""
    taken: list[str] = []
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(
        _noting(lines, taken, LONGEST_ROW), delimiter=settings.delimiter, quotechar=settings.quote, doublequote=True, strict=True
    )
    line = first_line
    try:
        for cells in reader:
            last = line + len(taken) - 1
            yield RawRecord(cells, line, last, taken[0] if line == last else "".join(taken))
            taken.clear()
            line = last + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise FileRefused(
                f"the record that starts at line {line} holds a cell of more than {LONGEST_CELL} characters; "
                f"a {settings.quote} that is never closed looks like this: correct it in the export"
            ) from None
        raise FileRefused(
            f"the record that starts at line {line} breaks the rules of quoting ({error}); "
            f"what follows cannot be told apart, so nothing of the file is read; a {settings.quote} inside a value must be written twice"
        ) from None


def _noting(lines: Iterable[str], taken: list[str], most: int) -> Iterator[str]:
    size = 0
    for line in lines:
        size = size + len(line) if taken else len(line)
        if size > most:
            raise FileRefused(
                f"it holds a record of more than {most} characters, so quotes have swallowed rows; correct them in the export"
            )
        taken.append(line)
        yield line
