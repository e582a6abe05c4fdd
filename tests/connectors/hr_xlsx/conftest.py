"""Workbooks written part by part, so that each can be broken on purpose."""

import asyncio
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from connectors.contract import RawPage
from connectors.hr.xlsx.connector import HrXlsx
from connectors.hr.xlsx.settings import HrXlsxSettings

COLUMNS = ["Id", "Name", "Start"]
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DATE, ZEROS, DAY_MONTH, ELAPSED = 1, 2, 3, 4


def text(cell):
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'


def number(value, style=0):
    return f'<c s="{style}"><v>{value}</v></c>'


def row(*cells, at="", more=""):
    return f"<row{at}{more}>{''.join(cell if cell.startswith('<') else text(cell) for cell in cells)}</row>"


def sheet(*rows, after=""):
    return f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'


def related(*targets):
    links = "".join(f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(targets, 1))
    return f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>'


STYLES = (
    f'<styleSheet xmlns="{SPREADSHEET}"><numFmts><numFmt numFmtId="170" formatCode="0000000"/>'
    '<numFmt numFmtId="171" formatCode="[$-407]dd&quot;.&quot;mmm\\ yyyy;@"/><numFmt numFmtId="172" formatCode="[Red]0.0&quot;days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/></cellXfs></styleSheet>'
)


def parts(*sheets, book="", strings="", names=None):
    """The parts of a workbook with these sheets, named One, Two, ... unless `names` gives names with states."""
    names = names or [(name, "visible") for name in ("One", "Two", "Three")[: len(sheets)]]
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" state="{state}" r:id="r{n}"/>' for n, (name, state) in enumerate(names, 1))
    targets = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
    return {
        "_rels/.rels": related(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}">{book}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": related(*targets, ("styles", "/xl/styles.xml"), ("sharedStrings", "sharedStrings.xml")),
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{SPREADSHEET}">{strings}</sst>',
        **{f"xl/worksheets/sheet{n}.xml": body for n, body in enumerate(sheets, 1)},
    }


@dataclass
class Reading:
    problem: str = ""
    records: list = field(default_factory=list)
    quarantined: list = field(default_factory=list)


class Export:
    """A folder with one workbook and its contract."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "w.xlsx"

    def connector(self, **contract):
        settings = {"path": "w.xlsx", "columns": COLUMNS, "key": ["Id"], "key_pattern": "[0-9]{7}", **contract}
        return HrXlsx("hr", HrXlsxSettings.model_validate(settings), self.folder)

    def put(self, content):
        if isinstance(content, bytes):
            self.file.write_bytes(content)
            return
        with zipfile.ZipFile(self.file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in content.items():
                archive.writestr(name, body)

    def rows(self, *rows, after="", **contract):
        """What comes of a workbook with the header and these rows."""
        self.put(parts(sheet(row(*COLUMNS), *rows, after=after)))
        return self.read(**contract)

    def read(self, content=None, **contract):
        if content is not None:
            self.put(content)
        return asyncio.run(self._read(self.connector(**contract)))

    async def _read(self, source):
        reading = Reading()
        async for answer in source.pages():
            if isinstance(answer, RawPage):
                rows = source.decode(answer)
                reading.records += rows.records
                reading.quarantined += rows.quarantined
            else:
                reading.problem = answer.problem
        return reading


@pytest.fixture
def export(tmp_path):
    return Export(tmp_path)
