"""Which rows of which sheet are people, and workbooks that are none."""

import asyncio
import struct

import pytest
from pydantic import ValidationError

from connectors.contract import Source
from connectors.hr.xlsx.settings import HrXlsxSettings
from tests.support.workbooks import parts, row, sheet, text

from .conftest import COLUMNS

ADA, BOB = row("0001001", "Ada", ""), row("0001002", "Bob", "")
HEADER = row(*COLUMNS)
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")


def test_the_connector_is_a_source(export):
    assert isinstance(export.connector(), Source)


def test_a_row_is_known_by_its_number_in_the_sheet(export):
    body = sheet(
        row("Workers"), row(*COLUMNS, at=' r="4"'), row("0001001", "Ada", at=' r="7"'), row(), row("", " ", ""), BOB, row("Total", "2")
    )
    read = export.read(parts(body), skip_lines=1, footer_pattern=r"Total\t(?P<rows>\d+)\t*")
    assert [(record.id, record.position) for record in read.records] == [("0001001", 7), ("0001002", 10)]
    assert (read.problem, read.quarantined) == ("", [])
    body = body.replace(row("", " ", ""), row("", "Cyd", ""))
    read = export.read(parts(body), skip_lines=1, footer_pattern=r"Total\t(?P<rows>\d+)\t*")
    assert read.quarantined[0].position == "row 9"


def test_a_row_of_empty_cells_is_blank_wherever_it_stands(export):
    spaces = row("", "\u00a0", " ")
    read = export.read(parts(sheet(row(" "), spaces, HEADER, spaces, ADA, row("0001002", "Bob"), spaces)))
    assert (read.problem, read.quarantined) == ("", [])
    assert [(record.id, record.position) for record in read.records] == [("0001001", 5), ("0001002", 6)]


def test_a_cell_stands_where_its_reference_says(export):
    cells = '<row r="2"><c r="A2" t="inlineStr"><is><t>0001001</t></is></c><c r="C2" t="inlineStr"><is><t>soon</t></is></c></row>'
    assert export.rows(cells).records[0].values() == {"Id": "0001001", "Name": "", "Start": "soon"}


def test_a_cell_behind_the_last_column_is_no_part_of_a_row(export):
    read = export.rows(ADA, row("0001002", "Bob", "", "stray"))
    assert "4 cells where the header has 3" in read.quarantined[0].reason


def test_hidden_rows_are_people_like_any_other(export):
    assert len(export.rows(ADA, row("0001002", "Bob", "", more=' hidden="1"')).records) == 2


def test_merged_cells_are_refused_but_for_titles(export):
    merged = '<mergeCells><mergeCell ref="B2:B3"/></mergeCells>'
    assert "B2:B3 are merged" in export.rows(ADA, BOB, after=merged).problem
    body = sheet(row("Workers"), HEADER, ADA, after='<mergeCells><mergeCell ref="A1:C1"/></mergeCells>')
    assert export.read(parts(body), skip_lines=1).problem == ""


def test_the_declared_sheet_is_read_and_none_is_guessed(export):
    export.put(parts(sheet(row("Notes")), sheet(HEADER, ADA)))
    assert "2 visible sheets ('One', 'Two')" in export.read().problem
    assert len(export.read(sheet="Two").records) == 1
    assert "no sheet 'Too' ('Two')" in export.read(sheet="Too").problem
    export.put(parts(sheet(HEADER, ADA), sheet(row("x")), names=[("Workers", "visible"), ("Lists", "veryHidden")]))
    assert len(export.read().records) == 1


def test_the_same_contract_holds_as_for_text(export):
    export.put(parts(sheet(row("id", "NAME", "Begin"), ADA, ADA, BOB)))
    assert "lacks 'Start'" in export.read().problem
    read = export.read(aliases={"Start": ["Begin"]})
    assert [record.id for record in read.records] == ["0001001", "0001002"]
    assert read.problem == ""
    assert "2 of 3 rows are unusable" in export.rows(row("x", "A"), row("y", "B"), ADA, max_quarantine=1).problem
    assert "no rows" in export.rows().problem
    assert "repeats the header" in export.rows(ADA, HEADER).problem


