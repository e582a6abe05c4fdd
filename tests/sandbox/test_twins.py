"""A twin shows the connector the rows that it was seeded from."""

import asyncio
import json
from datetime import date

import pytest

from connectors.contract import AccountState, Entitlement, EntitlementKind, Membership, RawPage, Record
from connectors.declaration import DeclaredAttribute
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.company import company, okta_seed, scim_seed
from connectors.sandbox.dialects.application import DialectSandbox
from connectors.sandbox.dialects.habits import Habits
from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from connectors.sandbox.twins.okta import okta_twin
from connectors.sandbox.twins.scim import scim_twin, user_of
from connectors.sandbox.twins.snapshot import CannotHold, TwinSnapshot
from connectors.scim.connector import Scim
from connectors.scim.dialect import Dialect
from connectors.scim.settings import ScimSettings

STAFF = company(64, 7, date(2026, 3, 2))
TOKEN = "a token of its own"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

ODD_USERS = [
    {"id": "1", "userName": "typed", "emails": [{"value": "w@x.example", "type": "work"}, {"value": "h@x.example", "type": "home"}]},
    {"id": "2", "userName": "untyped", "emails": [{"value": "only@x.example"}]},
    {"id": "3", "userName": "several", "emails": [{"value": "b@x.example", "type": "work"}, {"value": "a@x.example", "type": "work"}]},
    {"id": "4", "userName": "marked", "phoneNumbers": [{"value": "+49 1", "primary": True}, {"value": "+49 2"}]},
    {"id": "5", "userName": "nobody says", "name": {"givenName": "Zoë", "formatted": None}, "nickName": ""},
    {"id": "6", "userName": "extended", ENTERPRISE: {"department": "Red", "manager": {"value": "1"}}, "urn:acme:User": {"badge": 7}},
    {"id": "7", "userName": "gone", "active": False, "addresses": [{"type": "work", "locality": "Łódź", "postalCode": "1"}]},
    {"id": "8", "userName": "listed", "entitlements": [{"value": "p"}], "roles": [{"value": "r", "primary": True}]},
]
ODD_GROUPS = [
    {"id": "g", "displayName": "outer", "members": [{"value": "1"}, {"value": "h", "type": "Group"}], "externalId": "7"},
    {"id": "h", "displayName": "inner", "members": [{"value": "2"}]},
    {"id": "i", "displayName": "empty"},
]


async def _read(source):
    """What a connector reads of a system, as a snapshot."""
    found = ([], [], [])
    try:
        async for item in source.pages():
            if isinstance(item, RawPage):
                rows = source.decode(item)
                assert not rows.quarantined
                for held, came in zip(found, (rows.records, rows.entitlements, rows.memberships), strict=True):
                    held.extend(came)
            else:
                assert not item.problem
        declared = await source.declared_attributes() if hasattr(source, "declared_attributes") else {}
    finally:
        await source.close()
    return TwinSnapshot(accounts=found[0], entitlements=found[1], memberships=found[2], declared=declared)


def _rows(snapshot):
    """The rows without the versions and positions of an answer, which are no facts about them."""
    accounts = {each.id: (each.state, each.status, each.values()) for each in snapshot.accounts}
    groups = {each.id: (each.kind, each.name, each.read_only, each.privileged, each.type) for each in snapshot.entitlements}
    return accounts, groups, {tuple(each) for each in snapshot.memberships}


def _okta(app, folder, *, apps=True):
    (folder / "token").write_text(app.settings.tokens[0], encoding="utf-8")
    with running(app) as server:
        settings = OktaSettings.model_validate({"url": server.url, "token": f"file:{folder / 'token'}", "apps": apps})
        return asyncio.run(_read(Okta("okta", settings, folder)))


def _scim(app, folder, **settings):
    (folder / "token").write_text(app.gate.token, encoding="utf-8")
    with running(app) as server:
        checked = ScimSettings.model_validate({"url": f"{server.url}{BASE_PATH}", "token": f"file:{folder / 'token'}", **settings})
        return asyncio.run(_read(Scim("wiki", checked, folder)))


