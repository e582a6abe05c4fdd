"""A cron job read nothing from its directory: every user and group was deleted, and made anew the next cycle without their permissions."""

import pytest

from .story_faults import EMPTY_LIST, LOGIN_PAGE, LOST_IN_THE_MIDDLE, TOKEN_ENDED
from .story_worlds import nobody_lost_anything

NOTHING = {
    "an empty list": (EMPTY_LIST, ("the list of users is empty", "role")),
    "a token that ended": (TOKEN_ENDED, ("401",)),
    "a login page": (LOGIN_PAGE, ("page 2", "not a JSON array")),
    "a page lost in the middle": (LOST_IN_THE_MIDDLE, ("page 3", "503")),
}


@pytest.mark.parametrize(("fault", "why"), NOTHING.values(), ids=NOTHING)
def test_unread_directory_plans_no_removal_in_the_application(at_federation, fault, why):
    at_federation.systems["directory"].add_fault(fault)
    night = at_federation.night()
    nobody_lost_anything(at_federation, night, "directory: accounts: ", *why)
    assert at_federation.writes() == []
    at_federation.systems["directory"].clear_faults()
    assert at_federation.night().code == 0


def test_account_deleted_in_directory_keeps_access_until_termination_is_recorded(at_federation):
    directory = at_federation.systems["directory"].app
    state = directory.state()
    kept = state["users"][:50]
    ids = {user["id"] for user in kept}
    members = {group: [each for each in held if each in ids] for group, held in state["members"].items()}
    directory.seed({**state, "users": kept, "members": members})
    night = at_federation.night()
    assert (night.code, at_federation.writes()) == (10, [])
    assert {each for each in at_federation.lost() if each[0] == "wiki"} == set()
    missing = [each for each in at_federation.plan()["findings"] if each["kind"] == "source_missing"]
    assert len(missing) == 10
    assert all("Confirm with HR" in each["message"] for each in missing)
