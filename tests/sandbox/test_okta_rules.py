"""What the group rules of a sandboxed Okta org keep to, and whom they put into their groups."""

import pytest


@pytest.fixture
def org(okta_org):
    people = [
        okta_org.person("ada", department="Sales"),
        okta_org.person("bob", department="IT"),
        okta_org.person("cyd", "STAGED", department="Sales"),
    ]
    groups = [{"profile": {"name": "Sales"}}, {"profile": {"name": "Directory"}, "type": "APP_GROUP"}]
    return okta_org(*people, seed={"groups": groups}, rule_seconds=15)


def draft(org, expression='user.department=="Sales"', name="Sellers", group="Sales"):
    return {
        "type": "group_rule",
        "name": name,
        "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}},
        "actions": {"assignUserToGroups": {"groupIds": [org.group_id(group)]}},
    }


def activated(org, **parts):
    rule = org.post("groups/rules", draft(org, **parts)).json()
    assert org.post(f"groups/rules/{rule['id']}/lifecycle/activate").status_code == 204
    return rule["id"]


def members(org):
    return org.names(org.get(f"groups/{org.group_id('Sales')}/users"))


def test_new_rule_is_inactive_and_adds_no_member(org):
    rule = org.post("groups/rules", draft(org)).json()
    assert (rule["status"], list(rule)) == ("INACTIVE", ["type", "id", "status", "name", "created", "lastUpdated", "conditions", "actions"])
    org.clock.forward(60)
    assert members(org) == []
    assert org.get(f"groups/rules/{rule['id']}").json() == rule
    assert org.get("groups/rules/0pr0").status_code == 404


def test_an_active_rule_fills_its_group_after_a_while_and_moves_the_membership_time(org):
    before = org.get(f"groups/{org.group_id('Sales')}").json()
    activated(org)
    assert members(org) == []
    org.clock.forward(15)
    assert members(org) == ["ada", "cyd"]
    after = org.get(f"groups/{org.group_id('Sales')}").json()
    assert after["lastMembershipUpdated"] > before["lastMembershipUpdated"]
    assert after["lastUpdated"] == before["lastUpdated"]


def test_members_come_and_go_with_the_attribute(org):
    activated(org)
    org.clock.forward(15)
    org.post("users/bob@example.com", {"profile": {"department": "Sales"}})
    org.post("users/ada@example.com", {"profile": {"department": "IT"}})
    org.post(
        "users",
        {"profile": {"login": "dee@example.com", "email": "dee@example.com", "firstName": "D", "lastName": "E", "department": "Sales"}},
    )
    org.clock.forward(15)
    assert sorted(members(org)) == ["bob", "cyd", "dee"]
    org.post("users/ada@example.com", {"profile": {"department": "Sales"}})
    org.clock.forward(15)
    assert "ada" in members(org)


def test_the_deactivated_stay(org):
    activated(org)
    org.clock.forward(15)
    org.post("users/ada@example.com/lifecycle/deactivate")
    org.clock.forward(15)
    assert "ada" in members(org)


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_a_member_that_is_touched_by_hand_is_excluded_from_the_rule_for_good(org, method):
    rule = activated(org)
    org.clock.forward(15)
    ada = org.user("ada")["id"]
    assert org.call(method, f"groups/{org.group_id('Sales')}/users/{ada}").status_code == 204
    assert org.get(f"groups/rules/{rule}").json()["conditions"]["people"]["users"]["exclude"] == [ada]
    for department in ("IT", "Sales"):
        org.post("users/ada@example.com", {"profile": {"department": department}})
        org.clock.forward(15)
        assert ("ada" in members(org)) is (method == "PUT")
    event = org.get("logs", filter='eventType eq "group.user_membership.rule.add_exclusion"').json()[0]
    assert [target["id"] for target in event["target"]] == [rule, ada, org.group_id("Sales")]


def test_a_member_of_ones_own_outlives_the_rule(org):
    org.call("PUT", f"groups/{org.group_id('Sales')}/users/{org.user('ada')['id']}")
    activated(org)
    org.clock.forward(15)
    org.post("users/ada@example.com", {"profile": {"department": "IT"}})
    org.clock.forward(15)
    assert members(org) == ["ada", "cyd"]


