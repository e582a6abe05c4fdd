"""Which modules may know which: an import that breaks a contract is found, with the contract's name."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOWN = "Imports point down: reconcile, then connectors and mappings, which do not know each other"
BREACHES = {
    "a connector that knows the engine": ("connectors/errors.py", "import reconcile.plan.model", DOWN),
    "a mapping that knows a connector": ("mappings/rules.py", "import connectors.errors", DOWN),
    "a value that knows who decides": (
        "reconcile/plan/model.py",
        "import reconcile.decide.planner",
        "Rooms of reconcile import the rooms below them",
    ),
    "a decision that can write": (
        "reconcile/decide/planner.py",
        "import reconcile.apply.executor",
        "What decides can neither reach a system nor write",
    ),
    "a stage that knows a later one": (
        "reconcile/decide/identities/build.py",
        "import reconcile.decide.guards.verdict",
        "Deciding goes one way",
    ),
    "a second module with DuckDB": ("reconcile/apply/journal.py", "import duckdb", "Only the store opens DuckDB"),
    "a second module with httpx": ("connectors/okta/client.py", "import httpx", "Only one module imports httpx"),
    "a use case that knows click": ("reconcile/usecases/session.py", "import click", "click stays in the command line"),
    "a connector that knows the sandbox": (
        "connectors/okta/client.py",
        "import connectors.sandbox.host",
        "Real connectors do not know the sandbox",
    ),
    "a product that knows its tests": (
        "connectors/memory/connector.py",
        "import connectors.laws",
        "Only the laws import what runs tests, and only tests import the laws",
    ),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    for package in ("reconcile", "connectors", "mappings"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_an_import_that_breaks_a_contract_is_found_by_the_contracts_name(sources):
    assert _lint(sources).returncode == 0
    originals = {}
    for file, line, _ in BREACHES.values():
        path = sources / file
        text = originals.setdefault(path, path.read_text(encoding="utf-8"))
        assert "\nfrom __future__ import annotations\n" in text
        changed = path.read_text(encoding="utf-8").replace(
            "\nfrom __future__ import annotations\n", f"\nfrom __future__ import annotations\n{line}\n", 1
        )
        path.write_text(changed, encoding="utf-8")
    done = _lint(sources)
    assert done.returncode == 1
    broken = _broken(done.stdout)
    assert broken.keys() == {name for _, _, name in BREACHES.values()}
    for file, _, name in BREACHES.values():
        assert file.removesuffix(".py").replace("/", ".") in broken[name]


def _broken(printed: str) -> dict[str, str]:
    """What is said of each contract that does not hold, by its name."""
    parts = re.split(r"\n-{5,}\n", printed.partition("Broken contracts")[2])
    names = [" ".join(part.strip().rpartition("\n\n")[2].split()) for part in parts]
    return dict(zip(names[1:], parts[2:], strict=False))
