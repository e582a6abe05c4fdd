"""The page about the files of a plan tells the truth: its columns, and that plain DuckDB answers its questions."""

import re
from pathlib import Path

import duckdb
import pytest

from reconcile.plan.digest import FORMAT, TABLES
from reconcile.store.plans.files import FOLDER, save
from reconcile.store.plans.writing import ROW_GROUP
from tests.plans.small_plans import SMALL

PAGE = (Path(__file__).parents[2] / "docs" / "plan-format.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("state")
    save(SMALL, state)
    return state / FOLDER / SMALL.digest


def stated(table: str) -> list[str]:
    """The columns that the page names of a table, in order."""
    text = PAGE.partition(f"\n`{table}.parquet`")[2]
    if text.startswith(":"):
        return re.findall(r"`(\w+)`(?:,| \(|\.)", text.partition("\n")[0])
    rows = re.findall(r"^\| (`.*?) \|", text.partition("\n`")[0], re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


@pytest.mark.parametrize("table", TABLES, ids=lambda each: each.name)
def test_columns_are_those_of_the_file(plan, table):
    held = duckdb.read_parquet(str(plan / f"{table.name}.parquet"))
    assert held.columns == ["position", *table.columns]
    names = [name for name in stated(table.name) if name in held.columns]
    assert names == held.columns


@pytest.mark.parametrize("question", QUESTIONS)
def test_plain_duckdb_answers_each_question(plan, question, monkeypatch):
    monkeypatch.chdir(plan)
    asked = question.replace("0010042", "N1").replace("$.department", "$.title")
    assert duckdb.sql(asked).fetchall() != []


def test_sizes_are_those_of_the_code():
    assert f"groups of {ROW_GROUP:,} rows" in PAGE
    assert f"format {FORMAT - 1}" in PAGE.partition("Plans of earlier versions")[2]
    assert len(QUESTIONS) == 4