def test_only_an_inactive_rule_is_changed_and_never_its_groups(org):
    rule = activated(org)
    org.clock.forward(15)
    path = f"groups/rules/{rule}"
    changed = draft(org, 'user.department=="IT"', "Others")
    assert org.call("PUT", path, json=changed).status_code == 400
    assert org.post(f"{path}/lifecycle/deactivate").status_code == 204
    assert members(org) == ["ada", "cyd"]
    answer = org.call("PUT", path, json={**changed, "actions": {"assignUserToGroups": {"groupIds": []}}}).json()
    assert (answer["name"], answer["actions"]) == ("Others", draft(org)["actions"])
    org.post(f"{path}/lifecycle/activate")
    org.clock.forward(15)
    assert members(org) == ["bob"]


@pytest.mark.parametrize(("query", "left"), [("", ["ada", "cyd"]), ("?removeUsers=true", [])])
def test_a_deleted_rule_leaves_its_members_unless_told(org, query, left):
    rule = activated(org)
    org.clock.forward(15)
    answer = org.call("DELETE", f"groups/rules/{rule}{query}")
    assert (answer.status_code, answer.json()) == (202, {})
    assert members(org) == left
    assert org.get("groups/rules").json() == []


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('user.department != "Sales"', ["bob"]),
        ('user.department=="Sales" and !(user.firstName == "Ada")', ["cyd"]),
        ("user.firstName=='Ada' || user.firstName=='Bob'", ["ada", "bob"]),
        ('String.startsWith(user.department, "Sal") AND user.title == null', ["ada", "cyd"]),
        ('String.stringContains(user.login, "bob@")', ["bob"]),
        ('isMemberOfAnyGroup("00g0")', []),
        ("true", ["ada", "bob", "cyd"]),
    ],
)
def test_an_expression_selects_users(org, expression, names):
    activated(org, expression=expression)
    org.clock.forward(15)
    assert members(org) == names


@pytest.mark.parametrize(
    "parts",
    [
        {"expression": ""},
        {"expression": "user.department =="},
        {"expression": 'user.department == "Sales'},
        {"expression": "today() == 1"},
        {"expression": 'user.x == "a" user.y'},
        {"expression": 'String.startsWith("a")'},
        {"name": ""},
        {"name": "x" * 51},
        {"group": "Directory"},
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(org, parts):
    answer = org.post("groups/rules", draft(org, **parts))
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")


def test_a_rule_without_groups_is_refused(org):
    assert org.post("groups/rules", {**draft(org), "actions": {}}).status_code == 400


def test_seeded_rules_are_listed_and_carried_out(okta_org):
    seed = {"groups": [{"id": "00g00000000000000001", "profile": {"name": "Staff"}}]}
    parts = {"status": "ACTIVE", "actions": {"assignUserToGroups": {"groupIds": ["00g00000000000000001"]}}}
    rules = [{"name": f"rule {n}", **parts} for n in range(2)]
    rules[1]["conditions"] = {"expression": {"value": 'user.title=="Chief"'}}
    org = okta_org(okta_org.person("ada", title="Chief"), okta_org.person("bob"), seed={**seed, "rules": rules})
    first = org.get("groups/rules", limit=1)
    rest = org.client.get(first.links["next"]["url"])
    assert [rule["name"] for rule in first.json() + rest.json()] == ["rule 0", "rule 1"]
    assert org.names(org.get("groups/00g00000000000000001/users")) == ["ada"]
    again = okta_org(seed=org.sandbox.app.state())
    again.post("users/ada@example.com", {"profile": {"title": "None"}})
    assert again.names(again.get("groups/00g00000000000000001/users")) == []


def test_a_seeded_rule_that_cannot_be_read_is_refused(okta_org):
    with pytest.raises(ValueError, match="does not fit together"):
        okta_org(seed={"rules": [{"name": "odd", "status": "ACTIVE", "conditions": {"expression": {"value": "=="}}}]})
