"""What the command line answers by itself: help that comes at once, for every command, each of which the README names."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reconcile.cli import _COMMANDS
from reconcile.errors import ExitCode

from .night_worlds import reconcile

LIGHT = {"reconcile", "connectors", "mappings", "click"}
"""The packages that `--help` loads beside the standard library: click takes 30 ms, what the commands stand on 200."""
README = Path(__file__).parents[2] / "README.md"
RUN = """
sys.argv = ["reconcile", "--help"]
from reconcile.cli import cli
assert cli() == 0
"""
LOADED = f"""
import json, sys{RUN}
packages = dict.fromkeys(name.partition(".")[0] for name, module in sys.modules.items() if getattr(module, "__file__", None))
json.dump([name for name in packages if name not in sys.stdlib_module_names], sys.stderr)
"""


def test_help_answers_at_once_because_it_loads_nothing_but_click():
    bare = subprocess.run([sys.executable, "-c", LOADED.replace(RUN, "")], check=True, capture_output=True, text=True)
    done = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    loaded = set(json.loads(done.stderr)) - set(json.loads(bare.stderr))
    assert "click" in loaded
    assert loaded <= LIGHT


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


@pytest.mark.parametrize("blank", ["", " \t"])
@pytest.mark.parametrize(
    "words",
    [
        ("apply", "{}", "--live"),
        ("show", "{}"),
        ("undo", "{}"),
        ("undo", "--only", "{}"),
        ("restore", "--as-of", "2026-03-02", "--only", "{}"),
        ("act", "suspend", "--why", "asked", "--where", "{}", "0010001"),
        ("init", "--okta", "{}"),
    ],
    ids=" ".join,
)
def test_a_variable_that_is_not_set_does_not_mean_the_newest_or_everything(tmp_path, words, blank):
    ended = reconcile("--project", str(tmp_path), *(each.format(blank) for each in words))
    assert (ended.code, ended.out) == (2, "")
    assert "must not be empty; leave it out, or give a value" in ended.err
    assert list(tmp_path.iterdir()) == []
