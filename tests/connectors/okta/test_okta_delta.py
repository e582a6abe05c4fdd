"""Delta reads of an org, reads resumed where an earlier one stopped, and that no user is lost while the org changes."""

from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.contract import RawPage, ReadRequest, ResumePoint, ScopeKind
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import ACCOUNTS, GROUPS, OLD, SECRET, everything, group, group_id, members, org, user, user_id

NOW = datetime.now(UTC).replace(microsecond=0)
SINCE = (NOW - timedelta(hours=1)).isoformat()


def at(**before: float) -> str:
    return (NOW - timedelta(**before)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def changed(number: int, when: str, status: str = "ACTIVE") -> dict:
    return {**user(number, status), "created": OLD, "lastUpdated": when}


def moved(number: int, name: str, when: str) -> dict:
    return group(number, name, created=OLD, lastUpdated=OLD, lastMembershipUpdated=when)


def ids(okta, pages) -> list[str]:
    return [record.id for page in pages for record in okta.decode(page).records]


def test_a_delta_has_the_users_that_changed_with_an_overlap(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta, ReadRequest(since=SINCE))
        assert ids(okta, pages[ACCOUNTS]) == [user_id(2), user_id(3), user_id(4)]
        assert (ends[ACCOUNTS].delta, ends[ACCOUNTS].problem) == (True, "")
        assert datetime.fromisoformat(ends[ACCOUNTS].watermark) >= NOW

    people = [
        changed(1, OLD),
        changed(2, at(minutes=5)),
        changed(3, at(minutes=1), "DEPROVISIONED"),
        changed(4, at(minutes=61)),
        changed(5, at(minutes=63)),
    ]
    with org({"users": people}, tmp_path) as (sandbox, tell):
        tell(story)
        asked = next(request.query for request in sandbox.requests() if request.path == "/api/v1/users")
        assert at(minutes=62)[:19].replace(":", "%3A") in asked


def test_a_delta_reads_the_groups_whole_and_the_members_of_those_that_moved(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta, ReadRequest(since=SINCE))
        assert len([each for page in pages[GROUPS] for each in okta.decode(page).entitlements]) == 4
        assert (ends[GROUPS].delta, ends[members(2)].delta) == (False, False)
        assert {scope for scope in ends if scope.kind is ScopeKind.MEMBERS} == {members(2), members(3)}
        assert len([row for page in pages[members(2)] for row in okta.decode(page).memberships]) == 2

    groups = [moved(1, "Still", OLD), moved(2, "Moved", at(minutes=1)), moved(3, "In the overlap", at(minutes=61))]
    both = [user_id(1), user_id(2)]
    with org({"users": [user(1), user(2)], "groups": groups, "members": {group_id(1): both, group_id(2): both}}, tmp_path) as (_, tell):
        tell(story)


def test_delta_without_changes_is_complete_only_where_the_org_shows_a_user(tmp_path):
    async def story(okta):
        return (await everything(okta, ReadRequest(since=SINCE)))[1][ACCOUNTS].problem

    with org({"users": [changed(1, OLD)]}, tmp_path) as (sandbox, tell):
        assert tell(story) == ""
        sandbox.add_fault(Fault(FaultKind.STATUS, path="limit=1$", status=500))
        assert "is unknown" in tell(story)
    with org({}, tmp_path, role_missing=True) as (_, tell):
        assert "role" in tell(story)


async def until(okta, enough):
    """The items of a read that is stopped when `enough` says so of one."""
    items = []
    async with aclosing(okta.pages()) as pages:
        async for item in pages:
            items.append(item)
            if enough(item):
                break
    return items


def held_of(items) -> dict:
    return {item.scope: ResumePoint(item.number, item.cursor) for item in items if isinstance(item, RawPage)}


def a_big_org() -> dict:
    groups = [group(number, f"Group {number}") for number in range(1, 6)]
    return {"users": [user(n) for n in range(1, 12)], "groups": groups, "members": {group_id(2): [user_id(n) for n in range(1, 8)]}}


@pytest.mark.parametrize(
    "enough",
    [
        lambda item: item.scope == ACCOUNTS and isinstance(item, RawPage) and item.number == 2,
        lambda item: item.scope == GROUPS and isinstance(item, RawPage) and item.number == 2,
        lambda item: item.scope == members(2) and isinstance(item, RawPage) and item.number == 2,
        lambda item: item.scope == members(4),
    ],
)
def test_an_interrupted_read_is_gone_on_with_where_it_stopped(tmp_path, enough):
    async def story(okta):
        first = await until(okta, enough)
        pages, ends = await everything(okta, ReadRequest(held=held_of(first)))
        assert not any(end.problem for end in ends.values())
        assert all(not ends[scope].watermark for scope in held_of(first))
        for item in first:
            if isinstance(item, RawPage):
                pages.setdefault(item.scope, []).append(item)
        assert all(sorted(page.number for page in each) == list(range(1, len(each) + 1)) for each in pages.values())
        assert sorted(ids(okta, pages[ACCOUNTS])) == [user_id(n) for n in range(1, 12)]
        assert len([each for page in pages[GROUPS] for each in okta.decode(page).entitlements]) == 6
        assert sorted(row.account_id for page in pages[members(2)] for row in okta.decode(page).memberships) == [
            user_id(n) for n in range(1, 8)
        ]
        assert {scope for scope in ends if scope.kind is ScopeKind.MEMBERS} == {members(n) for n in range(1, 6)}

    with org(a_big_org(), tmp_path, page_size=2) as (_, tell):
        tell(story)


@pytest.mark.parametrize(
    ("cursor", "problem"),
    [
        ("{url}/api/v1/users?after=gone&limit=2", "E0000029"),
        ("{url}/api/v1/users?search=id+pr&after=gone&limit=2", "E0000031"),
        ("https://evil.example.com/api/v1/users?after=x", "it is not asked"),
    ],
)
def test_a_cursor_that_is_not_taken_any_more_ends_the_scope_with_a_problem(tmp_path, cursor, problem):
    with org(a_big_org(), tmp_path, page_size=2) as (sandbox, tell):

        async def story(okta):
            _, ends = await everything(okta, ReadRequest(held={ACCOUNTS: ResumePoint(2, cursor.format(url=sandbox.url))}))
            assert problem in ends[ACCOUNTS].problem
            assert ends[ACCOUNTS].problem.startswith("page 3:")

        tell(story)


def test_groups_that_cannot_be_listed_again_leave_their_scope_incomplete(tmp_path):
    async def story(okta):
        first = await until(okta, lambda item: item.scope == GROUPS)
        sandbox.add_fault(Fault(FaultKind.STATUS, path=r"/groups\?expand=stats&limit|/groups\?limit", times=3, status=500))
        _, ends = await everything(okta, ReadRequest(held=held_of(first)))
        assert ends[GROUPS].problem

    with org(a_big_org(), tmp_path, page_size=2) as (sandbox, tell):
        tell(story)


def test_unchanged_user_is_read_once_while_others_are_created_deleted_and_changed(tmp_path):
    """Between any two pages somebody in front of the cursor and behind it is deleted, created and changed."""
    there = [n for n in range(10, 40) if n % 3]
    leaving = [n for n in range(10, 40) if not n % 3]

    def change(client: httpx.Client, number: int) -> None:
        for n in {leaving[number % len(leaving)], leaving[-number % len(leaving)]}:
            client.delete(f"/users/{user_id(n)}")
            client.delete(f"/users/{user_id(n)}")
        for n in (there[number % len(there)], there[-number % len(there)]):
            client.post(f"/users/{user_id(n)}/lifecycle/suspend", json={})
            client.post(f"/users/{user_id(n)}", json={"profile": {"title": f"Title {number}"}})
        name = f"new{number}@example.com"
        client.post("/users", json={"profile": {"login": name, "email": name, "firstName": "N", "lastName": "N"}})

    async def story(okta):
        found = []
        with httpx.Client(base_url=f"{sandbox.url}/api/v1", headers={"Authorization": f"SSWS {SECRET}"}) as client:
            async for item in okta.pages():
                if item.scope == ACCOUNTS and isinstance(item, RawPage):
                    found += ids(okta, [item])
                    change(client, item.number)
                elif item.scope == ACCOUNTS:
                    assert item.problem == ""
        assert len(set(found)) == len(found)
        assert {user_id(n) for n in there} <= set(found)

    with org({"users": [user(n) for n in range(10, 40)]}, tmp_path, page_size=3) as (sandbox, tell):
        tell(story)
