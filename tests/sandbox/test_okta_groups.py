"""What the groups of a sandboxed Okta org keep to, and which of them refuse to be changed."""

import pytest

GROUPS = [
    {"profile": {"name": "Staff", "description": "all of us"}},
    {"profile": {"name": "Sales"}},
    {
        "type": "APP_GROUP",
        "objectClass": ["okta:windows_security_principal"],
        "profile": {"name": "Domain Users"},
        "source": {"id": "0oa1"},
    },
    {"type": "BUILT_IN", "profile": {"name": "Okta Administrators"}},
]


@pytest.fixture
def org(okta_org):
    people = [okta_org.person("ada"), okta_org.person("bob"), okta_org.person("old", "DEPROVISIONED")]
    members = {"Staff": ["ada@example.com", "old@example.com"], "Domain Users": ["ada@example.com"]}
    return okta_org(*people, seed={"groups": GROUPS, "members": members})


def error(answer):
    return answer.status_code, answer.json()["errorCode"]


def group_names(answer):
    return [group["profile"]["name"] for group in answer.json()]


def test_a_group_has_its_keys_in_order_and_a_null_description(org):
    group = org.get("groups", q="Sales").json()[0]
    assert list(group) == ["id", "created", "lastUpdated", "lastMembershipUpdated", "objectClass", "type", "profile", "_links"]
    assert group["profile"] == {"name": "Sales", "description": None}


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"q": "sA"}, ["Sales"]),
        ({"filter": 'type eq "BUILT_IN"'}, ["Okta Administrators", "Everyone"]),
        ({"filter": 'type eq "APP_GROUP"'}, ["Domain Users"]),
        ({"filter": 'lastMembershipUpdated gt "2100-01-01T00:00:00.000Z"'}, []),
        ({"search": 'profile.name sw "s" and type eq "OKTA_GROUP"'}, ["Staff", "Sales"]),
        ({"search": 'profile.description co "OF us"'}, ["Staff"]),
        ({"search": 'source.id eq "0oa1"'}, ["Domain Users"]),
    ],
)
def test_groups_are_selected(org, params, names):
    assert group_names(org.get("groups", **params)) == names


def test_groups_page(org):
    first = org.get("groups", limit=4)
    assert len(first.json()) == 4
    rest = org.client.get(first.links["next"]["url"])
    assert group_names(rest) == ["Everyone"]
    assert "next" not in rest.links
    assert "limit=10000" in org.get("groups").headers["link"]


def test_stats_count_members_and_apps(org):
    org.call("PUT", f"groups/{org.group_id('Sales')}/users/{org.user('ada')['id']}")
    counts = {group["profile"]["name"]: group["_embedded"]["stats"]["usersCount"] for group in org.get("groups", expand="stats").json()}
    assert counts == {"Staff": 2, "Sales": 1, "Domain Users": 1, "Okta Administrators": 0, "Everyone": 3}


def test_members_are_full_users_and_include_the_deactivated(org):
    assert org.names(org.get(f"groups/{org.group_id('Staff')}/users")) == ["ada", "old"]
    assert org.walk(f"groups/{org.group_id('Staff')}/users", limit=1) == [["ada"], ["old"]]
    assert org.names(org.get(f"groups/{org.group_id('Everyone')}/users")) == ["ada", "bob", "old"]


def test_a_membership_moves_the_groups_membership_time_and_nothing_else(org):
    group_id, user = org.group_id("Sales"), org.user("bob")
    before = org.get(f"groups/{group_id}").json()
    org.clock.forward(5)
    path = f"groups/{group_id}/users/{user['id']}"
    assert org.call("PUT", path).status_code == 204
    after = org.get(f"groups/{group_id}").json()
    assert after["lastMembershipUpdated"] > before["lastMembershipUpdated"]
    assert after["lastUpdated"] == before["lastUpdated"]
    assert org.user("bob")["lastUpdated"] == user["lastUpdated"]
    assert group_names(org.get(f"users/{user['id']}/groups")) == ["Everyone", "Sales"]
    org.clock.forward(5)
    assert org.call("PUT", path).status_code == 204
    assert org.get(f"groups/{group_id}").json() == after
    assert org.call("DELETE", path).status_code == 204
    assert org.call("DELETE", path).status_code == 204
    assert org.names(org.get(f"groups/{group_id}/users")) == []


