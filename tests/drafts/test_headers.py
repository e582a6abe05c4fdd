"""Rows around a header: titles, headings of groups, a second row of names. What is proven is drafted, and the rest is asked."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path

import pytest

from connectors.hr.csv.records import CsvForm
from connectors.hr.csv.settings import HrCsvSettings
from connectors.hr.survey import survey
from connectors.hr.xlsx.settings import HrXlsxSettings
from connectors.hr.xlsx.workbook import WorkbookForm
from tests.drafts.conftest import ASKED
from tests.night.night_worlds import reconcile
from tests.support.workbooks import parts, row, sheet, write_workbook

HEADER = ("Employee ID", "First Name", "Last Name", "Hire Date", "Status")
KEYS = ("USERID", "FIRSTNAME", "LASTNAME", "HIREDATE", "STATUS")
LABELS = ("Mitarbeiternummer", "Vorname", "Nachname", "Eintritt", "Beschäftigungsstatus")
PEOPLE = [(f"A{number}", name, "Quill", f"2020-01-{number}", "Active") for number, name in enumerate(("Ada", "Bo", "Cy", "Di", "Ed"), 11)]
TITLE = ("Report: Staff, all sites",)
FULL_TITLE = ("Report:", "Staff", "as of", "2026-03-02", "page 1")
GROUPS = ("Person", "", "", "Job", "")
FULL_GROUPS = ("Number", "Names", "More names", "Days", "State")
UNITS = ("", "", "", "yyyy-mm-dd", "word")


def write(folder: Path, form: str, rows: list[tuple[str, ...]]) -> Path:
    file = folder / f"staff.{form}"
    if form == "xlsx":
        write_workbook(file, parts(sheet(*(row(*cells) for cells in rows))))
    else:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=";").writerows(rows)
        file.write_text(out.getvalue(), encoding="utf-8")
    return file


@pytest.fixture(params=["csv", "xlsx"])
def drafted(request, tmp_path):
    """The contract that is drafted from rows, and what a run reads by it."""

    def drafted(*rows):
        file = write(tmp_path, request.param, list(rows))
        ended = reconcile("init", str(tmp_path), "--from", str(file))
        assert ended.code == 0, ended.err
        return tomllib.loads((tmp_path / "reconcile.toml").read_text(encoding="utf-8"))["connectors"]["people"], file, ended.out

    return drafted


def surveyed(file: Path, contract: dict[str, object]):
    """The survey of a run, which knows nothing of how the contract was found."""
    stated = {name: value for name, value in contract.items() if name != "type"}
    if contract["type"] == "hr_xlsx":
        workbook = HrXlsxSettings(**stated)
        return survey(file, WorkbookForm(workbook), workbook, None)
    text = HrCsvSettings(**stated)
    return survey(file, CsvForm(text), text, None)


@pytest.mark.parametrize(
    ("before", "header", "behind", "around"),
    [
        ((), HEADER, (), (0, 0)),
        ((TITLE,), HEADER, (), (1, 0)),
        ((TITLE, ("Date: 2026-03-02",), GROUPS), HEADER, (), (3, 0)),
        ((FULL_TITLE,), HEADER, (), (1, 0)),
        ((FULL_GROUPS,), HEADER, (), (1, 0)),
        ((KEYS,), HEADER, (), (1, 0)),
        ((), HEADER, (KEYS,), (0, 1)),
        ((), HEADER, (LABELS,), (0, 1)),
        ((TITLE,), HEADER, (LABELS, KEYS), (1, 2)),
    ],
    ids=[
        "none",
        "title",
        "titles and groups",
        "title as wide",
        "groups as wide",
        "keys and labels",
        "labels and keys",
        "two languages",
        "all",
    ],
)
def test_the_rows_around_a_header_are_drafted_and_the_contract_reads_every_person(drafted, before, header, behind, around):
    contract, file, _ = drafted(*before, header, *behind, *PEOPLE)
    assert (contract.get("skip_lines", 0), contract.get("label_lines", 0)) == around
    assert set(contract["columns"]) <= set(header)
    read = surveyed(file, contract)
    assert (read.problem, read.usable, read.unusable) == ("", len(PEOPLE), 0)


def test_a_row_that_may_be_names_or_a_person_is_a_question_and_stands_nowhere_in_the_draft(drafted):
    people = [(f"A{number}", *names) for number, names in enumerate((("Ada", "Quill"), ("Bo", "Vane"), ("Cy", "Ferr"), ("Di", "Mott")), 11)]
    contract, file, out = drafted(("Employee ID", "First Name", "Last Name"), ("nnn", "Zoe", "Thyme"), *people)
    assert str(contract["label_lines"]).startswith(ASKED)
    assert "is line 2 a second header (1), or the first person (0)?" in out
    assert "Thyme" not in (file.parent / "reconcile.toml").read_text(encoding="utf-8")
    answers = {answer: surveyed(file, {**contract, "label_lines": answer}) for answer in (0, 1)}
    assert {answer: (read.usable, read.unusable) for answer, read in answers.items()} == {0: (4, 1), 1: (4, 0)}


def test_people_without_any_digit_are_never_taken_for_names_of_columns(drafted):
    contract, file, _ = drafted(("Login", "Name", "Team"), *((f"{name}x", name, "Ops") for name in ("ada", "bo", "cy")))
    assert "label_lines" not in contract
    assert surveyed(file, {**contract, "key": ["Login"], "columns": ["Login"], "key_pattern": r"\S+"}).usable == 3


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_without_a_header_is_refused_also_where_a_later_row_could_be_one(tmp_path, form):
    file = write(tmp_path, form, [*PEOPLE[:2], HEADER, *PEOPLE[2:]])
    ended = reconcile("init", str(tmp_path / "p"), "--from", str(file))
    assert ended.code == 2
    assert "looks like data" in ended.err


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("behind", "problem"),
    [
        ((), "has a key that fits key_pattern"),
        ((UNITS,), ""),
        ((HEADER,), ""),
        ((("A1", "", "", "", ""),), "has a key that fits key_pattern"),
    ],
    ids=["no labels any more", "units", "repeated header", "a person with nothing but a key"],
)
def test_a_person_who_stands_where_labels_were_refuses_the_file(tmp_path, form, behind, problem):
    """Else the first person would be missing from the file, and count as gone."""
    file = write(tmp_path, form, [HEADER, *behind, *PEOPLE])
    contract = {"path": "x", "columns": HEADER, "key": ["Employee ID"], "key_pattern": "A[0-9]+", "label_lines": 1}
    read = surveyed(file, {**contract, "type": f"hr_{form}", **({"delimiter": ";"} if form == "csv" else {})})
    assert problem in read.problem
    assert bool(read.problem) is bool(problem)
    assert read.usable == (0 if problem else len(PEOPLE))


def test_a_line_of_another_width_is_no_line_of_labels(tmp_path):
    file = write(tmp_path, "csv", [HEADER, ("Dear reader",), *PEOPLE])
    read = surveyed(file, {"type": "hr_csv", "path": "x", "delimiter": ";", "columns": HEADER, "key": ["Employee ID"], "key_pattern": "A[0-9]+", "label_lines": 1})  # fmt: skip
    assert "has 1 cells where the header has 5" in read.problem


def test_labels_need_a_pattern_that_tells_them_from_people():
    with pytest.raises(ValueError, match="label_lines needs a key_pattern"):
        HrCsvSettings(path="x", columns=("ID",), key=("ID",), label_lines=1)


def test_a_key_pattern_is_drafted_that_no_label_fits(drafted):
    people = [(key, *person[1:]) for key, person in zip(("A7", "B8", "7C", "D9", "E1"), PEOPLE, strict=True)]
    contract, file, _ = drafted(("Employee ID", *HEADER[1:]), ("Nummer", *LABELS[1:]), *people)
    assert surveyed(file, contract).usable == len(people)
