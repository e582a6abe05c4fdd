"""The reports of a plan, read by parsers that are not of this project."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from reconcile.plan.model import Plan, Run
from reconcile.report.formats import markdown as markdown_form
from reconcile.report.formats import xlsx
from reconcile.report.formats.json import parts

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def document(plan: Plan, run: Run | None = None, more: Mapping[str, object] | None = None) -> str:
    """The JSON report as one text."""
    return "".join(parts(plan, run, more))


def markdown(plan: Plan, run: Run | None = None) -> str:
    """The Markdown report as one text."""
    return "".join(markdown_form.lines(plan, run))


def workbook(plan: Plan, run: Run | None = None, *, rows: int = xlsx.ROWS) -> Mapping[str, bytes]:
    """The parts of the Excel report, by name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        xlsx.write(path, plan, run, rows=rows)
        assert list(Path(folder).iterdir()) == [path]
        with zipfile.ZipFile(path) as package:
            return {name: package.read(name) for name in package.namelist()}


def sheets(package: Mapping[str, bytes]) -> Mapping[str, Sequence[Sequence[str]]]:
    """The cells of each sheet, row by row; an empty text where a row has no cell."""
    names = [each.attrib["name"] for each in ET.fromstring(package["xl/workbook.xml"]).iter(f"{_MAIN}sheet")]
    return {name: _rows(package[f"xl/worksheets/sheet{number}.xml"]) for number, name in enumerate(names, 1)}


def _rows(part: bytes) -> list[list[str]]:
    return [_cells(row) for row in ET.fromstring(part).iter(f"{_MAIN}row")]


def _cells(row: ET.Element) -> list[str]:
    found: list[str] = []
    for cell in row.iter(f"{_MAIN}c"):
        column = 0
        for letter in filter(str.isalpha, cell.attrib["r"]):
            column = column * 26 + ord(letter) - ord("A") + 1
        found += [""] * (column - len(found))
        found[column - 1] = "".join(cell.itertext())
    return found
