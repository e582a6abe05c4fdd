"""A workbook as the lines and records of an HR export: a line is one row of the declared sheet, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import msgspec

from connectors.bounds import MOST_ROWS
from connectors.hr.cells import RowRefused, was_shortened
from connectors.hr.form import RawRecord
from connectors.hr.header import Header
from connectors.hr.settings import visible, with_century
from connectors.hr.text import FileRefused
from connectors.hr.xlsx.package import Package, open_package
from connectors.hr.xlsx.settings import HrXlsxSettings
from connectors.hr.xlsx.sheet import DATE, EMPTY, FAULT, NUMBER, Sheet, SheetRow, Strings, last_row
from connectors.hr.xlsx.styles import Styles
from connectors.quoting import quoted

LARGEST_GROWTH = 4
"""Multiple of `max_unpacked_mb` that the cells may hold together: texts are written once and shown many times."""


class WorkbookForm:
    """An Excel workbook as the lines and records of an HR export."""

    unit = "row"
    delimiter = "\t"
    multiline: tuple[str, ...] = ()

    def __init__(self, settings: HrXlsxSettings) -> None:
        self._settings = settings

    def lines(self, file: Path) -> Iterator[str]:
        opened, package = open_package(file, self._settings.max_unpacked_mb << 20)
        with opened:
            for row in self._filled(_rows(package, self._settings.sheet, self._settings.skip_lines)):
                yield msgspec.json.encode((row.kinds, row.cells)).decode() + "\n"

    def records(self, lines: Iterable[str], first_line: int) -> Iterator[RawRecord]:
        for number, line in enumerate(lines, start=first_line):
            kinds, cells = msgspec.json.decode(line, type=tuple[str, list[str]])
            yield RawRecord(cells, number, number, "\t".join(cells), kinds)

    def shown(self, header: Header) -> Callable[[RawRecord], tuple[RawRecord, str]]:
        return _Shown(header, self._settings)

    def _filled(self, rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
        """Every row from the first on, those that the file leaves out too; a short row as wide as the header."""
        number, width = 0, 0
        for row in rows:
            for gap in range(number + 1, row.number):
                yield SheetRow(gap, "", [])
            number = row.number
            if row.cells and number > self._settings.skip_lines and (width or any(map(visible, row.cells))):
                width = width or len(row.cells)
                short = width - len(row.cells)
                yield SheetRow(number, row.kinds + EMPTY * short, row.cells + [""] * short)
            else:
                yield row


class _Shown:
    """Makes the cells of a record the text that its columns declare."""

    def __init__(self, header: Header, settings: HrXlsxSettings) -> None:
        self._names = dict(zip(header.positions, header.names, strict=True))
        self._keys = [header.position(name) for name in settings.key]
        self._numbers = {header.position(name): width for name, width in settings.number_columns.items()}
        self._dates = {header.position(name): with_century(pattern) for name, pattern in settings.date_columns.items()}

    def __call__(self, record: RawRecord) -> tuple[RawRecord, str]:
        """The record, and why it cannot be used although its key can be. Raises RowRefused for the key."""
        cells, problem = list(record.cells), ""
        for position, kind in enumerate(record.kinds):
            if kind == FAULT:
                problem = problem or f"{self._names[position]} holds {cells[position]}, and no value"
            elif kind == NUMBER and position in self._numbers:
                cells[position] = self._padded(position, cells[position])
            elif kind == DATE and position in self._dates:
                cells[position] = date.fromisoformat(cells[position][:10]).strftime(self._dates[position])
        for position in self._keys:
            self._judge_key(position, record.kinds[position], record.cells[position])
        return record._replace(cells=cells), problem

    def _judge_key(self, position: int, kind: str, text: str) -> None:
        name = self._names[position]
        if kind == FAULT:
            raise RowRefused(f"the key {name} holds {text}, and no value")
        if kind == DATE:
            raise RowRefused(f"the key {name} is a date cell ({text}): the spreadsheet took it for one; have it exported again as text")
        if kind == NUMBER and position not in self._numbers:
            raise RowRefused(
                f"the key {name} is the number {text}, which has lost its leading zeros if it had any; "
                f"have it exported as text, or set number_columns = {{ {name} = WIDTH }}"
            )
        if kind == NUMBER and not text.isdecimal() and not was_shortened(text):
            raise RowRefused(f"the key {name} is the number {text}, and number_columns takes whole numbers alone; correct the cell")

    def _padded(self, position: int, text: str) -> str:
        return text.zfill(self._numbers[position]) if text.isdecimal() else text


def visible_sheets(file: Path, max_unpacked_mb: int) -> list[str]:
    """The names of the sheets that a person sees. Raises FileRefused."""
    opened, package = open_package(file, max_unpacked_mb << 20)
    with opened:
        return list(_listed(package)[1].visible)


def sheet_rows(file: Path, sheet: str, max_unpacked_mb: int) -> list[SheetRow]:
    """Every row of a sheet, merged cells too. Raises FileRefused."""
    opened, package = open_package(file, max_unpacked_mb << 20)
    with opened:
        return list(_rows(package, sheet, MOST_ROWS))


def _listed(package: Package) -> tuple[str, _Workbook]:
    book = package.workbook()
    listed = _Workbook()
    _read_whole(package, book, listed)
    return book, listed


def _rows(package: Package, name: str | None, skip_lines: int) -> Iterator[SheetRow]:
    """Raises FileRefused."""
    book, listed = _listed(package)
    related = package.related(book)
    strings, styles = Strings(), Styles()
    for kind, part in related.values():
        if kind == "sharedStrings":
            _read_whole(package, part, strings)
        elif kind == "styles":
            _read_whole(package, part, styles)
    sheet = Sheet(strings.all, styles, LARGEST_GROWTH * package.max_bytes, since_1904=listed.since_1904)
    for _ in package.parse(related.get(listed.chosen(name), ("", ""))[1], sheet):
        yield from sheet.take()
    merged = [each for each in sheet.merged if last_row(each) > skip_lines]
    if merged:
        raise FileRefused(f"the cells {', '.join(merged[:5])} are merged, so some rows lack their values; have them split")


def _read_whole(package: Package, name: str, part: Strings | Styles | _Workbook) -> None:
    for _ in package.parse(name, part):
        pass


class _Workbook:
    """The workbook part: its sheets, and the day that its dates count from."""

    def __init__(self) -> None:
        self.since_1904 = False
        self._sheets: dict[str, str] = {}
        self.visible: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif tag == "sheet":
            name = attributes.get("name", "")
            self._sheets[name] = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            if attributes.get("state", "visible") == "visible":
                self.visible.append(name)

    def end(self, tag: str) -> None:
        """Ignores the end of an element."""

    def text(self, text: str) -> None:
        """Ignores text."""

    def chosen(self, wanted: str | None) -> str:
        """The relationship id of the sheet to read. Raises FileRefused."""
        held = ", ".join(map(quoted, self._sheets))
        if wanted is not None:
            if wanted not in self._sheets:
                near = ", ".join(map(quoted, get_close_matches(wanted, self._sheets, n=3))) or "none is similar"
                raise FileRefused(f"it has no sheet {quoted(wanted)} ({near}); it has {held}")
            return self._sheets[wanted]
        if len(self.visible) != 1:
            raise FileRefused(f"it has {len(self.visible)} visible sheets ({held}); say which is meant with sheet")
        return self._sheets[self.visible[0]]