def test_the_twin_of_an_org_shows_its_users_groups_apps_and_who_is_in_them(tmp_path):
    seed = okta_seed(STAFF)
    users = [user["profile"]["login"] for user in seed["users"]]
    seed["apps"] = [
        {"label": "Mail", "users": {users[0]: {}}, "groups": {"managers": {}}},
        {"label": "Off", "status": "INACTIVE", "features": [], "signOnMode": "SAML_2_0"},
    ]
    seed["groups"].append({"id": "imported", "type": "APP_GROUP", "profile": {"name": "from AD"}, "source": {"id": "0oa1"}})
    seed["groups"].append({"id": "ruled", "profile": {"name": "by rule"}, "hasAdminPrivilege": True})
    seed["rules"] = [
        {
            "name": "all of Sales",
            "status": "ACTIVE",
            "conditions": {"expression": {"value": 'user.department=="Sales"', "type": "urn:okta:expression:1.0"}},
            "actions": {"assignUserToGroups": {"groupIds": ["ruled"]}},
        }
    ]
    seed["members"]["imported"] = users[1:3]
    real = _okta(OktaSandbox(seed), tmp_path)
    assert {each.type for each in real.entitlements} >= {"APP_GROUP", "BUILT_IN", "OKTA_GROUP"}
    assert any(each.read_only.startswith("its members come from the group rule") for each in real.entitlements)
    assert {each.via for each in real.memberships} == {"", "a group"}
    twin = okta_twin(real, TOKEN, None)
    assert twin.settings.tokens == (TOKEN,)
    shown = _okta(twin, tmp_path)
    assert _rows(shown) == _rows(real)
    assert shown.declared == real.declared


def test_a_twin_takes_attributes_that_no_schema_declared(tmp_path):
    real = _okta(OktaSandbox(okta_seed(STAFF)), tmp_path)
    unread = TwinSnapshot(accounts=real.accounts, entitlements=real.entitlements, memberships=real.memberships, declared={})
    assert _rows(_okta(okta_twin(unread, TOKEN, None), tmp_path)) == _rows(real)


def test_a_rate_is_what_the_twin_states_to_its_token():
    twin = okta_twin(TwinSnapshot(accounts=[], entitlements=[], memberships=[], declared={}), TOKEN, 30)
    assert {twin._rates._limit(bucket) for bucket in twin.settings.limits} == {30}


def test_an_org_that_no_sandbox_can_hold_is_refused_with_the_reason():
    nameless = Record("1", AccountState.ACTIVE, "ACTIVE", "{}")
    with pytest.raises(CannotHold, match="login"):
        okta_twin(TwinSnapshot(accounts=[nameless], entitlements=[], memberships=[], declared={}), TOKEN, None)


def test_the_twin_of_an_application_shows_its_users_groups_and_members(tmp_path):
    real = _scim(ScimSandbox(scim_seed(STAFF)), tmp_path)
    assert len(real.memberships) > 20
    twin = scim_twin(real, TOKEN, "generic-rfc", Dialect())
    assert isinstance(twin, ScimSandbox)
    assert _rows(_scim(twin, tmp_path)) == _rows(real)


def test_a_twin_shows_odd_users_and_groups_inside_groups_as_they_are(tmp_path):
    real = _scim(DialectSandbox(Habits(), {"users": ODD_USERS, "groups": ODD_GROUPS}), tmp_path)
    assert len(real.accounts) == len(ODD_USERS)
    assert ("2", "g", "inner") in {tuple(each) for each in real.memberships}
    shown = _scim(scim_twin(real, TOKEN, "drops-new-members", Dialect()), tmp_path)
    assert _rows(shown) == _rows(real)


def test_an_entry_with_two_names_is_one_and_the_first_of_work_is_primary():
    emails = [
        ({"emails.primary": "a@x.example", "emails.work": "a@x.example"}, [{"value": "a@x.example", "primary": True}]),
        ({"emails.work": "a@x.example"}, [{"value": "a@x.example", "type": "work", "primary": True}]),
    ]
    for attributes, entries in emails:
        assert user_of(Record("1", AccountState.ACTIVE, "", json.dumps(attributes)))["emails"] == entries


@pytest.mark.parametrize("name", ["slack", "aws-iam-identity-center", "salesforce"])
def test_the_twin_of_a_product_has_its_habits(tmp_path, name):
    group = Entitlement("g", EntitlementKind.GROUP, "crew")
    user = Record("1", AccountState.ACTIVE, "", '{"userName":"ann","emails.work":"ann@x.example"}')
    rows = TwinSnapshot(accounts=[user], entitlements=[group], memberships=[Membership("1", "g")], declared={"title": DeclaredAttribute()})
    twin = scim_twin(rows, TOKEN, name, Dialect())
    assert isinstance(twin, DialectSandbox)
    shown = _scim(twin, tmp_path, dialect=name)
    assert _rows(shown)[0]["1"][2]["userName"] == "ann"
    assert {tuple(each)[:2] for each in shown.memberships} == {("1", "g")}
