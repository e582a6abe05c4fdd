"""Groups are created with their description, and found again by their exact name with what keeps their members from being changed."""

import pytest

from connectors.contract import EntitlementKind
from connectors.errors import Conflict, Uncertain
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import group, org, rule, user, user_id


def an_org(**more):
    return {"users": [user(1)], "groups": [group(1, "Staff"), group(2, "Fed"), group(3, "Payroll", "APP_GROUP")], **more}


def test_a_new_group_has_its_name_and_description_and_takes_members(tmp_path):
    async def story(okta):
        made = await okta.create_group('Équipe "ventes" 7', "Who sells")
        await okta.add_member(made.id, user_id(1))
        assert (made.kind, made.name, made.read_only) == (EntitlementKind.GROUP, 'Équipe "ventes" 7', "")
        assert [each.id for each in await okta.find_groups(made.name)] == [made.id]
        assert await okta.has_member(made.id, user_id(1))
        return made.id

    with org(an_org(), tmp_path) as (sandbox, tell):
        made = tell(story)
        shown = next(each for each in sandbox.app.state()["groups"] if each["id"] == made)
        assert (shown["type"], shown["profile"]["description"]) == ("OKTA_GROUP", "Who sells")


def test_a_group_without_a_description_has_none(tmp_path):
    with org(an_org(), tmp_path) as (sandbox, tell):
        tell(lambda okta: okta.create_group("Sales", ""))
        assert sandbox.app.state()["groups"][-1]["profile"]["description"] is None


def test_groups_are_found_by_their_exact_name_with_what_rules_them(tmp_path):
    async def story(okta):
        assert [bool(each.read_only) for each in await okta.find_groups("Staff")] == [False]
        assert "group rule" in (await okta.find_groups("Fed"))[0].read_only
        assert (await okta.find_groups("Payroll"))[0].read_only
        assert not await okta.find_groups("staff")
        assert not await okta.find_groups("Staf")

    with org(an_org(rules=[rule(1, "Feeds", "ACTIVE", 2)]), tmp_path) as (_, tell):
        tell(story)


@pytest.mark.parametrize("status", [400, 409])
def test_a_name_that_is_taken_is_a_conflict(tmp_path, status):
    async def story(okta):
        with pytest.raises(Conflict):
            await okta.create_group("Staff", "")

    with org(an_org(), tmp_path, duplicate_group_status=status) as (_, tell):
        tell(story)


def test_a_lost_answer_leaves_the_outcome_open_and_the_group_can_be_looked_up(tmp_path):
    async def story(okta):
        with pytest.raises(Uncertain):
            await okta.create_group("Sales", "")
        assert len(await okta.find_groups("Sales")) == 1

    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="POST", path=r"^/api/v1/groups$", times=1))
        tell(story)
