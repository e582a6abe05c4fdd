"""Keys as people see them: what cannot be seen makes no second person, and what a spreadsheet broke is never repaired by guess."""

import pytest

ADA = "1001,Ada,Lovelace,ada@example.com,,2019-03-01"
BOB = "1002,Bob,Smith,bob@example.com,1001,2020-06-15"


@pytest.mark.parametrize("written", ["1001 ", " 1001", "1001\u00a0", "\u200b1001\u200b", "\ufeff1001", "\u200e1001\u2060 ", "\t1001"])
def test_invisible_characters_around_a_key_are_no_part_of_it(export, lines, written):
    read = export.read(lines(ADA.replace("1001", written), BOB))
    assert read.problem == ""
    assert [record.id for record in read.records] == ["1001", "1002"]
    assert read.records[0].values()["Employee_ID"] == "1001"


def test_a_key_is_composed_and_other_values_are_as_they_were_written(export, lines):
    read = export.read(lines("Ze\u0301-1,Ze\u0301, Z ,z@example.com,,"))
    assert read.records[0].id == "Z\u00e9-1"
    assert read.records[0].values()["First_Name"] == "Ze\u0301"
    assert read.records[0].values()["Last_Name"] == " Z "


def test_two_keys_that_look_alike_hold_their_person_and_are_never_merged(export, lines):
    read = export.read(lines(ADA, BOB, ADA.replace("1001", "1001\u200b")))
    assert read.problem == ""
    assert [record.id for record in read.records] == ["1002"]
    assert [(row.id, row.position) for row in read.quarantined] == [("1001", "line 2"), ("1001", "line 4")]
    assert "'1001' and '1001\\u200b', which look alike" in read.quarantined[0].reason
    assert "2 of 3 rows are unusable" in export.read(max_quarantine=1).problem


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u00a0", "\u2060 "])
def test_invisible_characters_are_no_part_of_a_date_or_column_name(export, lines, unseen):
    whole = lines(ADA.replace("2019-03-01", f"2019-03-01{unseen}")).replace("Hire_Date", f"Hire_Date{unseen},Etage{unseen}", 1)
    read = export.read(whole.replace(f"2019-03-01{unseen}", f"2019-03-01{unseen},3"), date_columns={"Hire_Date": "%Y-%m-%d"})
    assert (read.problem, read.quarantined) == ("", [])
    values = read.records[0].values()
    assert (values["Hire_Date"], values["Etage"]) == ("2019-03-01", "3")


def test_repeated_header_is_found_behind_invisible_characters(export, lines):
    assert "repeats the header" in export.read(lines(ADA, "\u200bEmployee_ID,First_Name,Last_Name,Email,Manager_ID,Hire_Date")).problem


@pytest.mark.parametrize("key", ["10\u200b01", "10\u00a001"])
def test_what_cannot_be_seen_inside_a_key_is_not_taken_away(export, lines, key):
    read = export.read(lines(ADA.replace("1001", key), BOB))
    assert "invisible" in read.quarantined[0].reason
    assert (read.quarantined[0].id, read.problem) == ("", "")


def test_a_key_that_is_a_null_spelling_is_no_key(export, lines):
    assert export.read(lines("NULL,A,B,a@example.com,,"), null_spellings=["NULL"]).quarantined[0].reason == "the key Employee_ID is empty"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("1.23E+05", "a number that a spreadsheet shortened"),
        ("1001", "it looks like 0001001 whose leading zeros a spreadsheet dropped"),
        ("1001001.0", "it looks like 1001001 written as an amount"),
        ('"1,001,001"', "it looks like 1001001 written as an amount"),
        ("10010010", "not of the form"),
        ("W-17", "not of the form"),
    ],
)
def test_a_key_that_a_spreadsheet_broke_says_what_it_looks_like(export, lines, key, said):
    read = export.read(lines(f"{key},A,B,a@example.com,,"), key_pattern="[0-9]{7}")
    assert said in read.quarantined[0].reason
    assert read.quarantined[0].id == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_repeated_keys_are_told_apart_across_pages_of_any_line_end(export, lines, end):
    rows = [f"{number:07d},First,{'x' * 80},mail@example.com,," for number in range(25_000)]
    again = [row.replace("First", name) for row, name in ((rows[3], "Zoe"), (rows[3], "Adam"), (rows[24_999], "Late"))]
    read = export.read(lines(*again[:1], *rows, *again[1:], end=end))
    assert read.problem == ""
    assert len(read.pages) > 1
    assert len({record.id for record in read.records}) == len(read.records) == 25_003
    names = {record.id: record.values()["First_Name"] for record in read.records if record.id.startswith(("0000003", "0024999"))}
    assert names == {"0000003": "Adam", "0000003#2": "First", "0000003#3": "Zoe", "0024999": "First", "0024999#2": "Late"}
    assert [record.position for record in read.records] == list(range(2, 25_005))
