"""What creating, changing, finding and deleting users of a sandboxed Okta org keeps to."""

import re

import pytest

PROFILE = {"firstName": "Ada", "lastName": "Byron", "login": "ada@example.com", "email": "ada@example.com"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z")


def causes(answer):
    return [cause["errorSummary"] for cause in answer.json()["errorCauses"]]


@pytest.mark.parametrize(
    ("query", "password", "status"),
    [
        ("?activate=false", False, "STAGED"),
        ("?activate=false", True, "STAGED"),
        ("", False, "PROVISIONED"),
        ("", True, "ACTIVE"),
        ("?activate=true&nextLogin=changePassword", True, "PASSWORD_EXPIRED"),
    ],
)
def test_the_status_of_a_new_user_follows_from_activation_and_password(okta_org, query, password, status):
    body = {"profile": PROFILE, **({"credentials": {"password": {"value": "s3cret-word"}}} if password else {})}
    created = okta_org().post(f"users{query}", body)
    assert created.status_code == 200
    assert created.json()["status"] == status
    assert ("password" in created.json()["credentials"]) is password


def test_a_provider_counts_only_where_it_is_asked_for(okta_org):
    org = okta_org()
    credentials = {"provider": {"type": "FEDERATION", "name": "FEDERATION"}}
    ignored = org.post("users", {"profile": PROFILE, "credentials": credentials}).json()
    assert (ignored["status"], ignored["credentials"]["provider"]["type"]) == ("PROVISIONED", "OKTA")
    other = {**PROFILE, "login": "b@example.com"}
    taken = org.post("users?provider=true", {"profile": other, "credentials": credentials}).json()
    assert (taken["status"], taken["credentials"]["provider"]["type"]) == ("ACTIVE", "FEDERATION")


def test_keys_come_in_oktas_order_and_times_in_whole_seconds(okta_org):
    org = okta_org(okta_org.person("ada"))
    org.clock.forward(0.7)
    user = org.post(f"users/{org.user('ada')['id']}", {"profile": {"title": "Countess"}}).json()
    assert list(user) == [
        "id", "status", "created", "activated", "statusChanged", "lastLogin", "lastUpdated", "passwordChanged", "type", "profile",
        "credentials", "_links",
    ]  # fmt: skip
    assert all(TIME.fullmatch(user[key]) for key in ("created", "activated", "statusChanged", "lastUpdated"))


def test_only_two_optional_attributes_are_listed_when_unset(okta_org):
    user = okta_org().post("users", {"profile": {**PROFILE, "title": None}}).json()
    assert user["profile"] == {**PROFILE, "mobilePhone": None, "secondEmail": None}


def test_post_merges_and_null_removes_while_the_empty_string_stays(okta_org):
    org = okta_org(okta_org.person("ada", title="Countess", city="London", state="x"))
    org.clock.forward(5)
    changed = org.post(f"users/{org.user('ada')['id']}", {"profile": {"title": None, "city": ""}}).json()
    assert "title" not in changed["profile"]
    assert (changed["profile"]["city"], changed["profile"]["state"]) == ("", "x")
    assert changed["lastUpdated"] > changed["created"]


def test_put_replaces_the_profile_unless_only_credentials_are_sent(okta_org):
    org = okta_org(okta_org.person("ada", title="Countess", city="London"))
    user_id = org.user("ada")["id"]
    kept = org.call("PUT", f"users/{user_id}", json={"credentials": {"password": {"value": "s3cret-word"}}}).json()
    assert kept["profile"]["city"] == "London"
    replaced = org.call("PUT", f"users/{user_id}", json={"profile": PROFILE}).json()
    assert not {"title", "city"} & set(replaced["profile"])


def test_one_unknown_attribute_refuses_the_whole_write(okta_org):
    org = okta_org(okta_org.person("bob"))
    created = org.post("users", {"profile": {**PROFILE, "shoeSize": "44"}})
    assert (created.status_code, created.json()["errorSummary"]) == (400, "Api validation failed: newUser")
    assert causes(created) == ["Property name 'shoeSize' is not defined in profile"]
    updated = org.post(f"users/{org.user('bob')['id']}", {"profile": {"title": "x", "shoeSize": "44"}})
    assert (updated.status_code, causes(updated)) == (400, ["Property name 'shoeSize' is not defined in profile"])
    assert "title" not in org.user("bob")["profile"]


@pytest.mark.parametrize(
    ("attributes", "cause"),
    [
        ({"login": "no-address"}, "login: Username must be in the form of an email address"),
        ({"email": "no-address"}, "email: Does not match required pattern"),
        ({"firstName": None}, "firstName: The field cannot be left blank"),
        ({"lastName": "x" * 51}, "lastName: Does not match required pattern"),
        ({"countryCode": "GER"}, "countryCode: Does not match required pattern"),
        ({"streetAddress": "x" * 1025}, "streetAddress: Does not match required pattern"),
        ({"title": "Countess \N{CROWN}"}, "title: Does not match required pattern"),
        ({"title": 7}, "title: The value is not of type string"),
    ],
)
def test_a_malformed_value_is_refused_with_its_field(okta_org, attributes, cause):
    answer = okta_org().post("users", {"profile": {**PROFILE, **attributes}})
    assert (answer.status_code, causes(answer)) == (400, [cause])
    assert answer.json()["errorSummary"] == f"Api validation failed: {cause.partition(':')[0]}"


@pytest.mark.parametrize("login", ["rene@example.com", "RENE@EXAMPLE.COM", "r\u00e9n\u00e9@example.com"])
def test_a_login_is_taken_whatever_its_case_and_diacritics(okta_org, login):
    org = okta_org(okta_org.person("rene"))
    answer = org.post("users", {"profile": {**PROFILE, "login": login}})
    assert answer.status_code == 400
    assert causes(answer) == ["login: An object with this field already exists in the current organization"]


def test_an_address_may_be_shared(okta_org):
    org = okta_org(okta_org.person("rene", email="team@example.com"))
    assert org.post("users", {"profile": {**PROFILE, "email": "team@example.com"}}).status_code == 200


def test_a_user_is_found_by_id_login_or_unambiguous_short_name(okta_org):
    people = [okta_org.person("ada"), okta_org.person("eve"), okta_org.person("eve2", login="eve@other.example")]
    org = okta_org(*people)
    ada = org.user("ada")
    assert org.get(f"users/{ada['id']}").json() == org.get("users/ADA@example.com").json() == org.get("users/ada").json()
    missing = org.get("users/eve")
    assert (missing.status_code, missing.json()["errorSummary"]) == (404, "Not found: Resource not found: eve (User)")


def test_a_changed_login_frees_the_old_one(okta_org):
    org = okta_org(okta_org.person("ada"))
    org.post(f"users/{org.user('ada')['id']}", {"profile": {"login": "lovelace@example.com"}})
    assert org.get("users/ada@example.com").status_code == 404
    assert org.post("users", {"profile": PROFILE}).status_code == 200


def test_delete_answers_204_twice_and_only_the_second_deletes(okta_org):
    org = okta_org(okta_org.person("ada"))
    path = f"users/{org.user('ada')['id']}"
    assert org.call("DELETE", path).status_code == 204
    assert org.get(path).json()["status"] == "DEPROVISIONED"
    assert org.call("DELETE", path).status_code == 204
    assert org.get(path).status_code == 404
    assert org.call("DELETE", path).json()["errorCode"] == "E0000007"


def test_the_etag_is_on_a_single_get_and_covers_profile_and_type_only(okta_org):
    types = [{"id": "oty00000000000000001", "default": True}, {"id": "oty00000000000000002", "name": "contractor"}]
    org = okta_org(okta_org.person("ada"), seed={"types": types})
    path = f"users/{org.user('ada')['id']}"

    def tag():
        return org.get(path).headers["etag"]

    first = tag()
    org.clock.forward(5)
    assert "etag" not in org.post(f"{path}/lifecycle/suspend").headers
    assert tag() == first
    assert "etag" not in org.get("users").headers
    assert "etag" not in org.post(path, {"profile": {"title": "x"}}).headers
    second = tag()
    assert second != first
    org.call("PUT", path, json={"type": {"id": "oty00000000000000002"}})
    assert tag() != second


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_if_match_of_another_state_is_refused_with_412(okta_org, method):
    org = okta_org(okta_org.person("ada"))
    path = f"users/{org.user('ada')['id']}"
    tag = org.get(path).headers["etag"]
    body = {"profile": {**PROFILE, "title": "x"}}
    assert org.call(method, path, json=body, headers={"If-Match": 'W/"other"'}).status_code == 412
    assert "title" not in org.user("ada")["profile"]
    assert org.call(method, path, json=body, headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(("edits", "status"), [(False, 404), (True, 200)])
def test_a_deactivated_profile_changes_only_where_the_org_allows_it(okta_org, edits, status):
    org = okta_org(okta_org.person("ada", "DEPROVISIONED"), edits_deactivated=edits)
    assert org.post(f"users/{org.user('ada')['id']}", {"profile": {"title": "x"}}).status_code == status


def test_a_new_user_may_start_in_groups(okta_org):
    org = okta_org(seed={"groups": [{"profile": {"name": "Staff"}}]})
    created = org.post("users", {"profile": PROFILE, "groupIds": [org.group_id("Staff")]}).json()
    assert [group["profile"]["name"] for group in org.get(f"users/{created['id']}/groups").json()] == ["Everyone", "Staff"]


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        (["00g0000000000000none"], 404, "E0000007"),
        (["Everyone"], 501, "E0000060"),
        (["Imported"], 403, "E0000006"),
        ([f"Team {number}" for number in range(21)], 400, "E0000001"),
        ("Staff", 400, "E0000003"),
    ],
)
def test_no_user_is_created_where_a_group_is_refused(okta_org, wanted, status, code):
    groups = [{"profile": {"name": f"Team {number}"}} for number in range(21)]
    org = okta_org(seed={"groups": [*groups, {"type": "APP_GROUP", "profile": {"name": "Imported"}}]})
    known = {group["profile"]["name"]: group["id"] for group in org.get("groups").json()}
    ids = [known.get(each, each) for each in wanted] if isinstance(wanted, list) else wanted
    answer = org.post("users", {"profile": PROFILE, "groupIds": ids})
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert org.get("users").json() == []
    if status == 400 and isinstance(wanted, list):
        assert org.post("users", {"profile": PROFILE, "groupIds": ids[:20]}).status_code == 200


