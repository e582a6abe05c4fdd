"""Whether every command of every page works: each is typed in its order, in a project over the sandbox, or stands in a list with the reason why not."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.page_blocks import LANGUAGES, PAGES, Block, blocks, spoken
from tests.docs.page_plays import PLAYS, Desk
from tests.docs.page_reader import Reader
from tests.docs.page_tables import ELSEWHERE, NOT_RUN, SPOKEN, STAND_INS
from tests.night.night_worlds import DAY, world
from tests.night.rewinding import Rewinding
from tests.support import day

ROOT = Path(__file__).parents[2]


def to_play(page: str) -> list[Block]:
    """The blocks of a page of which a command can be run, and no other test runs it."""
    return [
        block
        for block in blocks(page)
        if not {(page, ""), (page, block.heading)} & ELSEWHERE.keys() and set(block.commands) - NOT_RUN.get(page, {}).keys()
    ]


@pytest.fixture(scope="module")
def _company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rewinding]:
    with world(tmp_path_factory.mktemp("pages") / "project") as held:
        yield Rewinding(held)


@pytest.fixture
def desk(_company: Rewinding, tmp_path: Path) -> Desk:
    """A company whose accounts have drifted, and a machine with the command, `mail` and an empty home."""
    held = _company.again()
    _program(tmp_path / "bin/reconcile", f'exec "{sys.executable}" "{day.__file__}" {DAY} "$@"')
    _program(tmp_path / "bin/mail", f'{{ echo "$@"; cat; }} >"{tmp_path}/mail"')
    (tmp_path / "home").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment = kept | {"HOME": str(tmp_path / "home"), "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    seen = {"root": str(tmp_path), "folder": str(held.folder), "okta": held.okta.url, "wiki": f"{held.wiki.url}/v2"}
    return Desk(held, Reader(held.folder, day.clock_on(DAY, 8), STAND_INS, environment, seen), tmp_path)


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o700)


NEEDED = {"README.md": "make", "docs/howto/connect-okta.md": "openssl", "docs/sandbox.md": "curl"}
"""Programs of the machine that a page takes for there."""


def with_its_program(page: str) -> object:
    """The page, left out where a program that it types is not on this machine."""
    program = NEEDED.get(page, "sh")
    return pytest.param(page, marks=pytest.mark.skipif(shutil.which(program) is None, reason=f"there is no {program} here"))


@pytest.mark.parametrize("page", [with_its_program(page) for page in PLAYS])
def test_every_command_of_a_page_ends_as_the_page_says(page: str, desk: Desk) -> None:
    played = to_play(page)
    PLAYS[page](desk, *played)
    lines = [line for block in played for line in block.commands if line not in NOT_RUN.get(page, {})]
    named = [f"{line}  # exit code {code}" for line, code in SPOKEN.get(page, {}).items() if isinstance(code, int)]
    assert [line for line in desk.reader.typed if line not in named] == lines
    assert sorted(line for line in desk.reader.typed if line in named) == sorted(named)


@pytest.mark.parametrize("page", SPOKEN)
def test_every_command_in_a_sentence_of_a_page_that_is_followed_is_typed(page: str) -> None:
    assert spoken(page) == list(SPOKEN[page])


def test_every_page_with_a_command_is_typed() -> None:
    assert {page for page in PAGES if to_play(page)} == PLAYS.keys()


def test_every_command_that_is_not_run_stands_in_a_page() -> None:
    shown = {page: {line for block in blocks(page) for line in block.commands} for page in PAGES}
    assert [(page, line) for page, lines in NOT_RUN.items() for line in lines if line not in shown[page]] == []
    assert [place for place in ELSEWHERE if place[1] not in ("", *(block.heading for block in blocks(place[0]) if block.commands))] == []
    assert [test for test in ELSEWHERE.values() if not (ROOT / test).is_file()] == []


def test_commands_that_run_tests_name_what_is_there() -> None:
    """They are not run here: what they choose is looked up."""
    chosen = [shlex.split(line) for line in NOT_RUN["CONTRIBUTING.md"]]
    assert [word for words in chosen for word in words if word.startswith("tests/") and not (ROOT / word).exists()] == []
    names = {words[words.index("-m") + 1]: words[-1] for words in chosen}
    assert names["tests.mutation"] in (ROOT / "tests/mutation/faults.toml").read_text(encoding="utf-8")
    assert (ROOT / f"benchmarks/{names['benchmarks']}.py").is_file()
    (folder, keyword) = next((words[-3], words[-1]) for words in chosen if "-k" in words)
    assert any(keyword in path.name for path in (ROOT / folder).glob("test_*.py"))


def test_everything_that_stands_for_something_else_stands_in_a_page() -> None:
    text = "\n".join(block.text for page in PAGES for block in blocks(page) if block.language != "text")
    text += "\n".join(line for lines in SPOKEN.values() for line in lines)
    assert [name for name in STAND_INS if name not in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_block_names_its_language(page: str) -> None:
    assert [block.text for block in blocks(page) if block.language not in LANGUAGES] == []
    assert len(list(blocks(page))) * 2 == sum(line.strip().startswith("```") for line in PAGES[page].splitlines())


def test_no_block_of_text_is_a_command() -> None:
    shown = [block for page in PAGES for block in blocks(page) if block.language == "text" and page != "docs/reference/commands.md"]
    assert [
        block.text for block in shown if any(line.startswith(("reconcile ", "make ", ".venv/")) for line in block.text.splitlines())
    ] == []
