"""How much one cell, one record, one header, one key and one companion may hold."""

import json
import os

import pytest

from connectors.bounds import LONGEST_CELL, LONGEST_ID, LONGEST_ROW, MOST_COLUMNS

from .conftest import ADA, BOB, HEADER


def test_a_cell_is_not_longer_than_a_cell_can_be(export):
    long = f"1002,{'x' * (LONGEST_CELL + 1)},Smith,bob@example.com,,2020-06-15"
    read = export.read(f"{HEADER}\n{ADA}\n{long}\n")
    assert read.records == []
    assert f"starts at line 3 holds a cell of more than {LONGEST_CELL} characters" in read.problem


def test_a_record_of_many_cells_with_line_breaks_ends_at_the_limit(export):
    cell = '"' + "x" * 100_000 + '\n",'
    read = export.read(f"{HEADER}\n{ADA}\n{cell * 50}\n", multiline_columns=["First_Name"])
    assert read.records == []
    assert f"a record of more than {LONGEST_ROW} characters" in read.problem


def test_a_header_has_no_more_columns_than_a_sheet(export):
    more = ",".join(f"c{number}" for number in range(MOST_COLUMNS))
    read = export.read(f"{HEADER},{more}\n{ADA}\n")
    assert f"more than {MOST_COLUMNS}" in read.problem


@pytest.mark.parametrize("long", ["1" * (LONGEST_ID + 1), "1-" * LONGEST_ID])
def test_a_key_that_is_too_long_costs_its_row(export, long):
    read = export.read(f"{HEADER}\n{ADA}\n{long},Bob,Smith,bob@example.com,,2020-06-15\n")
    assert [record.id for record in read.records] == ["1001"]
    assert (read.quarantined[0].position, read.quarantined[0].id) == ("line 3", "")
    assert f"more than {LONGEST_ID}" in read.quarantined[0].reason


@pytest.mark.parametrize("digits", [17, 30, 3_900])
def test_a_footer_that_states_more_rows_than_anything_has_is_not_believed(export, digits):
    read = export.read(f"{HEADER}\n{ADA}\n{BOB}\nTotal: {'9' * digits}\n", footer_pattern=r"Total: (?P<rows>\d+)")
    assert "its footer states 90071992547" in read.problem
    assert read.ends[0].declared_total == 1 << 53


@pytest.mark.parametrize("digits", [5_000, 100_000])
def test_a_line_that_is_longer_than_any_footer_is_none(export, digits):
    read = export.read(f"{HEADER}\n{ADA}\n{BOB}\nTotal: {'9' * digits}\n", footer_pattern=r"Total: (?P<rows>\d+)")
    assert "no footer line does" in read.problem
    assert read.ends[0].declared_total is None


@pytest.mark.parametrize("what", ["rows", "bytes"])
@pytest.mark.parametrize("digits", [17, 30, 5_000])
def test_a_companion_that_states_more_than_anything_has_is_not_believed(export, what, digits):
    export.put(f'{{"{what}": {"9" * digits}}}', "workers.csv.ok")
    read = export.read(f"{HEADER}\n{ADA}\n{BOB}\n", companion=".ok")
    assert "is not as agreed" in read.problem
    assert read.ends[0].declared_total is None


@pytest.mark.parametrize("body", ["[" * 60_000, json.dumps({"rows": 2, "note": "x" * 70_000}), '{"rows": 2, "rows": ' + "[" * 5_000])
def test_a_companion_that_is_none_is_not_believed(export, body):
    export.put(body, "workers.csv.ok")
    read = export.read(f"{HEADER}\n{ADA}\n{BOB}\n", companion=".ok")
    assert "its companion workers.csv.ok" in read.problem


def test_a_file_whose_time_of_change_is_outside_of_the_calendar_is_not_believed(export):
    file = export.put(f"{HEADER}\n{ADA}\n")
    try:
        os.utime(file, (1 << 40, 1 << 40))
    except OSError:
        pytest.skip("this file system keeps no such time")
    if file.stat().st_mtime < 1 << 39:
        pytest.skip("this file system keeps no such time")
    assert "outside of the calendar" in export.read().problem
