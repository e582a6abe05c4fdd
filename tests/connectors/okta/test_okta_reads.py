"""What a whole read of an org yields, and what it says where a part of it could not be read."""

import json

import pytest

from connectors.contract import AccountState, ScopeKind
from connectors.errors import Unauthorised, Unreachable
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.okta import LinkStyle

from .okta_worlds import ACCOUNTS, GROUPS, everything, group, group_id, members, org, user, user_id

STATUSES = ["STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED"]


def small_org() -> dict:
    return {
        "users": [user(number, status) for number, status in enumerate(STATUSES, 1)],
        "groups": [group(1, "Engineering"), group(2, "Directory", "APP_GROUP"), group(3, "Empty")],
        "members": {group_id(1): [user_id(number) for number in range(1, 6)], group_id(2): [user_id(8)]},
    }


@pytest.mark.parametrize("link_style", list(LinkStyle))
def test_every_user_group_and_member_is_read_page_by_page(tmp_path, link_style):
    async def story(okta):
        pages, ends = await everything(okta)
        assert all(end.problem == "" and end.watermark for end in ends.values())
        assert len(pages[ACCOUNTS]) == 4
        assert pages[ACCOUNTS][-1].cursor is None
        records = [record for page in pages[ACCOUNTS] for record in okta.decode(page).records]
        assert {record.id: record.status for record in records} == {user_id(n): status for n, status in enumerate(STATUSES, 1)}
        groups = {entitlement.id: entitlement for page in pages[GROUPS] for entitlement in okta.decode(page).entitlements}
        assert groups[group_id(1)].read_only == ""
        assert "application" in groups[group_id(2)].read_only
        assert any("built-in" in entitlement.read_only for entitlement in groups.values())
        everyone = {entitlement.id for entitlement in groups.values() if entitlement.name == "Everyone"}
        assert {scope.name for scope in ends if scope.kind is ScopeKind.MEMBERS} == set(groups) - everyone
        held = [row for page in pages[members(1)] for row in okta.decode(page).memberships]
        assert sorted(held) == [(user_id(n), group_id(1), "") for n in range(1, 6)]
        assert ends[members(3)].problem == ""

    with org(small_org(), tmp_path, page_size=2, link_style=link_style) as (sandbox, tell):
        tell(story)
        assert sandbox.writes() == []


def test_the_profile_is_kept_as_it_was_written(tmp_path):
    async def story(okta):
        pages, _ = await everything(okta)
        (record,) = okta.decode(pages[ACCOUNTS][0]).records
        shown = json.loads(pages[ACCOUNTS][0].body)[0]
        assert record.values() == shown["profile"]
        assert record.values()["nickName"] == ""
        assert record.values()["mobilePhone"] is None
        assert "title" not in record.values()
        assert record.state is AccountState.ACTIVE
        assert record.updated == shown["lastUpdated"]

    with org({"users": [user(1, nickName="", city="Zürich 東京")]}, tmp_path) as (_, tell):
        tell(story)


def test_an_org_without_users_is_an_org_that_is_not_seen(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta)
        assert "token" in ends[ACCOUNTS].problem
        assert pages[ACCOUNTS][0].body == b"[]"
        checks = await okta.check()
        assert "role" in checks[2].problem

    with org(small_org(), tmp_path, role_missing=True) as (_, tell):
        tell(story)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault(FaultKind.STATUS, status=503), "503"),
        (Fault(FaultKind.STATUS, status=403), "403"),
        (Fault(FaultKind.DROP_BEFORE), "connection"),
        (Fault(FaultKind.BODY, body="<html>sorry</html>"), "not a JSON array"),
        (Fault(FaultKind.BODY, body='{"users":[]}'), "not a JSON array"),
        (Fault(FaultKind.BODY, body='[{"id":"00u'), "not a JSON array"),
        (Fault(FaultKind.REDIRECT, headers={"Location": "https://login.example.com/"}), "redirect to https://login.example.com"),
        (Fault(FaultKind.STATUS, status=404, body='{"errorCode":"E0000007","errorSummary":"Not found"}'), "E0000007"),
    ],
)
def test_what_fails_for_one_group_ends_the_scope_of_that_group_alone(tmp_path, fault, problem):
    async def story(okta):
        pages, ends = await everything(okta)
        assert problem in ends[members(1)].problem
        assert [scope for scope, end in ends.items() if end.problem] == [members(1)]
        assert members(1) not in pages

    with org(small_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(**{**_fields(fault), "path": f"/groups/{group_id(1)}/users"}))
        tell(story)


def _fields(fault: Fault) -> dict:
    return {name: getattr(fault, name) for name in fault.__slots__}


