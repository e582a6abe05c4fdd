"""Leavers whose Okta users are in every status there is, under a mapping that suspends leavers."""

import copy

import pytest

from tests.night.night_worlds import CLOCK

from .story_worlds import Person

LEFT = {
    Person(3): ("ACTIVE", "SUSPENDED"),
    Person(7): ("PROVISIONED", "DEPROVISIONED"),
    Person(11): ("LOCKED_OUT", "DEPROVISIONED"),
    Person(19): ("PASSWORD_EXPIRED", "DEPROVISIONED"),
    Person(23): ("RECOVERY", "DEPROVISIONED"),
    Person(29): ("STAGED", "STAGED"),
    Person(31): ("SUSPENDED", "SUSPENDED"),
    Person(37): ("DEPROVISIONED", "DEPROVISIONED"),
}
"""Who leaves, in which status the user is then, and after the night."""


def _statuses(story):
    return {user["profile"]["login"]: user["status"] for user in story.systems["okta"].app.state()["users"]}


@pytest.fixture
def leaving(at_office):
    """The office on the morning after all of them left."""
    state = copy.deepcopy(at_office.systems["okta"].app.state())
    status = {person.login: before for person, (before, _) in LEFT.items()}
    for user in state["users"]:
        user["status"] = status.get(user["profile"]["login"], user["status"])
    at_office.systems["okta"].app.seed(state)
    anchors = {person.anchor for person in LEFT}
    at_office.lines(lambda lines: [line.replace("Active", "Left") if line[:5] in anchors else line for line in lines])
    at_office.edit("mappings/okta.toml", 'target = "okta"', 'target = "okta"\nleavers = "suspend"')
    with (at_office.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
        file.write("\n[guards.deactivate]\ncount = 10\npercent = 50\n")
    return at_office


def test_every_leaver_loses_access_in_the_first_night_and_the_second_is_empty(leaving):
    night = leaving.night()
    assert (night.code, night.err) == (0, "")
    statuses = _statuses(leaving)
    assert {person.login: statuses[person.login] for person in LEFT} == {person.login: after for person, (_, after) in LEFT.items()}
    leaving.systems["okta"].forget_requests()
    assert leaving.night().code == 0
    assert leaving.writes() == []


def test_undo_makes_usable_again_what_the_night_ended(leaving):
    assert leaving.night().code == 0
    undone = leaving.run("undo")
    digest = undone.out.split()[1]
    # The membership of the one who was deactivated before does not come back: 14.
    assert leaving.run("apply", digest, "--live").code == 14
    statuses = _statuses(leaving)
    assert [person.number for person in LEFT if statuses[person.login] in ("ACTIVE", "PROVISIONED")] == [3, 7, 11, 19, 23]


def test_status_that_changed_since_the_plan_is_planned_again(leaving):
    assert leaving.run("run", *CLOCK).code == 10
    state = copy.deepcopy(leaving.systems["okta"].app.state())
    swapped = {Person(3).login: "LOCKED_OUT", Person(11).login: "ACTIVE", Person(7).login: "RECOVERY"}
    for user in state["users"]:
        user["status"] = swapped.get(user["profile"]["login"], user["status"])
    leaving.systems["okta"].app.seed(state)
    leaving.systems["okta"].forget_requests()
    assert leaving.run("apply", "--live").code == 14
    statuses = _statuses(leaving)
    assert [statuses[Person(number).login] for number in (3, 7, 11)] == ["LOCKED_OUT", "DEPROVISIONED", "ACTIVE"]
    assert leaving.night().code == 0
    statuses = _statuses(leaving)
    assert [statuses[Person(number).login] for number in (3, 7, 11)] == ["DEPROVISIONED", "DEPROVISIONED", "SUSPENDED"]
