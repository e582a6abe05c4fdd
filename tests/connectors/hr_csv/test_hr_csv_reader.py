"""Broken exports, each as its own rule: a row is a record, a quarantined row with its line, or the file is refused."""

import asyncio
import csv
import io

import pytest

from connectors.hr.patterns import LONGEST_TEXT

ADA = "1001,Ada,Lovelace,ada@example.com,,2019-03-01"
BOB = "1002,Bob,Smith,bob@example.com,1001,2020-06-15"
EVE = "1003,Eve,Martin,eve@example.com,1001,2022-09-12"


def test_every_cell_is_text_and_says_where_it_stood(export, three):
    read = export.read(three)
    assert read.problem == ""
    assert [(record.id, record.position) for record in read.records] == [("1001", 2), ("1002", 3), ("1003", 4)]
    assert read.records[0].values() == {
        "Employee_ID": "1001",
        "First_Name": "Ada",
        "Last_Name": "Lovelace",
        "Email": "ada@example.com",
        "Manager_ID": "",
        "Hire_Date": "2019-03-01",
    }


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda _: b"", "0 bytes"),
        (lambda _: b"\n\n", "no header"),
        (lambda whole: whole.splitlines(keepends=True)[0], "no rows"),
        (lambda whole: whole + b"\0" * 4096, "U+0000"),
        (lambda whole: whole + b"\x1a", "U+001A"),
        (lambda whole: b"\x1f\x8b\x08" + whole, "gzip"),
        (lambda whole: b"PK\x03\x04" + whole, "Excel"),
        (lambda _: b"<!DOCTYPE html><title>Sign in</title>", "HTML"),
        (lambda whole: whole.decode().encode("utf-16"), "UTF-16"),
        (lambda whole: whole.replace(b"Smith", "Müller".encode("cp1252")), "not utf-8: line 3"),
        (lambda whole: whole[:-4], "cut short"),
        (lambda whole: whole.replace(b"Smith", b'"Smi"th'), "starts at line 3"),
        (lambda whole: whole.replace(b"Smith", b'"Smith'), "starts at line 3"),
        (lambda whole: whole.replace(b"Bob", b'"Bob').replace(b"Eve", b'Eve"'), "swallowed"),
        (lambda whole: whole + whole, "repeats the header"),
        (lambda whole: whole.replace(b"Employee_ID", b"Worker"), "lacks 'Employee_ID'"),
        (lambda whole: whole.replace(b"Manager_ID", b"Managers_ID"), "is it now 'Managers_ID'?"),
        (lambda whole: whole.replace(b"Manager_ID", b"Email,Manager_ID"), "two columns 'Email'"),
        (lambda whole: whole.replace(b"\n", b",\n"), "column 7 of the header (line 1) has no name"),
        (lambda whole: b"sep=,\n" + whole, "skip_lines"),
        (lambda whole: whole.replace(b",", b";"), "delimiter"),
    ],
)
def test_a_file_in_doubt_is_refused_as_a_whole(export, three, spoil, said):
    read = export.read(spoil(three.encode()))
    assert said in read.problem
    assert read.problem.startswith("workers.csv: ")
    assert read.records == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1002,Bob,Smith", "3 cells where the header has 6"),
        ("1002,Bob,Smith, Jr.,bob@example.com,1001,2020-06-15", "7 cells"),
        ("Total,3", "2 cells"),
        (",Bob,,,,", "is empty"),
        ("NULL,NULL,NULL,NULL,NULL,NULL", "is empty"),
        ("1.23457E+11,Bob,Smith,bob@example.com,1001,2020-06-15", "spreadsheet"),
        ("10\u200b02,Bob,Smith,bob@example.com,1001,2020-06-15", "invisible"),
        ("Report of today,Bob,Smith,bob@example.com,1001,2020-06-15", "not of the form"),
    ],
)
def test_a_row_that_does_not_say_who_it_is_about_leaves_the_others_believed(export, lines, row, said):
    read = export.read(lines(ADA, row, EVE), null_spellings=["NULL"])
    assert [record.id for record in read.records] == ["1001", "1003"]
    [quarantined] = read.quarantined
    assert (quarantined.position, quarantined.id, quarantined.raw) == ("line 3", "", row)
    assert said in quarantined.reason
    assert read.problem == ""


