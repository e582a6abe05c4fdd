"""A rehearsal applies a plan to local twins, tells what the live run then does, and asks no real system."""

import json
import os
import socket
import stat
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from shutil import copytree
from urllib.parse import urlsplit

import pytest

from connectors.sandbox.dialects.application import DialectSandbox
from connectors.sandbox.dialects.habits import Habits
from connectors.sandbox.dialects.products import LAPSES
from connectors.sandbox.host import running
from reconcile.clock import SYSTEM
from reconcile.errors import ExitCode
from reconcile.usecases.rehearsal.workplace import FOLDER, copy_state, workplace
from reconcile.usecases.run_lock import run_lock

from .night_worlds import reconcile

NEAR = 0.2
HERE = Path(__file__).parent / "dialect_nights"
KEEPER = {"id": "keeper", "userName": "keeper@corp.example", "externalId": "0", "active": True}
PEOPLE = """Number,First,Last,Login,Team,Title,Status
0007,Zoe,Ostergard,zoe.ostergard,Red,Engineer,Active
0008,Li,Luczak,li.luczak,Red,Engineer,Active
0009,Ann,Poe,ann.poe,Blue,Engineer,Active
"""


@pytest.fixture
def app_project(tmp_path):
    """Makes a project with three new people, of whom two are to be in a new group, and the application that it writes to."""
    with ExitStack() as stack:

        def made(habits=None):
            server = stack.enter_context(running(DialectSandbox(habits or Habits(), {"users": [KEEPER], "groups": []})))
            folder = tmp_path / "project"
            copytree(HERE, folder)
            (folder / "hr").mkdir()
            (folder / "hr" / "people.csv").write_text(PEOPLE, encoding="utf-8")
            (folder / "app.token").write_text("sandbox", encoding="utf-8")
            with (folder / "reconcile.toml").open("a", encoding="utf-8") as settings:
                settings.write(f'\n[connectors.app]\ntype = "scim"\nurl = "{server.url}/v2"\ntoken = "file:app.token"\n')
                settings.write(f'\n[protected.accounts]\napp = ["{KEEPER["userName"]}"]\n')
            template = (folder / "target.toml").read_text(encoding="utf-8")
            (folder / "mappings" / "app.toml").write_text(template.replace("TARGET", "app"), encoding="utf-8")
            return folder, server

        yield made


def _run(folder, *words):
    return reconcile("--project", str(folder), *words)


def _target(ended, name):
    return next(each for each in ended.json["targets"] if each["target"] == name)


def test_a_rehearsal_tells_what_the_live_run_then_does(before_a_night):
    world = before_a_night.world
    began = world.requests
    kept = (world.folder / "state" / "journal.sqlite").read_bytes()
    held = world.state
    ended = world.run("rehearse", "--json")
    assert ended.code == ExitCode.DONE, ended.err
    assert ended.json["as_planned"]
    assert ended.json["next_plan"]["operations"] == 0
    assert world.requests == began
    assert world.state == held
    assert (world.folder / "state" / "journal.sqlite").read_bytes() == kept
    assert not (world.folder / "state" / FOLDER).exists()
    assert world.run("apply", "--live").code == ExitCode.CHANGES_WAIT
    for target, count in world.requests.items():
        assert _target(ended, target)["operations"] > 0
        assert _target(ended, target)["requests"]["requests"] == pytest.approx(count - began[target], rel=NEAR)


def test_a_project_named_by_a_relative_path_is_rehearsed(app_project, monkeypatch):
    folder, _ = app_project()
    monkeypatch.chdir(folder.parent)
    for words in (("extract",), ("plan",)):
        _run(folder.name, *words)
    ended = _run(folder.name, "rehearse", "--json")
    assert ended.code == ExitCode.DONE, ended.err
    assert ended.json["as_planned"]


def test_a_rehearsal_needs_neither_the_systems_nor_their_secrets(before_a_night):
    world = before_a_night.world
    for server, name in ((world.okta, "okta"), (world.wiki, "wiki")):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            world.edit("reconcile.toml", urlsplit(server.url).netloc, f"127.0.0.1:{unused.getsockname()[1]}")
        (world.folder / f"{name}.token").unlink()
    assert world.run("apply").code != ExitCode.DONE
    ended = world.run("rehearse")
    assert ended.code == ExitCode.DONE, ended.err
    assert "as planned. It ran on local twins; no real system was asked." in ended.out
    assert f"To apply it: reconcile apply {before_a_night.plan['plan']['digest'][:12]} --live" in ended.out


