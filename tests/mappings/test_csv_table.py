"""The CSV tables of a project are read alike: lookup tables and decisions."""

import pytest

from mappings.csv_table import NoTable, column_names, read_text, rows_below, wrong_length


def test_row_has_the_line_that_it_begins_in():
    text = 'code,note\r\n1,"two\nlines"\r\n,\r\n\r\n2,"x"\r\n'
    assert column_names(text) == ["code", "note"]
    assert list(rows_below(text)) == [(2, ["1", "two\nlines"]), (6, ["2", "x"])]


def test_row_with_a_wrong_quote_is_told_with_its_line():
    with pytest.raises(NoTable) as refused:
        list(rows_below('code,note\n1,ok\n2,"x" y\n'))
    assert [line for line, _ in refused.value.places] == [3]


def test_table_that_semicolons_separate_is_refused():
    with pytest.raises(NoTable) as refused:
        column_names("code;note\n1;2\n")
    assert refused.value.places == ((1, "is separated by semicolons; save it with commas between the cells"),)


def test_row_of_other_length_is_told():
    assert wrong_length(["1"], ["code", "note"]) == "has 1 cells where the header has 2"
    assert wrong_length(["1", "2"], ["code", "note"]) == ""


def test_file_of_another_encoding_is_refused_and_a_mark_of_utf_8_is_no_part_of_the_first_name(tmp_path):
    table = tmp_path / "cities.csv"
    table.write_bytes("\ufeffcode,town\n1,Köln\n".encode())
    assert column_names(read_text(table)) == ["code", "town"]
    table.write_bytes("code,town\n1,Köln\n".encode("cp1252"))
    with pytest.raises(NoTable) as refused:
        read_text(table)
    assert refused.value.places == ((0, "is not UTF-8 text; save it as UTF-8"),)
