"""503 for single users: those users were deleted; 503 for groups: the groups were. What cannot be read is not gone."""

import pytest

from connectors.sandbox.host import Fault, FaultKind

from .story_faults import AT_ONCE
from .story_worlds import Person, nobody_lost_anything, takes

MOVER, LEAVER = Person(3), Person(6)
"""Both in Sales until this morning."""


def _morning(lines: list[str]) -> list[str]:
    """One person moves from Sales to Finance, one has left."""
    moved = [line.replace("Sales", "Finance") if line.startswith(MOVER.anchor) else line for line in lines]
    return [line.replace("Active", "Left") if line.startswith(LEAVER.anchor) else line for line in moved]


def _has(story, person, *groups):
    return {each[2] for each in story.holdings() if each[1] == person.login and len(each) == 3} == set(groups)


def test_503_for_the_users_of_the_target_freezes_it(at_office):
    at_office.lines(_morning)
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path="users.*after=", status=503, headers=AT_ONCE))
    nobody_lost_anything(at_office, at_office.night(), "okta: accounts: ", "page 2", "503")
    assert at_office.writes() == []


def test_503_for_the_list_of_groups_freezes_memberships_and_no_accounts(at_office):
    at_office.lines(_morning)
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path=r"/api/v1/groups\?", status=503, headers=AT_ONCE))
    night = at_office.night()
    assert night.code == 12
    assert "NOT COMPLETE  okta: entitlements: page 1: " in night.err
    assert {(each["verb"], each["anchor"]) for each in at_office.plan()["operations"]} == {
        ("update", MOVER.anchor),
        ("deactivate", LEAVER.anchor),
    }
    assert at_office.lost() == {("okta", LEAVER.login)}


def test_503_for_one_group_freezes_that_group_and_everything_else_is_applied(at_office):
    at_office.lines(_morning)
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path="groups/00gsales/users", method="GET", status=503, headers=AT_ONCE))
    night = at_office.night()
    assert night.code == 12
    assert "NOT COMPLETE  okta: members 00gsales: page 1: " in night.err
    assert not [each for each in at_office.plan()["operations"] if each["entitlement"] == "sales"]
    assert not [request for request in at_office.writes() if "00gsales" in request.path]
    assert _has(at_office, MOVER, "staff", "sales", "finance")
    assert ("okta", LEAVER.login) not in at_office.holdings()

    at_office.systems["okta"].clear_faults()
    assert at_office.night().code == 0
    assert _has(at_office, MOVER, "staff", "finance")
    assert at_office.night().code == 0
    assert at_office.plan()["operations"] == []


def test_503_for_a_single_user_leaves_that_user_as_they_are_and_the_others_are_done(at_office):
    at_office.lines(_morning)
    state = at_office.systems["okta"].app.state()
    account = next(user["id"] for user in state["users"] if user["profile"]["login"] == LEAVER.login)
    at_office.systems["okta"].add_fault(Fault(FaultKind.STATUS, path=f"/api/v1/users/{account}", method="GET", status=503, headers=AT_ONCE))
    night = at_office.night()
    assert night.code == 13
    assert ("okta", LEAVER.login) in at_office.holdings()
    assert not [request for request in at_office.writes() if account in request.path and takes(request)]
    assert ("okta", MOVER.login, "finance") in at_office.holdings()
    at_office.systems["okta"].clear_faults()
    assert at_office.night().code == 0
    assert ("okta", LEAVER.login) not in at_office.holdings()


@pytest.mark.parametrize("path", ["/Users", "/Groups"])
def test_503_of_an_application_plans_no_removal_there(at_federation, path):
    at_federation.systems["wiki"].add_fault(Fault(FaultKind.STATUS, path=path, status=503, headers=AT_ONCE, after=1))
    nobody_lost_anything(at_federation, at_federation.night(), "wiki: ", "503")
    assert at_federation.writes() == []
