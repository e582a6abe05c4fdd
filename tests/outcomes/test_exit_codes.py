"""Each exit code once, of the real command in a process of its own: what a shell, cron or systemd sees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from connectors.sandbox.host import Fault, FaultKind, Sandbox, running
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from tests.night.night_worlds import reconcile

HEAD = "id,first,last,mail,status"
PEOPLE = 6
SETTINGS = """
[project]
name = "codes"
time_zone = "UTC"

[connectors.hr]
type = "hr_csv"
path = "people.csv"
columns = ["id", "first", "last", "mail", "status"]
key = ["id"]

[connectors.wiki]
type = "scim"
url = "{url}"
token = "env:CODES_TOKEN"
empty_ok = true

[guards]
create = {{ percent = 100 }}
deactivate = {{ percent = 1, floor = 1 }}
update = {{ percent = 100 }}

[apply]
moved = {{ percent = 1, floor = 0 }}
"""
IDENTITIES = """
name = "full_name"
[[source]]
connector = "hr"
anchor = "id"
[source.attributes]
email = "mail"
full_name = "first || ' ' || last"
last_name = "last"
[source.lifecycle]
status = "status"
active = ["Active"]
terminated = ["Left"]
"""
WIKI = """
target = "wiki"
leavers = "deactivate"
[[correlate]]
account = "userName"
identity = "email"
adopt = true
[attributes]
userName = { expression = "email", required = true, immutable = true }
"name.familyName" = "last_name"
"""


@dataclass
class World:
    """A small project, and the application that it keeps in step."""

    folder: Path
    wiki: Sandbox

    def write(self, *, last: str = "Quill", left: int = 0, rows: int = PEOPLE) -> None:
        """Writes the people: the first of them have left."""
        lines = [f"{n},Ada,{last},p{n}@example.com,{'Left' if n <= left else 'Active'}" for n in range(1, rows + 1)]
        (self.folder / "people.csv").write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")

    def here(self, *words: str) -> int:
        """The exit code of a command in this process, by the machine's own day."""
        return reconcile("--project", str(self.folder), *words, today=datetime.now(UTC).date()).code

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "reconcile", "--project", str(self.folder), *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])

    def ended(self, *words: str) -> tuple[int, str]:
        """The exit code of the real command, and what it printed on standard error."""
        process = self.start(*words)
        _, err = process.communicate()
        return process.returncode, err


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("CODES_TOKEN", "sandbox")
    with running(ScimSandbox()) as wiki:
        (tmp_path / "mappings").mkdir()
        (tmp_path / "reconcile.toml").write_text(SETTINGS.format(url=wiki.url + BASE_PATH), encoding="utf-8")
        (tmp_path / "mappings" / "identities.toml").write_text(IDENTITIES, encoding="utf-8")
        (tmp_path / "mappings" / "wiki.toml").write_text(WIKI, encoding="utf-8")
        held = World(tmp_path, wiki)
        held.write()
        yield held


def _nothing(_world: World) -> None:
    pass


def _planned(world: World) -> None:
    assert world.here("extract") == 0
    assert world.here("plan") == 10


def _settled(world: World) -> None:
    assert world.here("run", "--live") == 0


def _many_left(world: World) -> None:
    _settled(world)
    world.write(left=5)


def _cut_file(world: World) -> None:
    _settled(world)
    world.write(rows=0)


def _one_refused(world: World) -> None:
    world.wiki.add_fault(Fault(FaultKind.STATUS, method="POST", path="/Users$", times=1, status=400))


def _moved(world: World) -> None:
    _settled(world)
    world.write(last="Marsh")
    _planned(world)
    state = world.wiki.app.state()
    world.wiki.app.seed({"users": [{**user, "name": {"familyName": "Hand"}} for user in state["users"]], "groups": []})


def _damaged_journal(world: World) -> None:
    (world.folder / "state").mkdir()
    (world.folder / "state" / "journal.sqlite").write_bytes(b"no journal" * 1000)


def _misspelt(world: World) -> None:
    settings = world.folder / "reconcile.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("time_zone", "time_zoen"), encoding="utf-8")


CASES: dict[str, tuple[int, Callable[[World], None], tuple[str, ...], str]] = {
    "done": (0, _nothing, ("run", "--live"), ""),
    "nothing to do": (0, _settled, ("run", "--live"), ""),
    "damaged journal": (1, _damaged_journal, ("run", "--live"), "journal"),
    "usage": (2, _nothing, ("apply", "--lvie"), "No such option"),
    "changes wait": (10, _nothing, ("run",), ""),
    "refused": (11, _many_left, ("run", "--live"), "deactivate"),
    "untrusted": (12, _cut_file, ("run", "--live"), "hr"),
    "partly applied": (13, _one_refused, ("run", "--live"), ""),
    "world moved": (14, _moved, ("apply", "--live"), ""),
    "bad configuration": (16, _misspelt, ("run", "--live"), "time_zone"),
}


@pytest.mark.parametrize(("code", "prepare", "words", "said"), CASES.values(), ids=CASES)
def test_exit_code_says_how_the_command_ended(
    world: World, code: int, prepare: Callable[[World], None], words: tuple[str, ...], said: str
) -> None:
    prepare(world)
    ended, err = world.ended(*words)
    assert (ended, said in err) == (code, True), err
    assert "Traceback" not in err


def test_run_that_finds_the_lock_held_ends_with_15(world: World) -> None:
    (world.folder / "state").mkdir()
    with FileLock(world.folder / "state" / "lock"):
        ended, err = world.ended("run", "--live")
    assert (ended, "Another run holds" in err) == (15, True)
    assert world.wiki.requests() == []
