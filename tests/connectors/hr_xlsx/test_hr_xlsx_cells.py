"""What a cell of a workbook says: as a person sees it, and a key only where it cannot have lost anything."""

import pytest

from tests.support.workbooks import DATE, DAY_MONTH, ELAPSED, ZEROS, ZEROS_BY_SIGN, number, parts, row, sheet, text


def test_text_cells_are_read_as_they_are(export):
    read = export.rows(row("0001001", " Zoë & Co ", ""), row("0001002", "a\nb", "x"))
    assert read.problem == ""
    assert [record.values() for record in read.records] == [
        {"Id": "0001001", "Name": " Zoë & Co ", "Start": ""},
        {"Id": "0001002", "Name": "a\nb", "Start": "x"},
    ]
    assert [(record.id, record.position) for record in read.records] == [("0001001", 2), ("0001002", 3)]


def test_a_number_is_no_key_unless_its_width_is_declared(export):
    read = export.rows(row(number(1001), "Ada", ""), row("0001002", "Bob", ""))
    assert [record.id for record in read.records] == ["0001002"]
    assert (read.quarantined[0].position, read.quarantined[0].id) == ("row 2", "")
    assert "lost its leading zeros" in read.quarantined[0].reason
    assert read.problem == ""
    declared = export.read(number_columns={"Id": 7})
    assert (declared.problem, [record.id for record in declared.records]) == ("", ["0001001", "0001002"])


@pytest.mark.parametrize(
    ("value", "said"),
    [("1.23E+20", "shortened"), ("1234567890123456", "shortened"), ("10.5", "whole numbers"), ("-17", "whole numbers")],
)
@pytest.mark.parametrize("contract", [{}, {"key_pattern": r"\S+"}], ids=["seven digits", "any key"])
def test_a_number_that_is_no_whole_key_is_refused(export, value, said, contract):
    read = export.rows(row(number(value), "Ada", ""), number_columns={"Id": 7}, **contract)
    assert read.records == []
    assert said in read.quarantined[0].reason


def test_a_key_that_a_formula_left_with_a_rest_is_the_number_that_is_shown(export):
    read = export.rows(row(number("1001.0000000000001"), "Ada", ""), number_columns={"Id": 7})
    assert [record.id for record in read.records] == ["0001001"]


def test_a_number_cell_that_is_a_date_is_no_key(export):
    assert "is a date cell" in export.rows(row(number(44000, DATE), "Ada", "")).quarantined[0].reason


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (number(42), "42"),
        (number("42.0"), "42"),
        (number("0.1"), "0.1"),
        (number("1E-3"), "0.001"),
        (number("1E3"), "1000"),
        (number(42, ZEROS), "0000042"),
        (number(44256, DATE), "2021-03-01"),
        (number("44256.5", DATE), "2021-03-01T12:00:00"),
        (number(44256, DAY_MONTH), "2021-03-01"),
        (number(59, DATE), "1900-02-28"),
        (number(61, DATE), "1900-03-01"),
        (number(7, ELAPSED), "7"),
        ('<c t="d"><v>2021-03-01T00:00:00</v></c>', "2021-03-01"),
        (number("0.30000000000000004"), "0.3"),
        (number(42, ZEROS_BY_SIGN), "0042"),
        (number(-42, ZEROS_BY_SIGN), "-0042"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c t="b"><v>true</v></c>', "TRUE"),
        ('<c t="b"><v>0</v></c>', "FALSE"),
        ('<c t="b"><v>false</v></c>', "FALSE"),
        ('<c t="str"><f>A1&amp;B1</f><v>of a formula</v></c>', "of a formula"),
        ("<c><f>1+1</f><v>2</v></c>", "2"),
        ("<c/>", ""),
        (text("_x0041_b"), "Ab"),
    ],
)
def test_a_cell_is_what_a_person_sees(export, cell, shown):
    read = export.rows(row("0001001", cell, "x"))
    assert read.problem == ""
    assert read.records[0].values()["Name"] == shown


