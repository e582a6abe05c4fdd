"""What the command line answers by itself: help that comes at once, for every command, each of which the README names."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reconcile.cli import _COMMANDS
from reconcile.errors import ExitCode

from .night_worlds import reconcile

HEAVY = ("duckdb", "polars", "pydantic", "httpx", "pyarrow", "rich", "jinja2")
README = Path(__file__).parents[2] / "README.md"
LOADED = f"""
import json, sys
sys.argv = ["reconcile", "--help"]
from reconcile.cli import cli
assert cli() == 0
json.dump([name for name in {HEAVY!r} if name in sys.modules], sys.stderr)
"""


def _seconds(*command: str) -> float:
    """The best of three, so that a busy machine does not count."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return min(taken)


def test_help_answers_at_once():
    # Twelve bare starts: click alone is three or four, the libraries behind the commands are more than twenty.
    assert _seconds("-m", "reconcile", "--help") < 12 * _seconds("-c", "pass")


def test_help_loads_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    assert json.loads(done.stderr) == []


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_has_help_and_is_in_the_readme(command):
    ended = reconcile(command, "--help")
    assert ended.code == 0
    assert "Usage:" in ended.out
    assert len(ended.out.splitlines()) > 4
    assert f"reconcile {command}" in README.read_text(encoding="utf-8")


def test_help_lists_every_command_and_every_exit_code():
    told = " ".join(reconcile("--help").out.split())
    for command, (_, line) in _COMMANDS.items():
        assert f"{command} {line}" in told
    codes = told.partition("Exit codes: ")[2].partition(".")[0]
    assert {int(each.split()[0]) for each in codes.split("; ")} == {code.value for code in ExitCode}


def test_the_version_is_told():
    ended = reconcile("--version")
    assert ended.code == 0
    assert ended.out.startswith("reconcile, version ")
