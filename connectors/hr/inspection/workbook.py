"""Reads a workbook of unknown form as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from connectors.hr.inspection.headers import find_header
from connectors.hr.inspection.table import MOST_FOOTERS, FoundTable, is_footer, nothing_known
from connectors.hr.settings import visible
from connectors.hr.text import FileRefused
from connectors.hr.xlsx.settings import HrXlsxSettings
from connectors.hr.xlsx.sheet import EMPTY, SheetRow
from connectors.hr.xlsx.workbook import sheet_rows, visible_sheets


def workbook_table(file: Path, is_known: Callable[[str], bool] = nothing_known) -> FoundTable:
    """The visible sheet with the most rows; `is_known` tells names that columns often have. Raises FileRefused."""
    most = HrXlsxSettings(path="file", columns=("key",), key=("key",)).max_unpacked_mb
    lengths: dict[str, int] = {}
    longest: list[SheetRow] = []
    for name in visible_sheets(file, most):
        rows = sheet_rows(file, name, most)
        lengths[name] = len(rows)
        # Only one sheet is kept in memory: a workbook can list the same part as many sheets.
        longest = max(longest, rows, key=len)
    if not lengths:
        raise FileRefused("it has no visible sheet; have it exported again")
    names = sorted(lengths, key=lambda name: -lengths[name])
    return _table([row for row in longest if any(map(visible, row.cells))], tuple(names), is_known)


def _table(rows: list[SheetRow], sheets: tuple[str, ...], is_known: Callable[[str], bool]) -> FoundTable:
    width = max((len(row.cells) for row in rows), default=0)
    found = find_header([row.cells for row in rows], width, is_known)
    people = [_padded(row, width) for row in rows[found.first_row :]]
    footers: list[str] = []
    while people and len(footers) < MOST_FOOTERS and is_footer(people[-1].cells, width):
        footers.insert(0, "\t".join(people.pop().cells))
    if not people:
        raise FileRefused("it has a header and no rows: draft from a file with people in it")
    cells, kinds = [row.cells for row in people], [row.kinds for row in people]
    return FoundTable(
        tuple(rows[found.place].cells),
        cells,
        kinds,
        skip_lines=rows[found.place].number - 1,
        labels=[_padded(row, width).cells for row in rows[found.place + 1 :][: found.labels]],
        doubtful_line=rows[found.first_row - 1].number if found.doubtful else 0,
        footers=tuple(footers),
        sheets=sheets,
    )


def _padded(row: SheetRow, width: int) -> SheetRow:
    short = width - len(row.cells)
    return SheetRow(row.number, row.kinds + EMPTY * short, row.cells + [""] * short)
