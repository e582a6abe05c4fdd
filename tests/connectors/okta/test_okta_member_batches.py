"""Memberships of one group together: who is a member is seen by the group's list, or by each user's groups where that is cheaper."""

import pytest

from connectors.errors import Forbidden, Unauthorised
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import group_id, org, user, user_id


def crew(people: int, members: range) -> dict:
    groups = [{"id": group_id(1), "type": "OKTA_GROUP", "profile": {"name": "crew", "description": None}}]
    return {"users": [user(n) for n in range(people)], "groups": groups, "members": {group_id(1): [user_id(n) for n in members]}}


@pytest.mark.parametrize("page_size", [1, 200])
def test_members_of_a_large_group_are_seen_whatever_its_pages(tmp_path, page_size):
    async def story(okta):
        seen = await okta.see_members(group_id(1), [user_id(n) for n in (0, 9, 10, 11)])
        assert seen.holders == {user_id(0), user_id(9)}

    with org(crew(12, range(10)), tmp_path, page_size=page_size) as (sandbox, tell):
        tell(story)
        lists = [each for each in sandbox.requests() if each.path.endswith(f"{group_id(1)}/users")]
        assert len(lists) == (2 if page_size == 1 else 1)


def test_accounts_are_read_by_one_list_and_who_is_not_in_it_by_itself(tmp_path):
    async def story(okta):
        found = await okta.read_accounts([user_id(n) for n in (0, 1, 99)])
        assert set(found) == {user_id(0), user_id(1)}

    with org(crew(3, range(0)), tmp_path) as (sandbox, tell):
        tell(story)
        assert [each.path.rpartition("/")[2] for each in sandbox.requests()] == ["users", user_id(99)]


def test_after_a_refusal_of_the_credentials_no_further_change_is_sent(tmp_path):
    async def story(okta):
        ids = [user_id(n) for n in range(20)]
        changed = await okta.change_members(await okta.see_members(group_id(1), ids), ids, member=True)
        assert {type(error) for error in changed.errors.values()} == {Unauthorised}
        assert set(changed.errors) == set(ids)

    with org(crew(20, range(0)), tmp_path) as (sandbox, tell):
        body = '{"errorCode": "E0000011", "errorSummary": "Invalid token provided"}'
        sandbox.add_fault(Fault(FaultKind.STATUS, method="PUT", status=401, body=body))
        tell(story)
        assert len(sandbox.writes()) <= 4


def test_refusal_of_one_change_is_the_error_of_that_account_alone(tmp_path):
    async def story(okta):
        ids = [user_id(n) for n in range(5)]
        changed = await okta.change_members(await okta.see_members(group_id(1), ids), ids, member=True)
        assert {id_: type(error) for id_, error in changed.errors.items()} == {user_id(2): Forbidden}
        assert changed.now.holders == {user_id(n) for n in (0, 1, 3, 4)}

    with org(crew(5, range(0)), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, method="PUT", path=user_id(2), status=403))
        tell(story)