def test_a_row_of_a_delta_that_does_not_say_who_it_is_about_puts_the_whole_delta_in_doubt(export, lines):
    read = export.read(lines(ADA, "1002,Bob,Smith", EVE), mode="delta")
    assert "1 of 3 rows does not say whom it is about, so their changes would be lost: line 3: " in read.problem


@pytest.mark.parametrize("row", [",,,,,", " , ,\t,, ,", '"","","","","",""', "\u00a0,\u200b,,,,", ",", ",,,,,,,,", '"\n",,,,,'])
def test_a_row_of_nothing_but_delimiters_is_a_blank_line(export, lines, row):
    body = lines(row, ADA, row, EVE, row)
    read = export.read(row + "\n" + body, footer_pattern=r"Rows: (?P<rows>\d+)")
    assert "footer" in read.problem
    read = export.read(row + "\n" + body + "Rows: 2\n", footer_pattern=r"Rows: (?P<rows>\d+)")
    assert (read.problem, read.quarantined) == ("", [])
    assert [record.id for record in read.records] == ["1001", "1003"]
    [*_, counted] = asyncio.run(export.connector(footer_pattern=r"Rows: (?P<rows>\d+)").check())
    assert "2 usable rows, 0 unusable, 3 blank and 1 footer lines" in counted.what


def test_a_blank_line_is_no_row_of_a_declared_total(export, lines):
    read = export.read(lines(ADA, ",,,,,", EVE) + "Rows: 3\n", footer_pattern=r"Rows: (?P<rows>\d+)")
    assert "states 3 rows and it holds 2 (blank lines, of which it has 1, are no rows)" in read.problem


def test_a_file_of_blank_rows_has_no_rows(export, lines):
    assert "it has a header and no rows" in export.read(lines(",,,,,", ",,,,,")).problem


def test_a_row_with_a_bad_date_holds_one_person_and_nothing_else(export, lines):
    row = "1002,Bob,Smith,bob@example.com,1001,31/02/2020"
    read = export.read(lines(ADA, row, EVE), date_columns={"Hire_Date": "%Y-%m-%d"})
    assert read.problem == ""
    [quarantined] = read.quarantined
    assert (quarantined.position, quarantined.id, quarantined.raw) == ("line 3", "1002", row)


def test_too_many_unusable_rows_refuse_the_file(export, lines):
    bad = [f"{number},A,B,c@example.com,,soon" for number in range(3)]
    contract = {"date_columns": {"Hire_Date": "%Y-%m-%d"}}
    assert export.read(lines(ADA, *bad), max_quarantine=3, **contract).problem == ""
    assert "3 of 4 rows are unusable" in export.read(lines(ADA, *bad), max_quarantine=2, **contract).problem


def test_dates_are_iso_in_the_declared_form_and_open_ends_are_null(export, lines):
    rows = ["1,A,B,a@example.com,,04.03.2021", "2,A,B,b@example.com,,31.12.9999", "3,A,B,c@example.com,,"]
    contract = {"date_columns": {"Hire_Date": "%d.%m.%Y"}}
    read = export.read(lines(*rows), open_dates={"Hire_Date": ["9999-12-31"]}, **contract)
    assert [record.values()["Hire_Date"] for record in read.records] == ["2021-03-04", None, ""]
    assert [row.id for row in export.read(lines(*rows), **contract).quarantined] == ["2"]


def test_only_declared_spellings_mean_no_value(export, lines):
    read = export.read(lines("1,Christopher,Null,n@example.com,NO_MANAGER,"), null_spellings=["NO_MANAGER", "NULL"])
    values = read.records[0].values()
    assert (values["Last_Name"], values["Manager_ID"], values["Hire_Date"]) == ("Null", None, "")


