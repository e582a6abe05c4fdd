"""What is read of apps where they are asked for: the list with the groups of each, and who is assigned through what."""

import json

import pytest

from connectors.contract import BY_HAND, EntitlementKind, RawPage, Scope, ScopeKind
from connectors.okta.rows import rows_of
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import everything, group, group_id, org, user, user_id

APPS = Scope(ScopeKind.ENTITLEMENTS, "apps")


def app_id(number: int) -> str:
    return f"0oa{number:017d}"


def assigned(number: int) -> Scope:
    return Scope(ScopeKind.ASSIGNMENTS, held(number))


def held(number: int) -> str:
    """The app as an entitlement."""
    return f"app:{app_id(number)}"


def an_org() -> dict:
    wiki = {"id": app_id(1), "label": "Wiki", "users": {user_id(1): {}}, "groups": {group_id(1): {}, group_id(2): {}}}
    return {
        "users": [user(1), user(2), user(3)],
        "groups": [group(1, "Staff"), group(2, "Guests")],
        "members": {group_id(1): [user_id(2)]},
        "apps": [wiki, {"id": app_id(2), "label": "Payroll"}, {"id": app_id(3), "label": "Chat", "status": "INACTIVE"}],
    }


def test_apps_are_read_with_their_groups_and_what_gives_each_assignment(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta)
        assert not any(end.problem for end in ends.values())
        found = {entitlement.name: entitlement for page in pages[APPS] for entitlement in okta.decode(page).entitlements}
        assert [(name, each.kind, bool(each.read_only)) for name, each in found.items()] == [
            (name, EntitlementKind.APP, name == "Chat") for name in ("Wiki", "Payroll", "Chat")
        ]
        assert json.loads(found["Wiki"].attributes)["groups"] == [group_id(1), group_id(2)]
        assert json.loads(found["Chat"].attributes)["status"] == "INACTIVE"
        rows = [row for page in pages[assigned(1)] for row in okta.decode(page).memberships]
        assert rows == [(user_id(1), held(1), ""), (user_id(2), held(1), "a group")]
        assert {scope.name for scope in ends if scope.kind is ScopeKind.ASSIGNMENTS} == {held(1), held(2), held(3)}

    with org(an_org(), tmp_path, page_size=1) as (_, tell):
        tell(story, apps=True)


@pytest.mark.parametrize(
    ("stated", "by_hand"),
    [
        ({"features": []}, True),
        ({"features": ["PUSH_NEW_USERS"]}, True),
        ({"features": ["PUSH_USER_DEACTIVATION"]}, False),
        ({"features": [], "signOnMode": "BOOKMARK"}, False),
        # An app that says nothing of its features, or nothing that can be read, is not called one thing or the other.
        ({}, False),
        ({"features": None}, False),
        ({"features": "PUSH"}, False),
    ],
)
def test_app_in_which_okta_does_not_deactivate_accounts_says_so(stated, by_hand):
    row = {"id": app_id(1), "label": "Wiki", "status": "ACTIVE", "signOnMode": "SAML_2_0", **stated}
    (found,) = rows_of(RawPage(APPS, 1, json.dumps([row]).encode())).entitlements
    assert (BY_HAND in json.loads(found.attributes)) is by_hand


def test_apps_are_not_asked_for_unless_they_are_wanted(tmp_path):
    with org(an_org(), tmp_path) as (sandbox, tell):
        _, ends = tell(everything)
        assert not {scope.kind for scope in ends} & {ScopeKind.ASSIGNMENTS}
        assert not any("/apps" in request.path for request in sandbox.requests())


def test_only_the_apps_that_are_named_are_read(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta)
        names = [entitlement.name for page in pages[APPS] for entitlement in okta.decode(page).entitlements]
        assert names == ["Wiki", "Chat"]
        assert {scope.name for scope in ends if scope.kind is ScopeKind.ASSIGNMENTS} == {held(1), held(3)}
        assert ends[APPS].problem == ""

    with org(an_org(), tmp_path) as (_, tell):
        tell(story, apps=True, only={"apps": ["Wiki", app_id(3)]})


def test_a_named_app_that_is_not_there_leaves_the_list_incomplete(tmp_path):
    async def story(okta):
        assert "Wikki" in (await everything(okta))[1][APPS].problem

    with org(an_org(), tmp_path) as (_, tell):
        tell(story, apps=True, only={"apps": ["Wikki", "Chat"]})


@pytest.mark.parametrize(
    ("path", "body", "harmed"),
    [
        (f"/apps/{app_id(1)}/groups", "<html>", [APPS]),
        (f"/apps/{app_id(2)}/users", "{}", [assigned(2)]),
        (r"/apps\?", "<html>", [APPS]),
    ],
)
def test_what_fails_for_apps_ends_its_own_scope(tmp_path, path, body, harmed):
    async def story(okta):
        _, ends = await everything(okta)
        assert [scope for scope, end in ends.items() if end.problem] == harmed

    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=path, body=body))
        tell(story, apps=True)


@pytest.mark.parametrize("odd", [{"id": ".."}, {"label": None}, {"_groups": "all"}, {"id": 7}])
def test_an_odd_app_is_set_aside_or_ends_the_list_and_never_the_read(tmp_path, odd):
    async def story(okta):
        pages, ends = await everything(okta)
        listed = [okta.decode(page) for page in pages.get(APPS, [])]
        assert ends[APPS].problem or [len(rows.quarantined) for rows in listed] == [1]
        assert not [scope for scope, end in ends.items() if end.problem and scope != APPS]

    body = json.dumps([{"id": app_id(1), "label": "A", **odd}, {"id": app_id(2), "label": "B"}])
    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=r"/apps\?", body=body))
        tell(story, apps=True)


def test_an_assignment_through_something_new_is_set_aside(tmp_path):
    async def story(okta):
        rows = okta.decode((await everything(okta))[0][assigned(1)][0])
        assert rows.memberships == [(user_id(1), held(1), "")]
        assert [odd.id for odd in rows.quarantined] == [user_id(2)]

    body = json.dumps([{"id": user_id(1), "scope": "USER"}, {"id": user_id(2), "scope": "ROLE"}])
    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=f"/apps/{app_id(1)}/users", body=body))
        tell(story, apps=True)
