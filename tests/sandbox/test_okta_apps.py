"""What app assignments in a sandboxed Okta org keep to: direct ones and those through a group."""

import pytest


@pytest.fixture
def org(okta_org):
    seed = {
        "groups": [{"profile": {"name": "Staff"}}],
        "members": {"Staff": ["ada@example.com", "bob@example.com"]},
        "apps": [
            {"label": "Wiki", "users": {"ada@example.com": {"userName": "ada"}}, "groups": {"Staff": {"priority": 2}}},
            {"label": "Payroll"},
        ],
    }
    return okta_org(okta_org.person("ada"), okta_org.person("bob"), okta_org.person("cyd"), seed=seed)


@pytest.fixture
def wiki(org):
    return f"apps/{org.get('apps', q='wi').json()[0]['id']}"


def error(answer):
    return answer.status_code, answer.json()["errorCode"]


def test_apps_page(org):
    first = org.get("apps", limit=1)
    rest = org.client.get(first.links["next"]["url"])
    assert [app["label"] for app in first.json() + rest.json()] == ["Wiki", "Payroll"]
    assert org.get(f"apps/{first.json()[0]['id']}").json() == first.json()[0]
    assert org.get("apps/0oa0").json()["errorSummary"] == "Not found: Resource not found: 0oa0 (AppInstance)"


def test_users_are_assigned_directly_or_through_a_group(org, wiki):
    listed = org.get(f"{wiki}/users").json()
    assert [(user["credentials"]["userName"], user["scope"]) for user in listed] == [("ada", "USER"), ("bob@example.com", "GROUP")]
    assert org.get(f"{wiki}/users", limit=1).links["next"]
    embedded = org.get(f"{wiki}/users", expand="user").json()[0]["_embedded"]["user"]
    assert embedded["profile"]["login"] == "ada@example.com"


def test_a_direct_assignment_is_made_changed_and_taken_away(org, wiki):
    cyd = org.user("cyd")["id"]
    made = org.post(f"{wiki}/users", {"id": cyd, "scope": "USER", "profile": {"role": "reader"}}).json()
    assert (made["scope"], made["credentials"]["userName"], made["profile"]) == ("USER", "cyd@example.com", {"role": "reader"})
    assert error(org.post(f"{wiki}/users", {"id": cyd})) == (409, "E0000062")
    changed = org.post(f"{wiki}/users/{cyd}", {"profile": {"role": "writer"}, "credentials": {"userName": "cyd"}}).json()
    assert (changed["credentials"]["userName"], changed["profile"]) == ("cyd", {"role": "writer"})
    assert org.call("DELETE", f"{wiki}/users/{cyd}").status_code == 204
    assert org.get(f"{wiki}/users/{cyd}").json()["errorSummary"].endswith("(AppUser)")
    assert error(org.call("DELETE", f"{wiki}/users/{cyd}")) == (404, "E0000007")


def test_an_assignment_through_a_group_cannot_be_taken_away(org, wiki):
    answer = org.call("DELETE", f"{wiki}/users/{org.user('bob')['id']}")
    assert error(answer) == (403, "E0000046")
    assert "group" in answer.json()["errorCauses"][0]["errorSummary"]


def test_a_group_assignment_is_made_and_taken_away(org, wiki):
    staff = org.group_id("Staff")
    assert org.get(f"{wiki}/groups").json()[0]["priority"] == 2
    assert [app["label"] for app in org.get(f"groups/{staff}/apps").json()] == ["Wiki"]
    assert org.call("DELETE", f"{wiki}/groups/{staff}").status_code == 204
    assert [user["scope"] for user in org.get(f"{wiki}/users").json()] == ["USER"]
    assert org.get(f"{wiki}/groups/{staff}").status_code == 404
    assert org.call("PUT", f"{wiki}/groups/{staff}", json={"priority": 1}).json()["priority"] == 1
    assert org.get("groups", expand="stats", q="Staff").json()[0]["_embedded"]["stats"]["appsCount"] == 1


def test_the_deactivated_cannot_be_assigned(org, wiki):
    cyd = org.user("cyd")["id"]
    org.post(f"users/{cyd}/lifecycle/deactivate")
    assert error(org.post(f"{wiki}/users", {"id": cyd})) == (403, "E0000038")
