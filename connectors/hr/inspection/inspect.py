"""Reads an HR export of unknown form: a CSV file or a workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.hr.inspection.columns import FoundColumn, columns_of
from connectors.hr.inspection.table import FoundTable, begins_as, csv_table, nothing_known
from connectors.hr.inspection.workbook import workbook_table

_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class FoundExport:
    """A file, and what was found in it."""

    file: Path
    table: FoundTable
    columns: tuple[FoundColumn, ...]


def inspect(file: Path, is_known: Callable[[str], bool] = nothing_known) -> FoundExport:
    """Reads a file; `is_known` tells names that columns often have. Raises FileRefused where it is no table of people."""
    body = begins_as(file)
    table = workbook_table(file, is_known) if body.startswith(_ZIP) else csv_table(body, is_known)
    return FoundExport(file, table, tuple(columns_of(table)))
