"""Workbooks written part by part, so that each can be broken on purpose."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DATE, ZEROS, DAY_MONTH, ELAPSED, ZEROS_BY_SIGN = 1, 2, 3, 4, 5


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
    '<numFmt numFmtId="171" formatCode="[$-407]dd&quot;.&quot;mmm\\ yyyy;@"/><numFmt numFmtId="172" formatCode="[Red]0.0&quot;days&quot;"/>'
    '<numFmt numFmtId="173" formatCode="[Black]0000_);[Red]\\-0000"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/><xf numFmtId="173"/></cellXfs></styleSheet>'
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


def write_workbook(file: Path, content: dict[str, str]) -> None:
    """Writes the parts as a workbook."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
