"""The nasty files and the sample company that stand beside the project, where they are there."""

from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"
COLUMNS = ["Employee_ID", "First_Name", "Last_Name", "Email", "Department", "Manager_ID", "Worker_Status", "Hire_Date"]

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside the project")

READ = {"01": 5, "03": 5, "05": 5, "07": 5, "09": 5, "33": 3, "37": 5, "41": 5, "43": 5, "49": 5, "55": 5, "59": 5, "61": 5}
"""Number of rows; 33 was cut exactly at a row, which only a companion shows."""
REFUSED = {
    "13": "swallowed",
    "15": "quoting",
    "17": "quoting",
    "19": "quoting",
    "23": "no name",
    "25": "lacks",
    "31": "cut short",
    "35": "0 bytes",
    "39": "U+0000",
    "47": "repeats the header",
    "51": "lacks",
    "57": "U+001A",
}
HELD = {"11": [3, 4], "21": [4], "27": [7], "29": [8]}
"""Lines of rows whose person is unknown."""


def _case(export, number, **contract):
    [file] = (SAMPLES / "hr_cases").glob(f"{number}_*.csv")
    delimiter = {"07": ";", "09": "|"}.get(number, ",")
    encoding = "utf-16" if number == "05" else "utf-8"
    return export.read(file.read_bytes(), columns=COLUMNS, delimiter=delimiter, encoding=encoding, **contract)


def test_every_case_has_its_expectation():
    numbers = {file.name[:2] for file in (SAMPLES / "hr_cases").glob("*.csv")}
    assert numbers == {*READ, *REFUSED, *HELD, "53"}


@pytest.mark.parametrize("number", READ)
def test_a_good_case_is_read(export, number):
    read = _case(export, number)
    assert (read.problem, len(read.records), read.quarantined) == ("", READ[number], [])


@pytest.mark.parametrize("number", REFUSED)
def test_a_doubtful_case_is_refused(export, number):
    read = _case(export, number)
    assert REFUSED[number] in read.problem
    assert not read.records


@pytest.mark.parametrize("number", HELD)
def test_unknown_rows_prove_no_absence(export, number):
    read = _case(export, number)
    assert [row.position for row in read.quarantined] == [f"line {line}" for line in HELD[number]]
    assert (read.problem, {row.id for row in read.quarantined}) == ("", {""})


def test_odd_dates_hold_their_people(export):
    read = _case(export, "53", date_columns={"Hire_Date": "%m/%d/%Y"}, open_dates={"Hire_Date": ["9999-12-31", "1900-01-01"]})
    assert read.problem == ""
    assert [row.id for row in read.quarantined] == ["1004"]
    assert [record.values()["Hire_Date"] for record in read.records] == [None, "2021-03-04", None, ""]


def test_the_sample_company_is_complete(export):
    folder = SAMPLES / "hr"
    header = (folder / "workday_workers_20260302.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    workers = export.read(path=f"{folder}/workday_workers_*.csv", columns=header, companion=".ok", name_date="%Y%m%d")
    assert (workers.problem, len(workers.records), workers.ends[0].watermark) == ("", 308, "2026-03-03")
    columns = ["Contractor ID", "Given name", "Surname", "E-mail", "Start", "End"]
    dates = {"Start": "%d.%m.%Y", "End": "%d.%m.%Y"}
    contract = {"columns": columns, "key": ["Contractor ID"], "delimiter": ";", "date_columns": dates, "companion": ".ok"}
    contractors = export.read(path=f"{folder}/contractors_*.csv", **contract)
    assert (contractors.problem, len(contractors.records)) == ("", 25)
