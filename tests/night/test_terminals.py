"""What a terminal, a pipe and a shell are given: colours only where they are wanted, 80 columns, names to complete."""

import contextlib
import io
import os
import re
import sys
import threading
from unittest.mock import patch

import pytest
from click.shell_completion import BashComplete

from reconcile.cli import cli, group
from tests.support import day

from .night_worlds import DAY, reconcile

ESCAPE = "\x1b["
COLUMNS = 80


def on_a_terminal(*words, **environment):
    """What a command prints on a terminal of 80 columns, with these variables set."""
    leader, follower = os.openpty()
    read = []

    def drain():
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            while part := os.read(leader, 65536):
                read.append(part)

    reader = threading.Thread(target=drain)
    reader.start()
    known = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM", "FORCE_COLOR")}
    with (
        os.fdopen(follower, "w", encoding="utf-8") as screen,
        patch.dict(os.environ, {**known, "COLUMNS": str(COLUMNS), **environment}, clear=True),
        patch.object(sys, "argv", ["reconcile", *words]),
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        cli(day.clock_on(DAY))
    reader.join()
    os.close(leader)
    return b"".join(read).decode()


@pytest.fixture(scope="module")
def project(first_night):
    return ("--project", str(first_night.world.folder))


def test_colours_are_there_only_where_they_are_seen_and_wanted(project):
    assert ESCAPE in on_a_terminal(*project, "show", TERM="xterm-256color")
    for unwanted in ({"TERM": "xterm-256color", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}):
        assert ESCAPE not in on_a_terminal(*project, "show", **unwanted), unwanted
    assert ESCAPE not in reconcile(*project, "show").out


def test_a_command_whose_output_was_closed_ends_as_it_would_with_one(project):
    """`>&-` and `2>&-`, as some daemons start what they run: Python then has no such stream."""
    for words in (("show",), ("why", "0020001"), ("extract",)):
        usual = reconcile(*project, *words).code
        for closed in ("stdout", "stderr"):
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
                patch.object(sys, "argv", ["reconcile", *project, *words]),
                patch.object(sys, closed, None),
            ):
                assert cli(day.clock_on(DAY)) == usual, (words, closed)


@pytest.mark.parametrize("words", [("show",), ("why", "0020001"), ("check",)])
def test_lines_fit_into_80_columns(project, words):
    said = on_a_terminal(*project, *words, TERM="dumb").replace("\r", "")
    tables = [line for line in said.splitlines() if line.startswith("  ") and "->" in line]
    assert [line for line in tables if len(line) > COLUMNS] == []
    assert said.count("\n") > 5


def completed(*typed, incomplete=""):
    """The names that a shell offers behind these words."""
    return [each.value for each in BashComplete(group, {}, "reconcile", "_RECONCILE_COMPLETE").get_completions([*typed], incomplete)]


def test_commands_digests_runs_and_systems_are_completed(first_night, project):
    digest = reconcile(*project, "show", "--json").json["plan"]["digest"]
    assert "show" in completed(incomplete="sh")
    for words in (("show",), ("report",), ("apply",), ("approve",), ("override", "deactivate", "--plan")):
        assert digest[:12] in completed(*project, *words), words
        assert completed(*project, *words, incomplete=digest[:3]) == [digest[:12]], words
    (run,) = completed(*project, "undo")
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", run)
    for words in (("rebind",), ("decide",), ("restore", "--system")):
        assert completed(*project, *words, incomplete="o") == ["okta"], words


@pytest.mark.parametrize(
    "body", [None, "", "no toml", "[project]\nstate = 5\n", "connectors = 5\n[project]\n", "[project]\n[connectors]\nx = 1\n"]
)
def test_a_project_that_cannot_be_read_offers_nothing(tmp_path, body):
    if body is not None:
        (tmp_path / "reconcile.toml").write_text(body, encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    for command in ("show", "undo", "rebind"):
        assert completed("--project", str(tmp_path), command) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_the_line_of_the_readme_installs_completion(monkeypatch):
    """The script that the shell is given asks the program by the same variable."""
    monkeypatch.setenv("_RECONCILE_COMPLETE", "zsh_source")
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with patch.object(sys, "argv", ["reconcile"]), contextlib.redirect_stdout(said), pytest.raises(SystemExit):
        cli(day.clock_on(DAY))
    assert "_RECONCILE_COMPLETE=zsh_complete reconcile" in said.buffer.getvalue().decode()
