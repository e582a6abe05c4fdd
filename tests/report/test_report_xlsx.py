"""The Excel form: its sheets, its limits, and that the HR reader of this project reads it."""

import errno
import json
from dataclasses import replace
from unittest.mock import patch
from zipfile import ZipFile

import pytest

from connectors.hr.xlsx.settings import HrXlsxSettings
from connectors.hr.xlsx.workbook import WorkbookForm
from reconcile.disk import file_fault, replaced
from reconcile.errors import DiskFull
from reconcile.plan.model import Outcome, OutcomeKind
from reconcile.plan.rows import AskedRows
from reconcile.report.formats import xlsx
from reconcile.report.formats.xlsx import CELL, bounded
from tests.support.documents import sheets, workbook


def test_it_has_a_sheet_for_each_kind_of_row(small_plan, small_run):
    found = sheets(workbook(small_plan, small_run))
    assert list(found) == ["summary", "operations", "findings", "guards", "links", "reads"]
    assert ["run", "run r-1: 2026-11-22 20:00:00 UTC, 9 seconds"] in found["summary"]
    assert ["okta: Updated attributes", "0 of 1 (1 moved since the plan) (accounts: 1, of all: 2.5%)"] in found["summary"]
    header, first, *_ = found["operations"]
    row = dict(zip(header, first, strict=False))
    assert (row["id"], row["what"], row["before"], row["outcome"]) == ("000000000001", "deactivate", '{"state": "active"}', "done")
    assert found["guards"][2] == ["okta.privileged", "refuses", "1", "1", "40", "1 privileged addition (limit 0): User 3."]
    assert found["findings"][1][-1] == "E9 matches 00u8 and 00u9. Link one."
    assert found["reads"][2] == ["okta", "members 00g7", "no", "12", "page 2: 503"]


def test_rows_beyond_those_of_a_sheet_go_on_in_the_next(operation, plan_of):
    plan = plan_of(*(operation(number, after={"a": number}) for number in range(7)))
    found = sheets(workbook(plan, rows=4))
    pages = [rows for name, rows in found.items() if name.startswith("operations")]
    assert [len(rows) for rows in pages] == [4, 4, 2]
    assert len({tuple(rows[0]) for rows in pages}) == 1
    assert [row[0] for rows in pages for row in rows[1:]] == [each.id for each in plan.operations]


def test_a_full_disk_is_told_as_one(small_plan, tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch.object(ZipFile, "write", side_effect=full), pytest.raises(OSError, match="No space left") as ended:
        xlsx.write(tmp_path / "plan.xlsx", small_plan)
    assert isinstance(file_fault(ended.value), DiskFull)


def test_a_sheet_has_as_many_rows_as_excel_takes():
    assert xlsx.ROWS == 2**20


@pytest.mark.parametrize("text", ["x" * 32_767, "x" * 32_768, "𝒳" * 16_383, "𝒳" * 16_384, "x" + "𝒳" * 40_000], ids=len)
def test_a_cell_holds_what_excel_takes_and_says_what_is_left_out(text):
    cell = bounded(text)
    units = len(cell.encode("utf-16-le")) // 2
    assert units <= CELL
    assert (cell == text) == (len(text.encode("utf-16-le")) // 2 <= CELL)
    if cell != text:
        kept, _, rest = cell.partition("… ")
        assert text.startswith(kept)
        assert int(rest.split()[0].replace(",", "")) == len(text) - len(kept)


def test_the_same_plan_gives_the_same_bytes(small_plan, small_run):
    assert workbook(small_plan, small_run) == workbook(small_plan, small_run)


def test_the_reader_of_hr_workbooks_reads_it(tmp_path, small_plan, small_run):
    path = tmp_path / "plan.xlsx"
    xlsx.write(path, small_plan, small_run)
    stated = {"path": "plan.xlsx", "columns": list(xlsx.OPERATION_COLUMNS), "key": ["id"], "sheet": "operations"}
    form = WorkbookForm(HrXlsxSettings.model_validate(stated))
    rows = [json.loads(line)[1] for line in form.lines(path)]
    assert [row[0] for row in rows] == ["id", *(each.id for each in small_plan.operations)]


def test_nothing_is_left_beside_it_where_it_fails(tmp_path, small_plan):
    def broken():
        yield from small_plan.operations
        raise ValueError("the plan changed while it was read")

    path = tmp_path / "plan.xlsx"
    path.write_text("earlier", encoding="utf-8")
    broken_plan = replace(small_plan, links=AskedRows(3, broken))
    with pytest.raises(ValueError, match="changed"), replaced(path) as written:
        xlsx.write(written, broken_plan)
    assert {each.name: each.read_text(encoding="utf-8") for each in tmp_path.iterdir()} == {"plan.xlsx": "earlier"}


def test_an_outcome_of_every_kind_has_its_word(operation, plan_of, small_run):
    rows = [operation(number, after={"a": number}) for number in range(len(OutcomeKind))]
    ended = tuple(Outcome(operation_id=row.id, kind=kind) for row, kind in zip(rows, OutcomeKind, strict=True))
    header, *found = sheets(workbook(plan_of(*rows), replace(small_run, outcomes=ended)))["operations"]
    assert [row[header.index("outcome")] for row in found] == [kind.value for kind in OutcomeKind]
