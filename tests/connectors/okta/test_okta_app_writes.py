"""People are assigned to apps by themselves; what a group gives is seen, and neither repeated nor taken."""

import pytest

from connectors.errors import BadResponse, Rejected, Uncertain
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import group, group_id, org, user, user_id

APP = f"0oa{1:017d}"
WIKI, ANN, BOB, CYD = f"app:{APP}", user_id(1), user_id(2), user_id(3)


def an_org():
    wiki = {"id": APP, "label": "Wiki", "users": {ANN: {}}, "groups": {group_id(1): {}}}
    return {"users": [user(1), user(2), user(3)], "groups": [group(1, "Staff")], "members": {group_id(1): [BOB]}, "apps": [wiki]}


@pytest.fixture
def tell(tmp_path):
    with org(an_org(), tmp_path) as (sandbox, tell):
        tell.keywords["apps"] = True
        tell.sandbox = sandbox
        yield tell


def direct(tell):
    return set(tell.sandbox.app.state()["apps"][0]["users"])


def test_an_assignment_comes_and_goes(tell):
    async def story(okta):
        assert not await okta.has_member(WIKI, CYD)
        await okta.add_member(WIKI, CYD)
        assert await okta.has_member(WIKI, CYD)
        await okta.remove_member(WIKI, ANN)
        assert not await okta.has_member(WIKI, ANN)

    tell(story)
    assert direct(tell) == {CYD}


def test_what_a_group_gives_is_held_and_not_directly_and_cannot_be_taken(tell):
    async def story(okta):
        assert [await okta.has_member(WIKI, BOB), await okta.has_member(WIKI, BOB, directly=True)] == [True, False]
        assert [await okta.has_member(WIKI, ANN), await okta.has_member(WIKI, ANN, directly=True)] == [True, True]
        with pytest.raises(Rejected):
            await okta.remove_member(WIKI, BOB)

    tell(story)


def test_what_is_so_already_is_no_error(tell):
    async def story(okta):
        await okta.add_member(WIKI, ANN)
        await okta.remove_member(WIKI, CYD)

    tell(story)
    assert direct(tell) == {ANN}


def test_a_lost_answer_leaves_an_assignment_open_and_a_read_tells(tell):
    tell.sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="POST", path="/users$", times=1))

    async def story(okta):
        with pytest.raises(Uncertain):
            await okta.add_member(WIKI, CYD)
        assert await okta.has_member(WIKI, CYD)

    tell(story)


@pytest.mark.parametrize("body", ["<html>", "[]", '{"id":"00u1","scope":"USER"}', f'{{"id":"{ANN}","scope":"ROLE"}}'])
def test_an_answer_that_shows_no_assignment_is_not_believed(tell, body):
    tell.sandbox.add_fault(Fault(FaultKind.BODY, path=f"/apps/{APP}/users/", body=body))

    async def story(okta):
        with pytest.raises(BadResponse):
            await okta.has_member(WIKI, ANN)

    tell(story)


def test_only_an_org_whose_apps_are_read_says_that_they_can_be_changed(tmp_path):
    async def story(okta):
        return okta.traits.can.apps

    with org(an_org(), tmp_path) as (_, run):
        assert [run(story), run(story, apps=True)] == [False, True]