def _bomb():
    # what unpacks to 300 MB and is small on disk
    return parts(sheet(HEADER, ADA) + "<!--" + " " * (300 << 20) + "-->")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "0 bytes"),
        (b"<html><table><tr><td>Id</td></tr></table></html>", "an HTML page, not an Excel workbook"),
        (b"\xef\xbb\xbf<html>", "an HTML page"),
        (b"Id,Name,Start\n0001001,Ada,\n", "text, perhaps CSV"),
        (ENCRYPTED, "protected by a password"),
        (ENCRYPTED[:512], "an old Excel workbook"),
        ({"a.txt": "a"}, "no Excel workbook"),
        (parts(""), "damaged"),
        (parts("<worksheet"), "damaged"),
        (parts(sheet(HEADER, ADA)[:-20]), "damaged"),
        (parts(sheet()), "no header"),
        (parts(sheet(HEADER, row("0001001", at=' r="1"'))), "row 1 comes after row 1"),
        (parts(sheet(HEADER, row("0001001", at=' r="2000000"'))), "row 2000000"),
        (parts(sheet(HEADER, '<row><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>')), "out of order"),
        (parts(sheet(HEADER, '<row><c r="ZZZ2"><v>1</v></c></row>')), "out of order"),
        (parts(sheet(HEADER, '<row><c r="2B"><v>1</v></c></row>')), "is no cell"),
        (parts('<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet(HEADER, ADA)), "declares XML entities"),
    ],
)
def test_what_is_no_sound_workbook_is_refused_with_a_sentence(export, content, said):
    read = export.read(content)
    assert said in read.problem
    assert read.records == []


@pytest.mark.slow
def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(export):
    assert "more than max_unpacked_mb = 256" in export.read(_bomb()).problem
    assert "more than max_unpacked_mb = 1;" in export.rows(ADA, row("0001002", "x" * (2 << 20)), max_unpacked_mb=1).problem


def test_a_member_larger_than_it_says_is_not_unpacked_further(export):
    export.rows(ADA, row("0001002", "x" * 100_000))
    body = bytearray(export.file.read_bytes())
    place = body.rindex(b"PK\x01\x02", 0, body.rindex(b"xl/worksheets/sheet1.xml"))
    [size] = struct.unpack_from("<I", body, place + 24)
    struct.pack_into("<I", body, place + 24, size // 2)
    read = export.read(bytes(body))
    assert "damaged" in read.problem
    assert read.records == []


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_workbook_that_was_cut_is_refused(export, part):
    export.rows(ADA, BOB)
    body = export.file.read_bytes()
    assert "damaged" in export.read(body[: int(len(body) * part)]).problem


def test_one_changed_byte_is_never_read_as_another_value(export):
    whole = export.rows(ADA, BOB)
    body = export.file.read_bytes()
    for place in range(0, len(body), 7):
        spoilt = export.read(body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])
        assert spoilt.problem or spoilt.records == whole.records


def test_check_says_what_the_workbook_is(export):
    export.rows(ADA, BOB)
    [_, finished, contract] = asyncio.run(export.connector().check())
    assert (finished.problem, contract.problem) == ("", "")
    assert "2 usable rows, 0 unusable" in contract.what


def test_an_unknown_number_column_is_refused():
    with pytest.raises(ValidationError, match="number_columns names 'Idd'"):
        HrXlsxSettings.model_validate({"path": "w.xlsx", "columns": ["Id"], "key": ["Id"], "number_columns": {"Idd": 7}})


def test_a_text_settings_key_has_no_place_in_a_workbook_contract():
    with pytest.raises(ValidationError, match="delimiter"):
        HrXlsxSettings.model_validate({"path": "w.xlsx", "columns": ["Id"], "key": ["Id"], "delimiter": ";"})


def test_a_long_sheet_is_several_pages(export):
    rows = [row(f"{number:07d}", "x" * 200, text("y" * 50)) for number in range(12_000)]
    read = export.rows(*rows)
    assert (read.problem, len(read.records)) == ("", 12_000)
    assert [record.position for record in read.records] == list(range(2, 12_002))
