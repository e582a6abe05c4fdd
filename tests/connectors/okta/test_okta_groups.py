"""What is known of a group beside its members: who may change them, what they may do, and whether an empty list is believed."""

import json

import pytest

from connectors.contract import RawPage, Scope, ScopeKind
from connectors.okta.groups import entitlements
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import GROUPS, OLD, everything, group, group_id, members, org, rule, user, user_id


def groups_of(okta, pages):
    return {entitlement.name: entitlement for page in pages[GROUPS] for entitlement in okta.decode(page).entitlements}


def an_org(*rules: dict, **more: object) -> dict:
    groups = [group(1, "Sales"), group(2, "Directory", "APP_GROUP"), group(3, "Admins", hasAdminPrivilege=True)]
    return {"users": [user(1, title="Chief"), user(2)], "groups": groups, "rules": list(rules), **more}


def test_a_group_that_a_rule_fills_is_read_only_and_says_which_rule(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta)
        found = groups_of(okta, pages)
        assert 'the group rule "Sellers", "Others"' in found["Sales"].read_only
        assert "directory" in found["Directory"].read_only
        assert found["Admins"].read_only == ""
        assert {name: each.type for name, each in found.items()} == {
            "Sales": "OKTA_GROUP",
            "Directory": "APP_GROUP",
            "Admins": "OKTA_GROUP",
            "Everyone": "BUILT_IN",
        }
        held = [row for page in pages[members(1)] for row in okta.decode(page).memberships]
        assert held == [(user_id(1), group_id(1), "")]
        assert not any(end.problem for end in ends.values())

    rules = [
        rule(1, "Sellers", "ACTIVE", 1, expression='user.title=="Chief"'),
        rule(2, "Others", "ACTIVE", 1),
        rule(3, "Off", "INACTIVE", 3),
    ]
    with org(an_org(*rules), tmp_path, page_size=1) as (_, tell):
        tell(story)


def test_a_group_says_which_application_it_comes_from_and_when_its_members_changed(tmp_path):
    async def story(okta):
        found = groups_of(okta, (await everything(okta))[0])
        facts = {name: json.loads(each.attributes) for name, each in found.items()}
        assert {name: each.get("source.id") for name, each in facts.items()} == {**dict.fromkeys(facts), "Directory": "0oa1"}
        assert facts["Sales"]["members.updated"] == OLD
        assert (facts["Directory"]["name"], facts["Directory"]["description"]) == ("Directory", None)

    seed = an_org()
    seed["groups"][0]["lastMembershipUpdated"] = OLD
    seed["groups"][1]["source"] = {"id": "0oa1"}
    with org(seed, tmp_path) as (_, tell):
        tell(story)


@pytest.mark.parametrize("source", ["text", 7, [], {}, {"id": None}, {"id": "a b"}, {"id": "x" * 101}])
def test_an_odd_source_of_a_group_says_nothing(source):
    body = json.dumps([{**group(1, "Sales"), "source": source}]).encode()
    (found,), odd = entitlements(RawPage(GROUPS, 1, body))
    assert (json.loads(found.attributes), odd) == ({"name": "Sales", "description": None}, [])


def test_a_group_that_gives_admin_rights_is_privileged(tmp_path):
    async def story(okta):
        found = groups_of(okta, (await everything(okta))[0])
        assert [name for name, entitlement in found.items() if entitlement.privileged] == ["Admins"]

    with org(an_org(), tmp_path) as (_, tell):
        tell(story)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.STATUS, path="/groups/rules", status=403, body='{"errorCode":"E0000006","errorSummary":"no permission"}'),
        Fault(FaultKind.BODY, path="/groups/rules", body='[{"status":"ACTIVE"}]'),
        Fault(FaultKind.BODY, path="/groups/rules", body="<html>"),
    ],
)
def test_without_the_rules_no_group_counts_as_free_of_one(tmp_path, fault):
    async def story(okta):
        pages, ends = await everything(okta)
        assert "no membership may be changed" in ends[GROUPS].problem
        assert [scope for scope, end in ends.items() if end.problem] == [GROUPS]
        assert pages[members(1)]

    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(fault)
        tell(story)


def test_an_org_without_the_feature_has_no_rules(tmp_path):
    async def story(okta):
        assert (await everything(okta))[1][GROUPS].problem == ""

    with org(an_org(), tmp_path) as (sandbox, tell):
        body = '{"errorCode":"E0000015","errorSummary":"You do not have permission to access the feature you are requesting"}'
        sandbox.add_fault(Fault(FaultKind.STATUS, path="/groups/rules", status=401, body=body))
        tell(story)


def test_everyone_is_listed_and_its_members_are_not(tmp_path):
    async def story(okta):
        pages, ends = await everything(okta)
        everyone = groups_of(okta, pages)["Everyone"]
        assert "built-in" in everyone.read_only
        assert Scope(ScopeKind.MEMBERS, everyone.id) not in ends

    with org(an_org(), tmp_path) as (_, tell):
        tell(story)


@pytest.mark.parametrize(("moved", "believed"), [(OLD, False), ("", True)], ids=["long ago", "just now"])
def test_an_empty_list_of_members_is_not_believed_where_okta_counts_some_and_nothing_changed(tmp_path, moved, believed):
    async def story(okta):
        end = (await everything(okta))[1][members(1)]
        assert (end.problem == "") is believed
        assert believed or "Okta counts 2" in end.problem

    held = {"groups": [group(1, "Sales", lastMembershipUpdated=moved)], "members": {group_id(1): [user_id(1), user_id(2)]}}
    with org({**an_org(), **held}, tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=f"/groups/{group_id(1)}/users", body="[]"))
        tell(story)


@pytest.mark.parametrize(
    "odd",
    [
        {"id": ".."},
        {"id": ""},
        {"type": "BUILT_IN", "profile": {}},
        {"type": "BUILT_IN", "profile": "Everyone"},
        {"profile": None},
        {"_rules": "all"},
        {"lastMembershipUpdated": 7},
        {"_embedded": {"stats": {"usersCount": "many"}}},
    ],
)
def test_an_odd_group_is_set_aside_and_the_others_are_read(tmp_path, odd):
    async def story(okta):
        pages, ends = await everything(okta)
        rows = okta.decode(pages[GROUPS][0])
        assert [entitlement.name for entitlement in rows.entitlements] == ["B"]
        assert len(rows.quarantined) == 1
        assert {scope for scope in ends if scope.kind is ScopeKind.MEMBERS} == {members(2)}

    body = json.dumps([{**group(1, "A"), **odd}, {**group(2, "B"), "_embedded": None, "lastMembershipUpdated": "lately"}])
    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=r"/groups\?", body=body))
        tell(story)
