"""An undo while the target cannot be read: who left since by what the sources state gets nothing back there either."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.host import Fault, FaultKind
from reconcile.errors import ExitCode

from .story_faults import AT_ONCE
from .story_worlds import Person, Story, office, people

LEFT, VANISHED, STAYS = Person(3), Person(17), Person(29)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A bad file ended three people last night; HR mended it for one of them, and the org cannot be read since."""
    with office(tmp_path / "project") as held:
        assert held.night().code == ExitCode.DONE
        ended = {each.number for each in (LEFT, VANISHED, STAYS)}
        held.lines(lambda _: [each.line.replace("Active", "Left") if each.number in ended else each.line for each in people()])
        assert held.night().code == ExitCode.DONE
        mended = [each.line.replace("Active", "Left") if each == LEFT else each.line for each in people() if each != VANISHED]
        held.lines(lambda _: mended)
        held.systems["okta"].add_fault(Fault(FaultKind.STATUS, path="/api/v1/users", method="GET", status=503, headers=AT_ONCE))
        assert held.run("extract").code == ExitCode.UNTRUSTED
        yield held


def test_only_who_stays_gets_back_what_the_run_took(story: Story) -> None:
    made = story.run("undo", "--json")
    assert made.code == ExitCode.UNTRUSTED, made.err
    assert [(each["system"], each["complete"]) for each in made.json["scopes"] if each["scope"] == "accounts"] == [("okta", False)]
    assert {each["anchor"] for each in made.json["operations"]} == {STAYS.anchor}
    told = {each["anchor"]: each["message"] for each in made.json["findings"] if each["kind"] == "not_undone" and each["anchor"]}
    assert "say that this person left" in told[LEFT.anchor]
    assert "no source has the person any more" in told[VANISHED.anchor]
    assert STAYS.anchor not in told
    assert any(each["message"].startswith("okta: not read completely, so that nothing was decided") for each in made.json["findings"])


def test_source_in_doubt_proves_no_absence(story: Story) -> None:
    story.hr.unlink()
    assert story.run("extract").code == ExitCode.UNTRUSTED
    made = story.run("undo", "--json").json
    assert {each["anchor"] for each in made["operations"]} == {VANISHED.anchor, STAYS.anchor}


def test_doubt_that_freezes_everybody_is_told(story: Story) -> None:
    story.edit("reconcile.toml", "[project]\n", '[project]\nin_doubt = "freeze_all"\n')
    story.hr.unlink()
    assert story.run("extract").code == ExitCode.UNTRUSTED
    made = story.run("undo", "--json")
    assert made.code == ExitCode.UNTRUSTED, made.err
    assert any("Who left since the run is not known" in each["message"] for each in made.json["findings"])
