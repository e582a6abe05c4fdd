"""An extract that is killed while it reads: what was known stays, and the next one goes on where this one was."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from connectors.sandbox.host import Fault, FaultKind
from reconcile.snapshot.spool import RESUMED_WITHIN
from tests.night.night_worlds import CLOCK
from tests.support.waiting import LIMIT, until

from .story_worlds import Person, Settled, Story

NEWCOMER = Person(60)
FIRST_PAGES = 2


@dataclass(frozen=True)
class Killed:
    """A project folder as a killed extract left it, what it had asked for by then, and the plan that was valid before."""

    folder: Path
    asked: list[str]
    plan: dict[str, Any]


@pytest.fixture(scope="module")
def killed(settled_office: Settled, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    story = settled_office.again(tmp_path_factory.mktemp("killed") / "project")
    assert story.run("plan", *CLOCK).code == 0
    plan = story.plan()
    story.lines(lambda lines: [*lines, NEWCOMER.line])
    okta = story.systems["okta"]
    okta.add_fault(Fault(FaultKind.LATENCY, path="/api/v1/users.*after=", seconds=LIMIT, after=FIRST_PAGES - 1))
    process = story.launch("extract")
    try:
        until(lambda: len(_users(story)) == FIRST_PAGES and (story.folder / "state" / "spool" / "people.pages").exists())
        until(lambda: (story.folder / "state" / "spool" / "okta.pages").read_bytes().count(b'"cursor"') > FIRST_PAGES)
    finally:
        process.kill()
        process.wait()
        asked = _users(story)
        okta.clear_faults()
    return Killed(story.folder, asked, plan)


@pytest.fixture
def after_the_kill(killed: Killed, settled_office: Settled, tmp_path: Path) -> Story:
    folder = tmp_path / "killed"
    copytree(killed.folder, folder)
    story = settled_office.again(tmp_path / "unused")
    return Story(folder, story.systems)


def test_a_killed_extract_leaves_what_was_known_as_it_was(after_the_kill, killed):
    assert after_the_kill.run("plan", *CLOCK).code == 0
    assert after_the_kill.plan() == killed.plan


def test_the_next_extract_does_not_ask_again_for_the_pages_it_has(after_the_kill, killed):
    assert after_the_kill.run("extract").code == 0
    again = _users(after_the_kill)
    assert again
    assert set(again).isdisjoint(killed.asked)
    assert len(again) + len(killed.asked) == 4
    assert not (after_the_kill.folder / "state" / "spool" / "okta.pages").exists()
    assert after_the_kill.run("plan", *CLOCK).code == 10
    assert {each["anchor"] for each in after_the_kill.plan()["operations"]} == {NEWCOMER.anchor}


def test_pages_that_are_too_old_to_go_on_from_are_asked_for_again(after_the_kill, killed):
    for spool in (after_the_kill.folder / "state" / "spool").iterdir():
        old = time.time() - RESUMED_WITHIN - 1
        os.utime(spool, (old, old))
    assert after_the_kill.run("extract").code == 0
    assert set(killed.asked) < set(_users(after_the_kill))
    assert len(_users(after_the_kill)) == 4


def test_a_spool_that_was_cut_in_the_middle_of_a_page_is_gone_on_with_before_that_page(after_the_kill, killed):
    spool = after_the_kill.folder / "state" / "spool" / "okta.pages"
    body = spool.read_bytes()
    spool.write_bytes(body + body[body.index(b"\n") + 1 :][:700])
    assert after_the_kill.run("extract").code == 0
    assert after_the_kill.run("plan", *CLOCK).code == 10
    assert {each["anchor"] for each in after_the_kill.plan()["operations"]} == {NEWCOMER.anchor}


def _users(story: Story) -> list[str]:
    return [path for path in story.asked("okta") if path.startswith("/api/v1/users?")]
