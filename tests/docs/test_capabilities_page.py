"""Whether docs/capabilities.md names only tests that exist, and every capability that a target can state."""

import ast
import re
from dataclasses import fields
from pathlib import Path

from connectors.actions import Action
from connectors.contract import Capability

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/capabilities.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`((?:tests|connectors/laws)/[\w/]+\.py)::(\w+)`", PAGE)


def _names_in(file: str) -> set[str]:
    """The tests of a module, those of its classes too."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {name for name in functions if name.startswith("test_")}


def test_every_test_that_the_page_names_exists() -> None:
    known = {file: _names_in(file) for file in {file for file, _ in NAMED}}
    assert len(NAMED) > 60
    assert [f"{file}::{name}" for file, name in NAMED if name not in known[file]] == []


def test_every_row_that_says_done_names_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and re.search(r"\| done\b", line)]
    assert [row for row in rows if "::test_" not in row] == []


def test_the_page_names_every_capability_and_action() -> None:
    words = set(re.findall(r"`(\w+)`", PAGE))
    assert {field.name for field in fields(Capability)} | set(Action) <= words


def test_the_page_names_every_attribute_that_the_products_have() -> None:
    user = "login email first_name last_name display_name user_type department title manager manager_id employee_id division organization"
    others = "cost_center country_code second_email nickName unique_id description type source last_membership_updated_at"
    first_cells = {line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("|")}
    assert set((user + " " + others).split()) <= first_cells
