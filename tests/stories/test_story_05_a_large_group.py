"""A group passed 1,500 members. From then on the server gave a part of them, or none, and every other member's access was revoked."""

import json
from urllib.request import Request, urlopen

import pytest

from connectors.sandbox.host import Fault, FaultKind
from tests.night.night_worlds import CLOCK

from .story_faults import NO_LINK
from .story_worlds import Person, office

MEMBERS = 1501
LEAVER = Person(30)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """Read once, whole."""
    with office(tmp_path_factory.mktemp("crowd") / "project", MEMBERS) as story:
        story.edit("reconcile.toml", "page_size = 20", "page_size = 200")
        assert story.run("extract").code == 0
        yield story


def _first_page(url: str) -> str:
    """What the server gives of the group before it names the next page."""
    listed = Request(f"{url}/api/v1/groups/00gstaff/users?limit=200", headers={"Authorization": "SSWS sandbox-token"})
    with urlopen(listed) as answer:
        return answer.read().decode()


GIVEN = {
    "a part": (_first_page, 200, ("it has 200 rows", "1501", "20 %", "raise reading.okta.shrink_percent in reconcile.toml")),
    "none": (lambda _: "[]", 0, ("the list of members is empty", "Okta counts 1501", "the role of the token's admin")),
}


@pytest.mark.parametrize(("given", "shown", "why"), GIVEN.values(), ids=GIVEN)
def test_members_who_are_not_shown_keep_their_membership(crowd, given, shown, why):
    body = given(crowd.systems["okta"].url)
    assert len(json.loads(body)) == shown
    crowd.systems["okta"].add_fault(Fault(FaultKind.BODY, path="groups/00gstaff/users", body=body, headers=NO_LINK))
    night = crowd.run("run", *CLOCK)
    crowd.systems["okta"].clear_faults()
    assert night.code == 12
    (sentence,) = [line for line in night.err.splitlines() if "okta: members 00gstaff: " in line]
    for word in why:
        assert word in sentence
    assert crowd.plan()["operations"] == []


def test_the_memberships_of_all_1501_are_still_known_when_they_can_be_read_again(crowd):
    crowd.lines(lambda lines: [line.replace("Active", "Left") if line.startswith(LEAVER.anchor) else line for line in lines])
    assert crowd.run("run", *CLOCK).code == 10
    assert {(each["verb"], each["anchor"]) for each in crowd.plan()["operations"]} == {
        ("deactivate", LEAVER.anchor),
        ("remove_member", LEAVER.anchor),
    }
