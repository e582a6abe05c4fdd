"""How much a workbook may hold, and characters and numbers in it that are none."""

import pytest

from connectors.bounds import LONGEST_CELL
from connectors.hr.xlsx.sheet import counted
from connectors.hr.xlsx.styles import Styles
from tests.support.workbooks import SPREADSHEET, number, parts, related, row, sheet

from .conftest import COLUMNS

ADA, BOB = row("0001001", "Ada", ""), row("0001002", "Bob", "")
HEADER = row(*COLUMNS)


def shared(index):
    return f'<c t="s"><v>{index}</v></c>'


def strings(*texts):
    return f'<sst xmlns="{SPREADSHEET}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'


@pytest.mark.parametrize("broken", ["_xD800_", "_xDFFF_", "_xDE00__xD83D_", "_x0000_", "_x0007_", "_x001B_", "_x007F_"])
def test_a_character_that_no_text_has_costs_its_row(export, broken):
    written = row("0001003", f'<c t="str"><v>Cy{broken}</v></c>', "")
    read = export.read(parts(sheet(HEADER, ADA, written, row("0001004", shared(0), "")), strings=strings(f"Dee{broken}")))
    assert [record.id for record in read.records] == ["0001001"]
    assert [(odd.position, odd.id) for odd in read.quarantined] == [("row 3", "0001003"), ("row 4", "0001004")]
    assert {odd.reason for odd in read.quarantined} == {"Name holds a character that no text has, and no value"}


def test_a_key_with_a_character_that_no_text_has_costs_its_row(export):
    read = export.read(parts(sheet(HEADER, ADA, row('<c t="str"><v>0001_xD800_003</v></c>', "Cy", ""))))
    assert [record.id for record in read.records] == ["0001001"]
    assert "a character that no text has" in read.quarantined[0].reason


def test_a_character_that_is_written_in_two_halves_is_one(export):
    read = export.read(parts(sheet(HEADER, row("0001001", '<c t="str"><v>Ada _xD83D__xDE00_</v></c>', ""))))
    assert read.records[0].values()["Name"] == "Ada \U0001f600"


@pytest.mark.parametrize("digits", ["9" * 9, "9" * 5_000, "9" * 100_000])
def test_numbers_that_count_have_few_digits(export, digits):
    assert counted(digits) is None
    assert counted("12345678") == 12_345_678
    read = export.read(parts(sheet(HEADER, row("0001001", shared(digits), ""))))
    assert "a text is missing" in read.problem
    read = export.read(parts(sheet(HEADER, row("0001001", "Ada", number(5, style=digits)))))
    assert (read.problem, len(read.records)) == ("", 1)
    read = export.read(parts(sheet(HEADER, row("0001001", "Ada", "", at=f' r="{digits}"'))))
    assert (read.problem, read.records[0].position) == ("", 2)


def test_a_number_of_5000_digits_is_none(export):
    read = export.read(parts(sheet(HEADER, ADA, row("0001002", number("9" * 5_000), ""))))
    assert [record.id for record in read.records] == ["0001001"]
    assert read.quarantined[0].reason == f"Name holds the number {'9' * 40}, and no value"


@pytest.mark.parametrize("place", ["shared", "inline", "str", "number"])
def test_a_cell_is_not_longer_than_a_cell_can_be(export, place):
    long = "x" * (LONGEST_CELL + 1)
    cell = {"shared": shared(0), "inline": long, "str": f'<c t="str"><v>{long}</v></c>', "number": number(long)}[place]
    read = export.read(parts(sheet(HEADER, row("0001001", cell, "")), strings=strings(long if place == "shared" else "short")))
    assert read.records == []
    assert f"more than {LONGEST_CELL} characters" in read.problem


def test_one_text_in_every_cell_of_a_row_is_refused(export):
    body = sheet(HEADER, row("0001001", *[shared(0)] * 50))
    read = export.read(parts(body, strings=strings("x" * 100_000)))
    assert read.records == []
    assert "row 2 holds more than a workbook of people does" in read.problem


def test_texts_are_not_shown_more_often_than_a_workbook_of_people_does(export):
    rows = [row(f"{number:07}", shared(0), "") for number in range(50)]
    assert len(export.read(parts(sheet(HEADER, *rows), strings=strings("x" * 80_000)), max_unpacked_mb=1).records) == 50
    rows += [row(f"{number:07}", shared(0), "") for number in range(50, 60)]
    read = export.read(parts(sheet(HEADER, *rows), strings=strings("x" * 80_000)), max_unpacked_mb=1)
    assert read.records == []
    assert "its cells hold together more than a workbook of people does" in read.problem


def test_empty_cells_count_too(export):
    rows = [f'<row><c r="A{at}" t="str"><v>1</v></c><c r="XFD{at}"><v>1</v></c></row>' for at in range(2, 302)]
    read = export.read(parts(sheet(HEADER, *rows)), max_unpacked_mb=1)
    assert "its cells hold together more" in read.problem


def test_a_part_that_is_named_many_times_is_read_within_the_same_limit(export):
    body = parts(sheet(HEADER, ADA), strings=strings("x" * 100_000))
    targets = [("worksheet", "worksheets/sheet1.xml"), *[("sharedStrings", "sharedStrings.xml")] * 50]
    body["xl/_rels/workbook.xml.rels"] = related(*targets)
    read = export.read(body, max_unpacked_mb=1)
    assert read.records == []
    assert "its parts unpack to more than max_unpacked_mb = 1" in read.problem


def test_a_long_format_code_is_looked_at_once_and_only_in_part():
    styles = Styles()
    styles.start("numFmt", {"numFmtId": "170", "formatCode": "[" * 1_000_000 + "yyyy"})
    styles.start("cellXfs", {})
    styles.start("xf", {"numFmtId": "170"})
    assert [styles.is_date(0) for _ in range(100)] == [False] * 100
