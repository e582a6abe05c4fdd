"""What a command prints with `--json` where it ends with an error: one object, with the sentence and the exit code."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from reconcile.cli import group
from tests.night.night_worlds import reconcile

WHO = ("--by", "Ana", "--why", "test")
COMMANDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "check", "extract", "plan", "show", "rejections", "apply", "rehearse", "hold", "runs", "status", "undo", "decisions", "resume", "audit", "prune",
        ),
        (),
    ),
    "why": ("0001",),
    "history": ("0001",),
    "forget": ("0001",),
    "approve": ("3f2a", *WHO),
    "override": ("deactivate", "--plan", "3f2a", *WHO),
    "act": ("lockdown", "0001", "--why", "test"),
    "between": ("2026-03-02",),
    "who-lost": ("staff", "--since", "2026-03-02"),
    "as-of": ("2026-03-02", "accounts", "okta"),
    "restore": ("--as-of", "2026-03-02"),
    "decide": ("okta", "0001", "00u1", "same", *WHO),
    "backup": ("copy.tar",),
    "rebind": ("okta", "--keep"),
}  # fmt: skip
"""The commands that print JSON, each with arguments that it takes; but for `run`, which tells more, and `restore-backup`, which reads no project first."""


def test_every_command_that_prints_json_is_asked():
    context = click.Context(group)
    known = {name: group.get_command(context, name) for name in group.list_commands(context)}
    found = {name for name, command in known.items() if command and any(each.name == "as_json" for each in command.params)}
    assert found == {*COMMANDS, "run", "restore-backup"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command_that_ends_with_an_error_prints_it_as_json(name: str, tmp_path: Path):
    (tmp_path / "reconcile.toml").write_text("[project", encoding="utf-8")
    ended = reconcile("--project", str(tmp_path), name, *COMMANDS[name], "--json")
    assert (ended.code, ended.json["exit_code"]) == (16, 16), ended.err
    assert ended.json.keys() == {"error", "exit_code"}
    assert ended.json["error"].strip() in ended.err


def test_error_is_printed_for_people_alone_where_no_json_is_asked_for(tmp_path: Path):
    (tmp_path / "reconcile.toml").write_text("[project", encoding="utf-8")
    assert reconcile("--project", str(tmp_path), "status", "--json").out
    ended = reconcile("--project", str(tmp_path), "status")
    assert (ended.code, ended.out) == (16, "")


def test_run_that_ends_early_prints_one_object(tmp_path: Path):
    (tmp_path / "reconcile.toml").write_text("[project", encoding="utf-8")
    ended = reconcile("--project", str(tmp_path), "run", "--json")
    assert (ended.code, ended.json["night"]["exit_code"]) == (16, 16)