def test_a_profile_change_moves_the_groups_own_time_only(org):
    path = f"groups/{org.group_id('Sales')}"
    before = org.get(path).json()
    org.clock.forward(5)
    after = org.call("PUT", path, json={"profile": {"name": "Sales EU"}}).json()
    assert after["lastUpdated"] > before["lastUpdated"]
    assert after["lastMembershipUpdated"] == before["lastMembershipUpdated"]


def test_everyone_and_app_groups_refuse_changes(org):
    ada = org.user("ada")["id"]
    everyone, app_group, built_in = (org.group_id(name) for name in ("Everyone", "Domain", "Okta Admin"))
    assert error(org.call("PUT", f"groups/{everyone}/users/{ada}")) == (501, "E0000060")
    assert error(org.call("DELETE", f"groups/{everyone}/users/{ada}")) == (403, "E0000006")
    assert error(org.call("DELETE", f"groups/{app_group}/users/{ada}")) == (403, "E0000006")
    assert error(org.call("PUT", f"groups/{app_group}", json={"profile": {"name": "x"}})) == (403, "E0000006")
    assert error(org.call("DELETE", f"groups/{built_in}")) == (403, "E0000006")
    assert org.call("DELETE", f"groups/{app_group}").status_code == 204
    assert group_names(org.get(f"users/{ada}/groups")) == ["Everyone", "Staff"]


def test_the_deactivated_can_be_removed_but_not_added(org):
    old = org.user("old")["id"]
    assert error(org.call("PUT", f"groups/{org.group_id('Sales')}/users/{old}")) == (403, "E0000038")
    assert org.call("DELETE", f"groups/{org.group_id('Staff')}/users/{old}").status_code == 204


@pytest.mark.parametrize(("setting", "wanted"), [(400, (400, "E0000001")), (409, (409, "E0000055"))])
def test_a_name_is_taken_only_by_the_orgs_own_groups(okta_org, setting, wanted):
    org = okta_org(seed={"groups": GROUPS}, duplicate_group_status=setting)
    assert error(org.post("groups", {"profile": {"name": "Sales"}})) == wanted
    assert org.post("groups", {"profile": {"name": "Domain Users"}}).status_code == 200


def test_a_group_can_be_created_and_deleted(org):
    created = org.post("groups", {"profile": {"name": "New", "description": "d"}})
    assert (created.status_code, created.json()["type"]) == (200, "OKTA_GROUP")
    path = f"groups/{created.json()['id']}"
    org.call("PUT", f"{path}/users/{org.user('bob')['id']}")
    assert org.call("DELETE", path).status_code == 204
    missing = org.get(path)
    assert missing.json()["errorSummary"] == f"Not found: Resource not found: {created.json()['id']} (UserGroup)"
    assert group_names(org.get(f"users/{org.user('bob')['id']}/groups")) == ["Everyone"]
    for name in ("", "x" * 256):
        assert error(org.post("groups", {"profile": {"name": name}})) == (400, "E0000001")


def test_the_member_list_may_lag(okta_org):
    org = okta_org(
        okta_org.person("ada"),
        okta_org.person("bob"),
        seed={"groups": GROUPS[:1], "members": {"Staff": ["ada@example.com"]}},
        membership_lag=10,
    )
    path = f"groups/{org.group_id('Staff')}/users"
    org.call("PUT", f"{path}/{org.user('bob')['id']}")
    org.call("DELETE", f"{path}/{org.user('ada')['id']}")
    assert org.names(org.get(path)) == ["ada"]
    org.clock.forward(10)
    assert org.names(org.get(path)) == ["bob"]