@pytest.mark.parametrize("words", [("--crash",), ("--faults", "flaky", "--crash"), ("--faults", "busy")], ids=" ".join)
def test_a_run_that_is_disturbed_ends_as_planned(before_a_night, tmp_path, monkeypatch, words):
    # A module of the folder that the command is typed in is not imported.
    (tmp_path / "json.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ended = before_a_night.world.run("rehearse", *words, "--json")
    assert ended.code == ExitCode.DONE, ended.out
    assert ended.json["crashed"] is ("--crash" in words)
    if "--faults" in words:
        sent, calm = (sum(each[name]["requests"] for each in ended.json["targets"]) for name in ("requests", "forecast"))
        assert sent > calm


def test_a_fault_of_a_file_fails_the_rows_that_it_strikes(before_a_night, tmp_path):
    path = tmp_path / "faults.json"
    path.write_text(json.dumps({"wiki": [{"kind": "status", "method": "POST", "path": "/Users", "status": 400}]}), encoding="utf-8")
    ended = before_a_night.world.run("rehearse", "--faults", str(path), "--json")
    assert ended.code == ExitCode.PARTLY_APPLIED
    assert _target(ended, "okta")["as_planned"]
    failed = [row for row in _target(ended, "wiki")["not_applied"] if row["outcome"] == "failed"]
    assert {row["verb"] for row in failed} == {"create"}
    # What an application refused is not planned again: the next plan alone would say that all is well.
    assert ended.json["next_plan"]["operations"] == 0


def test_a_rehearsal_finds_the_application_that_drops_members_of_new_groups_before_the_live_run_does(app_project):
    folder, server = app_project(LAPSES["drops-new-members"])
    assert _run(folder, "extract").code == ExitCode.DONE
    assert _run(folder, "plan").code == ExitCode.CHANGES_WAIT
    began = len(server.writes())
    assert _run(folder, "rehearse").code == ExitCode.DONE
    rehearsed = _run(folder, "rehearse", "--dialect", "app=drops-new-members", "--json")
    assert rehearsed.code == ExitCode.PARTLY_APPLIED
    found = {(row["verb"], row["who"], row["outcome"]) for row in _target(rehearsed, "app")["not_applied"]}
    assert found == {("add_member", f"{who}@corp.example", "failed") for who in ("zoe.ostergard", "li.luczak")}
    assert len(server.writes()) == began
    sent = len(server.requests())
    live = _run(folder, "apply", "--live", "--json")
    assert live.code == ExitCode.PARTLY_APPLIED
    outcomes = {each["id"]: each["outcome"]["kind"] for each in live.json["operations"]}
    assert {row["id"] for row in _target(rehearsed, "app")["not_applied"]} == {each for each, kind in outcomes.items() if kind == "failed"}
    assert _target(rehearsed, "app")["requests"]["requests"] == pytest.approx(len(server.requests()) - sent, rel=NEAR)


def test_a_plan_that_a_guard_refuses_is_rehearsed_and_named_as_refused(app_project):
    folder, _ = app_project()
    with (folder / "reconcile.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[guards]\ncreate = { count = 1 }\n")
    assert _run(folder, "extract").code == ExitCode.DONE
    refused = _run(folder, "plan")
    assert refused.code == ExitCode.REFUSED, refused.out + refused.err
    ended = _run(folder, "rehearse")
    assert ended.code == ExitCode.DONE, ended.out
    assert "A guard refuses this plan: live it is not applied." in ended.out


def test_an_outdated_plan_is_not_rehearsed(before_a_night):
    world = before_a_night.world
    assert world.run("apply", "--live").code == ExitCode.CHANGES_WAIT
    ended = world.run("rehearse")
    assert ended.code == ExitCode.WORLD_MOVED
    assert "applied already" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dialect", "wiki=slak"), "'slak' is none of atlassian,"),
        (("--dialect", "wiki"), "write wiki=slack"),
        (("--dialect", "okta=slack"), "okta is no SCIM application"),
        (("--dialect", "mail=slack"), "the plan changes nothing in 'mail'; it changes okta, wiki"),
        (("--faults", "nowhere.json"), "nowhere.json describes no faults (No such file or directory)"),
    ],
)
def test_what_cannot_be_rehearsed_so_is_named_with_the_way_out(before_a_night, words, said):
    ended = before_a_night.world.run("rehearse", *words)
    assert ended.code == ExitCode.USAGE
    assert said in ended.err


@pytest.mark.parametrize("text", ["", "[]", '{"wiki": [{"kind": "storm"}]}', '{"wiki": [{"kind": "status", "path": "("}]}', "[" * 100_000])
def test_a_file_that_describes_no_faults_is_named(before_a_night, tmp_path, text):
    path = tmp_path / "faults.json"
    path.write_text(text, encoding="utf-8")
    ended = before_a_night.world.run("rehearse", "--faults", str(path))
    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith(f"--faults: {path} describes no faults (")
    assert len(ended.err) < 600


def test_the_folder_of_a_rehearsal_is_its_owners_and_those_of_killed_ones_go(before_a_night):
    state, found = before_a_night.world.folder / "state", {}
    with workplace(state, SYSTEM) as other, run_lock(state, SYSTEM):
        killed = other.with_name("killed")
        killed.mkdir()
        (killed / "store.duckdb").write_text("people", encoding="utf-8")
        with workplace(state, SYSTEM) as folder:
            copy_state(state, folder, before_a_night.plan["plan"]["digest"], SYSTEM)
            found = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder, *folder.rglob("*"))}
            assert not killed.exists()
        assert other.exists()
    assert not other.parent.exists()
    assert {mode for path, mode in found.items() if path.suffix in (".duckdb", ".sqlite", ".parquet", ".json")} == {0o600}
    assert {mode for path, mode in found.items() if path.name in (FOLDER, folder.name, "plans")} == {0o700}


def test_without_the_extra_the_message_names_it(before_a_night):
    words = ["--project", str(before_a_night.world.folder), "rehearse"]
    code = "import sys; sys.modules['aiohttp'] = None; from reconcile.cli import cli; sys.exit(cli())"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 1
    assert done.stderr == "Error: A rehearsal needs aiohttp: install identity-reconcile[sandbox].\n"