def test_a_body_that_is_no_json_object_is_refused(okta_org):
    org = okta_org()
    for content in (b"{", b"[]", b'{"profile": []'):
        answer = org.call("POST", "users", content=content)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000003")


def test_custom_attributes_can_be_added_used_and_removed_without_moving_a_time(okta_org):
    org = okta_org(okta_org.person("ada"))
    schema, path = "meta/schemas/user/default", f"users/{org.user('ada')['id']}"
    new = {
        "badge": {"title": "Badge", "type": "string", "unique": "UNIQUE_VALIDATED"},
        "grades": {"type": "array", "items": {"type": "string"}},
    }
    org.post(schema, {"definitions": {"custom": {"properties": new}}})
    definitions = org.get(schema).json()["definitions"]
    assert (len(definitions["base"]["properties"]), set(definitions["custom"]["properties"])) == (31, {"badge", "grades"})
    written = org.post(path, {"profile": {"badge": "b-1", "grades": ["a"]}}).json()
    refused = org.post("users", {"profile": {**PROFILE, "login": "b@example.com", "badge": "b-1"}})
    assert causes(refused) == ["badge: An object with this field already exists in the current organization"]
    assert org.get("users").json()[0]["profile"]["badge"] == "b-1"
    tag = org.get(path).headers["etag"]
    org.clock.forward(60)
    org.post(schema, {"definitions": {"custom": {"properties": {"badge": None}}}})
    left = org.get(path)
    assert left.json()["profile"]["grades"] == ["a"]
    assert "badge" not in left.json()["profile"]
    assert "badge" not in org.get("users").json()[0]["profile"]
    assert (left.json()["lastUpdated"], left.headers["etag"] != tag) == (written["lastUpdated"], True)
