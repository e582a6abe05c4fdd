"""What a reviewer said of a person stays said when the person gets another number: a contractor on hold who becomes an employee stays on hold."""

from __future__ import annotations

import pytest

from .story_worlds import Person, Story

WHO = Person(6)
NEW = "E9006"
BY = ("--by", "Jo", "--why", "under investigation")


@pytest.fixture
def story(at_office: Story) -> Story:
    """Where one address is one person."""
    at_office.edit("mappings/identities.toml", 'anchor = "Number"', 'anchor = "Number"\nperson = "Mail"')
    return at_office


def gets_a_new_number(story: Story) -> None:
    """Ends the row of the old number and adds one with the new."""
    ended = WHO.line.replace("Active", "Left")
    story.lines(lambda lines: [*(ended if line == WHO.line else line for line in lines), WHO.line.replace(WHO.anchor, NEW, 1)])


def old_row_goes(story: Story) -> None:
    story.lines(lambda lines: [line for line in lines if not line.startswith(WHO.anchor)])


def account(story: Story) -> tuple[str, str]:
    """State and number of the account."""
    (found,) = (user for user in story.systems["okta"].app.state()["users"] if user["profile"]["login"] == WHO.login)
    return found["status"], found["profile"]["employeeNumber"]


def test_person_on_hold_stays_on_hold_under_the_new_number_also_once_the_old_row_is_gone(story: Story) -> None:
    assert story.run("act", "suspend", WHO.anchor, *BY, "--live").code == 0
    assert story.run("hold", WHO.anchor, "--until", "2026-06-01", *BY).code == 0
    for change in (gets_a_new_number, old_row_goes):
        change(story)
        story.night()
        assert account(story) == ("SUSPENDED", WHO.anchor), change
        assert [each["who"] for each in story.plan()["findings"] if each["kind"] == "held"] == [WHO.login]

    assert f"{NEW}: held until 2026-06-01 by Jo" in story.run("hold").out
    assert f"{NEW}: " not in story.run("hold", NEW, "--release").out
    assert "No holds are in force." in story.run("hold", WHO.anchor, "--release").out
    story.night()
    assert account(story) == ("ACTIVE", NEW)


def test_hold_under_one_number_is_released_and_replaced_under_the_other(story: Story) -> None:
    assert story.run("hold", WHO.anchor, "--until", "2026-06-01", *BY).code == 0
    gets_a_new_number(story)
    assert story.run("extract").code == 0
    assert "No holds are in force." in story.run("hold", NEW, "--release").out
    assert story.run("hold", WHO.anchor, "--until", "2026-06-01", *BY).code == 0
    shorter = story.run("hold", NEW, "--until", "2026-04-01", *BY).out
    assert (f"{NEW}: held until 2026-04-01" in shorter, WHO.anchor in shorter) == (True, False)
    story.night()
    assert "2026-06-01" not in story.run("hold").out
    assert "No holds are in force." in story.run("hold", WHO.anchor, "--release").out
