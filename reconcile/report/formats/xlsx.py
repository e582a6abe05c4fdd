"""Writes the report as an Excel workbook: a sheet each for the summary, operations, findings, guards, links and reads.

Columns and values are those of the CSV form (`csv.COLUMNS`), and so are ids. Every value from outside is a text cell, never a formula, a number
or a link; one that begins like a formula is also marked as quoted, so that it stays text where the cell is edited or saved as CSV. Excel's
limits (ECMA-376 part 1 and its specification): a cell ends after 32,767 characters with how many were left out; a sheet with more than
1,048,576 rows goes on in another one. Rows are written as they are read: none is kept in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from reconcile.plan.model import Plan, Run
from reconcile.plan.operation_rows import for_text
from reconcile.report.formats.csv import COLUMNS, finding_rows, link_rows, operation_rows
from reconcile.report.formats.facts import facts
from reconcile.spreadsheet import FORMULA_START
from reconcile.visible import seen_lines

ROWS = 1_048_576
CELL = 32_767
WIDTHS = {"id": 14, "sentence": 60, "before": 40, "after": 40, "message": 80, "what": 16, "who": 28, "name": 22}
FINDING_COLUMNS = ("target", "what", "severity", "who", "anchor", "account_id", "sentence")
LINK_COLUMNS = ("target", "what", "who", "name", "anchor", "account_id", "sentence")
OPERATION_COLUMNS = tuple(column for column in COLUMNS if column not in ("row", "severity"))
GUARD_COLUMNS = ("guard", "verdict", "operations", "accounts", "of", "message")
SCOPE_COLUMNS = ("system", "scope", "complete", "rows", "reason")


def write(path: Path, plan: Plan, run: Run | None = None, *, rows: int = ROWS) -> None:
    """Writes the workbook of a plan, and of its run where there is one, with at most so many rows a sheet."""
    plan = for_text(plan)
    with _workbook(path) as book:
        sheets = _Sheets(book, rows)
        sheets.add("summary", ("what", "value"), facts(plan, run))
        sheets.add("operations", OPERATION_COLUMNS, _cells(OPERATION_COLUMNS, operation_rows(plan, run)))
        sheets.add("findings", FINDING_COLUMNS, _cells(FINDING_COLUMNS, finding_rows(plan)))
        sheets.add("guards", GUARD_COLUMNS, _guards(plan))
        sheets.add("links", LINK_COLUMNS, _cells(LINK_COLUMNS, link_rows(plan)))
        sheets.add("reads", SCOPE_COLUMNS, _scopes(plan))


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    """A workbook that keeps no row. What it writes meanwhile lies beside its file, not where other users put theirs."""
    with tempfile.TemporaryDirectory(dir=path.parent if path.is_file() or not path.exists() else None) as between:
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": between, "strings_to_urls": False})
        # The same plan gives the same bytes.
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
        yield book
        try:
            book.close()
        except FileCreateError as error:
            # What xlsxwriter caught: a full disk is told as one.
            raise error.args[0] from error


class _Sheets:
    """The sheets of a workbook."""

    def __init__(self, book: Any, rows: int) -> None:
        self._book, self._rows = book, rows
        self._heading = book.add_format({"bold": True, "bottom": 1})
        self._quoted = book.add_format({"quote_prefix": True})

    def add(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
        """Adds a sheet, and further ones where it is full."""
        sheet, row, number = self._begin(name, columns), 0, 1
        for cells in rows:
            if row + 1 == self._rows:
                number += 1
                sheet, row = self._begin(f"{name} {number}", columns), 0
            row += 1
            for column, cell in enumerate(cells):
                self._write(sheet, row, column, cell)

    def _begin(self, name: str, columns: Sequence[str]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, WIDTHS.get(column, 14))
            sheet.write_string(0, number, column, self._heading)
        if name != "summary":
            sheet.autofilter(0, 0, self._rows - 1, len(columns) - 1)
        return sheet

    def _write(self, sheet: Any, row: int, column: int, cell: str | int) -> None:
        if isinstance(cell, int):
            sheet.write_number(row, column, cell)
        elif cell:
            sheet.write_string(row, column, bounded(cell), self._quoted if FORMULA_START.match(cell) else None)


def bounded(text: str) -> str:
    """The text as a cell can hold it: what cannot be seen as its escape, and no longer than Excel takes."""
    shown = seen_lines(text.replace("\r\n", "\n")).replace("\r", "\\r")
    if shown.startswith("<r>"):
        # xlsxwriter takes such a text for XML of a rich string and writes it as it is.
        shown = f"\\u003c{shown[1:]}"
    # Excel counts units of UTF-16: a character outside the basic plane is two.
    if len(shown) * 2 <= CELL or len(shown.encode("utf-16-le", "surrogatepass")) // 2 <= CELL:
        return shown
    kept = shown.encode("utf-16-le")[: 2 * (CELL - 40)].decode("utf-16-le", "ignore")
    return f"{kept}… {len(shown) - len(kept):,} characters …"


def _cells(columns: Sequence[str], rows: Iterable[dict[str, str]]) -> Iterator[Sequence[str]]:
    return ([row.get(column, "") for column in columns] for row in rows)


def _guards(plan: Plan) -> Iterator[Sequence[str | int]]:
    for each in plan.verdicts:
        verdict = "passes" if each.passed else "overridden" if each.override else "refuses"
        yield each.guard, verdict, each.count, each.accounts, each.population, each.message


def _scopes(plan: Plan) -> Iterator[Sequence[str | int]]:
    for each in plan.scopes:
        yield each.system, each.scope, "yes" if each.complete else "no", each.rows, each.reason