def test_a_failure_on_a_later_page_leaves_the_scope_incomplete(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta)
        assert len(pages[ACCOUNTS]) == 2
        assert ends[ACCOUNTS].problem.startswith("page 3:")

    with org(small_org(), tmp_path, page_size=2) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, path=r"/users\?", after=2, status=500))
        tell(story)


def test_a_cursor_that_comes_again_is_refused(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta)
        assert "read already" in ends[ACCOUNTS].problem
        assert len(pages[ACCOUNTS]) == 1

    with org(small_org(), tmp_path, page_size=2) as (sandbox, tell):
        link = f'<{sandbox.url}/api/v1/users?limit=2>; rel="next"'
        for number in range(3):
            body = json.dumps([{**user(50 + number), "lastUpdated": None}])
            sandbox.add_fault(Fault(FaultKind.BODY, path=r"/users\?", after=number, times=1, body=body, headers={"Link": link}))
        tell(story)


def test_a_page_that_comes_again_is_refused(tmp_path):
    async def story(okta):
        _, ends = await everything(okta)
        assert "same page came twice" in ends[ACCOUNTS].problem

    with org(small_org(), tmp_path, page_size=2) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=r"/users\?", body=json.dumps([user(1)])))
        tell(story)


def test_a_next_page_elsewhere_is_not_asked(tmp_path):
    async def story(okta):
        _, ends = await everything(okta)
        assert "https://evil.example.com/api" in ends[ACCOUNTS].problem

    with org(small_org(), tmp_path, page_size=2) as (sandbox, tell):
        body = json.dumps([user(1)])
        link = '<https://evil.example.com/api?after=x>; rel="next"'
        sandbox.add_fault(Fault(FaultKind.BODY, path=r"/users\?", times=1, body=body, headers={"Link": link}))
        tell(story)


def test_a_rate_limit_is_waited_out(tmp_path):
    async def story(okta):
        _, ends = await everything(okta)
        assert not any(end.problem for end in ends.values())

    with org(small_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, path="/users", after=1, times=2, status=429, headers={"Retry-After": "0"}))
        tell(story)
        assert [request.status for request in sandbox.requests()].count(429) == 2


def test_a_token_that_is_not_accepted_stops_the_read(tmp_path):
    async def story(okta):
        (tmp_path / "token").write_text("00-other-secret")
        with pytest.raises(Unauthorised) as caught:
            await everything(okta)
        assert "00-other-secret" not in f"{caught.value!r} {caught.value}"
        checks = await okta.check()
        assert [check.problem == "" for check in checks] == [True, False]
        assert "new API token" in checks[1].problem

    with org(small_org(), tmp_path) as (_, tell):
        tell(story)


def test_a_token_that_ends_while_members_are_read_stops_the_read(tmp_path):
    async def story(okta):
        with pytest.raises(Unauthorised):
            await everything(okta)

    with org(small_org(), tmp_path) as (sandbox, tell):
        body = '{"errorCode":"E0000011","errorSummary":"Invalid token provided"}'
        sandbox.add_fault(Fault(FaultKind.STATUS, path=f"/groups/{group_id(2)}/users", status=401, body=body))
        tell(story)


def test_an_org_that_does_not_answer_at_all_stops_the_read(tmp_path):
    async def story(okta):
        with pytest.raises(Unreachable):
            await everything(okta)
        checks = await okta.check()
        assert "firewall" in checks[0].problem

    with org(small_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.DROP_BEFORE))
        tell(story)


def test_an_org_that_is_well_passes_every_check(tmp_path):
    async def story(okta):
        checks = await okta.check()
        assert len(checks) == 7
        assert not any(check.problem for check in checks)
        (tmp_path / "token").unlink()
        assert "cannot be read" in (await okta.check())[0].problem

    with org(small_org(), tmp_path) as (_, tell):
        tell(story)


def test_a_scope_that_was_not_granted_is_named(tmp_path):
    async def story(okta):
        assert "okta.groups.read" in (await okta.check())[3].problem
        _, ends = await everything(okta)
        assert "403" in ends[GROUPS].problem
        assert ends[ACCOUNTS].problem == ""

    with org(small_org(), tmp_path, missing_scopes=frozenset({"okta.groups.read"})) as (_, tell):
        tell(story)


def test_a_read_that_is_left_early_leaves_nothing_running(tmp_path):
    async def story(okta):
        pages = okta.pages()
        async for item in pages:
            if item.scope.kind is ScopeKind.MEMBERS:
                break
        await pages.aclose()

    with org(small_org(), tmp_path, page_size=1) as (_, tell):
        tell(story)