def test_the_order_of_columns_and_the_spelling_of_their_names_change_nothing(export, three):
    rows = list(csv.reader(io.StringIO(three)))
    turned = io.StringIO()
    csv.writer(turned).writerows([row[::-1] for row in rows])
    told = turned.getvalue().replace("Employee_ID", " employee id").replace("Hire_Date", "HIRE-DATE")
    first, second = export.read(three), export.read("\ufeff" + told)
    assert second.problem == ""
    assert first.records == second.records


def test_extra_columns_are_kept_or_refused_as_declared(export, lines):
    whole = lines(ADA).replace("Hire_Date", "Hire_Date,Floor").replace("2019-03-01", "2019-03-01,3")
    assert export.read(whole).records[0].values()["Floor"] == "3"
    assert "'Floor'" in export.read(whole, extra_columns="refuse").problem


def test_a_repeated_key_is_numbered_by_content_not_by_place(export, lines):
    second = ADA.replace("Ada", "Zoe")
    one, two = export.read(lines(ADA, BOB, second)), export.read(lines(second, BOB, ADA))
    names = {record.id: record.values()["First_Name"] for record in one.records}
    assert names == {"1001": "Ada", "1001#2": "Zoe", "1002": "Bob"}
    assert names == {record.id: record.values()["First_Name"] for record in two.records}


def test_identical_rows_are_one_row_and_are_counted(export, lines):
    read = export.read(lines(ADA, BOB, ADA, EVE, ADA) + "Rows: 5\n", footer_pattern=r"Rows: (?P<rows>\d+)")
    assert (read.problem, read.quarantined, read.repeated) == ("", [], 2)
    assert [(record.id, record.position) for record in read.records] == [("1001", 2), ("1002", 3), ("1003", 5)]
    [*_, counted] = asyncio.run(export.connector(footer_pattern=r"Rows: (?P<rows>\d+)").check())
    assert "3 usable rows, 0 unusable, 2 identical repeats, 0 blank and 1 footer lines" in counted.what


def test_declared_totals_count_identical_rows_too(export, lines):
    footer = r"Rows: (?P<rows>\d+)"
    assert "states 2 rows and it holds 3" in export.read(lines(ADA, ADA, BOB) + "Rows: 2\n", footer_pattern=footer).problem


def test_rows_that_differ_in_one_value_are_two_rows(export, lines):
    read = export.read(lines(ADA, ADA.replace("2019-03-01", "2019-03-02"), ADA))
    assert [record.id for record in read.records] == ["1001", "1001#2"]
    assert read.repeated == 1


def test_identical_rows_with_another_spelling_of_the_key_beside_them_are_all_refused(export, lines):
    read = export.read(lines(ADA, ADA, ADA.replace("1001", "1001\u200b"), BOB))
    assert [record.id for record in read.records] == ["1002"]
    assert {row.id for row in read.quarantined} == {"1001"}


def test_numbered_key_is_never_the_key_of_another_row(export, lines):
    read = export.read(lines(ADA, ADA.replace("Ada", "Zoe"), ADA.replace("1001", "1001#2")))
    assert sorted(record.id for record in read.records) == ["1001", "1001#2", "1001#3"]


def test_a_key_of_several_columns_is_joined_and_cannot_be_ambiguous(export, lines):
    read = export.read(lines(ADA, "10/01,Ada,,,,"), key=["Employee_ID", "First_Name"])
    assert [record.id for record in read.records] == ["1001/Ada"]
    assert "key_separator" in read.quarantined[0].reason


def test_line_breaks_stand_only_where_they_are_declared(export, lines):
    row = '1001,Ada,"Lovelace\r\nCountess",ada@example.com,,2019-03-01'
    assert "swallowed" in export.read(lines(row, BOB)).problem
    read = export.read(lines(row, BOB), multiline_columns=["Last_Name"])
    assert read.problem == ""
    assert [record.position for record in read.records] == [2, 4]
    assert read.records[0].values()["Last_Name"] == "Lovelace\r\nCountess"


def test_swallowed_rows_are_seen_in_a_column_of_several_lines_too(export, lines):
    whole = lines(ADA.replace("Ada", '"Ada'), BOB, EVE.replace("Eve", 'Eve"'))
    assert "swallowed" in export.read(whole, multiline_columns=["First_Name"]).problem


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_reads_the_same_and_blank_lines_are_no_rows(export, lines, end):
    read = export.read(lines(ADA, "", "  ", EVE, end=end))
    assert read.problem == ""
    assert [(record.id, record.position) for record in read.records] == [("1001", 2), ("1003", 5)]