@pytest.mark.parametrize(
    "cell",
    [
        '<c t="e"><v>#N/A</v></c>',
        "<c><f>1+1</f></c>",
        "<c><v>1e999</v></c>",
        "<c><v>many</v></c>",
        number(1e12, DATE),
        '<c t="d"><v>soon</v></c>',
        '<c t="b"><v>yes</v></c>',
    ],
)
def test_error_freezes_its_own_person_alone(export, cell):
    read = export.rows(row("0001001", cell, ""), row("0001002", "Bob", ""))
    assert read.problem == ""
    assert [record.id for record in read.records] == ["0001002"]
    assert read.quarantined[0].id == "0001001"
    assert "Name holds" in read.quarantined[0].reason


def test_error_in_the_key_makes_the_person_unknown(export):
    read = export.rows(row('<c t="e"><v>#REF!</v></c>', "Ada", ""))
    assert "the key Id holds the error #REF!" in read.quarantined[0].reason


def test_dates_are_dates_whether_cells_or_text(export):
    rows = [row("0001001", "Ada", number(44256, DATE)), row("0001002", "Bob", "01.03.2021"), row("0001003", "Eve", number(44256))]
    read = export.rows(
        *rows, row("0001004", "Kim", number(2958465, DATE)), date_columns={"Start": "%d.%m.%Y"}, open_dates={"Start": ["9999-12-31"]}
    )
    assert [record.values()["Start"] for record in read.records] == ["2021-03-01", "2021-03-01", None]
    assert [row.id for row in read.quarantined] == ["0001003"]


@pytest.mark.parametrize(("serial", "day"), [(73050, "2099-12-31"), (18264, "1950-01-01"), (46083, "2026-03-02")])
def test_a_date_cell_keeps_its_century_where_the_declared_form_has_none(export, serial, day):
    """An open end of 2099 that was read as 1999 would end the access of everybody who has one."""
    rows = [row("0001001", "Ada", number(serial, DATE)), row("0001002", "Bob", "02.03.26")]
    read = export.rows(*rows, date_columns={"Start": "%d.%m.%y"})
    assert [record.values()["Start"] for record in read.records] == [day, "2026-03-02"]


def test_a_format_of_a_condition_is_none_of_a_cell(export):
    content = parts(sheet(row("Id", "Name", "Start"), row("0001001", number(42, ZEROS), number(44256, DATE))))
    others = (
        '<dxfs><dxf><numFmt numFmtId="14" formatCode="0"/></dxf><dxf><numFmt numFmtId="170" formatCode="yyyy"/></dxf></dxfs></styleSheet>'
    )
    content["xl/styles.xml"] = content["xl/styles.xml"].replace("</styleSheet>", others)
    assert export.read(content).records[0].values() == {"Id": "0001001", "Name": "0000042", "Start": "2021-03-01"}


def test_a_workbook_that_counts_from_1904_is_read_so(export):
    body = sheet(row("Id", "Name", "Start"), row("0001001", "Ada", number(42794, DATE)))
    read = export.read(parts(body, book='<workbookPr date1904="1"/>'))
    assert read.records[0].values()["Start"] == "2021-03-01"


def test_shared_strings_are_whole_and_without_reading_aids(export):
    strings = '<si><t>0001001</t></si><si><r><t>Ya</t></r><r><t xml:space="preserve">ma </t></r><rPh sb="0" eb="1"><t>aside</t></rPh></si>'
    body = sheet(row("Id", "Name", "Start"), row('<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>'))
    read = export.read(parts(body, strings=strings))
    assert read.records[0].values() == {"Id": "0001001", "Name": "Yama ", "Start": ""}
    broken = export.read(parts(body.replace("<v>1</v>", "<v>2</v>"), strings=strings))
    assert "a text is missing" in broken.problem