def test_only_real_line_ends_end_a_line(export, lines):
    read = export.read(lines(BOB.replace("Smith", "S\u2028m\x85i\x0bt\x0ch")))
    assert read.records[0].values()["Last_Name"] == "S\u2028m\x85i\x0bt\x0ch"


def test_declared_titles_and_footers_are_no_rows(export, three):
    whole = f"Workers - as of today\n\n{three}Total,,3,,,\nConfidential\n"
    read = export.read(whole, skip_lines=2, footer_pattern=r"Total,*(?P<rows>\d+),*|Confidential")
    assert (read.problem, read.ends[0].declared_total) == ("", 3)
    assert [record.position for record in read.records] == [4, 5, 6]
    assert (
        "states 4 rows and it holds 3"
        in export.read(whole.replace(",3,,,", ",4,,,"), skip_lines=2, footer_pattern=r"Total,*(?P<rows>\d+),*|Confidential").problem
    )
    assert "cut short" in export.read(three, footer_pattern=r"Total,(?P<rows>\d+)").problem
    assert "comes after the footer" in export.read(f"{three}Total\n{ADA}\n", footer_pattern="Total").problem


def test_the_file_without_a_last_line_end_is_read_where_that_is_agreed(export, three):
    read = export.read(three.rstrip("\n"), final_newline="optional")
    assert (read.problem, len(read.records)) == ("", 3)


@pytest.mark.parametrize(
    ("written", "declared", "said"),
    [
        ("utf-16-le", "utf-16", "it has no byte order mark"),
        ("utf-16-be", "utf-16", "it has no byte order mark"),
        ("utf-32-le", "utf-32", "it has no byte order mark"),
        ("utf-16-be", "utf-16-le", "its byte order is not that of utf-16-le"),
        ("utf-16-le", "utf-16-be", "its byte order is not that of utf-16-be"),
    ],
)
def test_an_order_of_bytes_that_is_missing_or_another_is_told(export, lines, written, declared, said):
    mark = "" if declared in ("utf-16", "utf-32") else "\ufeff"
    read = export.read((mark + lines(ADA, BOB)).encode(written), encoding=declared)
    assert said in read.problem
    assert read.records == []


@pytest.mark.parametrize(("encoding", "name"), [("utf-16", "Kovács"), ("cp1252", "Müller"), ("iso-8859-2", "Dvořák"), ("cp932", "山本")])
def test_the_declared_encoding_is_used(export, three, encoding, name):
    read = export.read(three.replace("Smith", name).encode(encoding), encoding=encoding)
    assert read.records[1].values()["Last_Name"] == name


def test_utf8_is_not_garbled_by_an_outdated_contract(export, three):
    assert "it is UTF-8" in export.read(three.replace("Smith", "Müller"), encoding="cp1252").problem


@pytest.mark.parametrize(("name", "said"), [("O’Brien", "reads '’'"), ("D\u0160uka", "reads 'Š'")])
def test_windows_text_is_not_read_as_latin_1(export, lines, name, said):
    """In names it would leave control characters, which nobody sees."""
    read = export.read(lines(ADA, BOB.replace("Smith", name)).encode("cp1252"), encoding="latin-1")
    assert "line 3 holds the control character U+" in read.problem
    assert said in read.problem
    assert read.records == []
    assert export.read(lines(ADA, BOB.replace("Smith", "Müller")).encode("latin-1"), encoding="latin-1").problem == ""


@pytest.mark.parametrize(("length", "is_footer"), [(LONGEST_TEXT, True), (LONGEST_TEXT + 1, False)])
def test_a_line_that_is_longer_than_a_pattern_is_compared_with_is_no_footer(export, lines, length, is_footer):
    read = export.read(lines(ADA) + "Total".ljust(length, "x") + "\n", footer_pattern="Total.*")
    assert (read.quarantined == []) is is_footer
