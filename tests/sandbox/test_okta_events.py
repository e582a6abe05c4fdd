"""What the System Log of a sandboxed Okta org shows, and how its two kinds of query end or do not."""

import pytest


@pytest.fixture
def org(okta_org):
    seed = {"groups": [{"profile": {"name": "Staff"}}], "apps": [{"label": "Wiki"}]}
    return okta_org(okta_org.person("ada"), okta_org.person("bob"), seed=seed, log_lag=2)


def kinds(answer):
    assert answer.status_code == 200, answer.text
    return [event["eventType"] for event in answer.json()]


def suspend(org, name):
    org.clock.forward(1)
    return org.post(f"users/{name}@example.com/lifecycle/suspend")


def test_each_write_has_its_event_with_the_id_of_its_request(org):
    ada, staff, wiki = org.user("ada")["id"], org.group_id("Staff"), org.get("apps").json()[0]["id"]
    profile = {"login": "new@example.com", "email": "new@example.com", "firstName": "N", "lastName": "N"}
    writes = [
        ("POST", "users?activate=false", {"profile": profile}, ["user.lifecycle.create"]),
        ("POST", "users/new@example.com/lifecycle/activate", None, ["user.lifecycle.activate"]),
        ("POST", "users/new@example.com/lifecycle/reactivate", None, ["user.lifecycle.reactivate"]),
        (
            "POST",
            f"users/{ada}",
            {"profile": {"email": "a@b.example"}},
            ["user.account.update_profile", "user.account.update_primary_email"],
        ),
        ("POST", f"users/{ada}/lifecycle/suspend", None, ["user.lifecycle.suspend"]),
        ("POST", f"users/{ada}/lifecycle/unsuspend", None, ["user.lifecycle.unsuspend"]),
        ("POST", f"users/{ada}/lifecycle/expire_password", None, ["user.account.expire_password"]),
        ("POST", f"users/{ada}/lifecycle/reset_password?sendEmail=false", None, ["user.account.reset_password"]),
        ("POST", f"users/{ada}/lifecycle/reset_factors", None, ["user.mfa.factor.reset_all"]),
        ("DELETE", f"users/{ada}/sessions", None, ["user.session.clear"]),
        ("PUT", f"groups/{staff}/users/{ada}", None, ["group.user_membership.add"]),
        ("PUT", f"groups/{staff}/users/{ada}", None, []),
        ("DELETE", f"groups/{staff}/users/{ada}", None, ["group.user_membership.remove"]),
        ("PUT", f"groups/{staff}", {"profile": {"name": "All"}}, ["group.profile.update"]),
        ("PUT", f"apps/{wiki}/groups/{staff}", {}, ["group.application_assignment.add"]),
        ("DELETE", f"apps/{wiki}/groups/{staff}", None, ["group.application_assignment.remove"]),
        ("POST", f"apps/{wiki}/users", {"id": ada}, ["application.user_membership.add"]),
        ("POST", f"apps/{wiki}/users/{ada}", {}, ["application.user_membership.update"]),
        ("DELETE", f"users/{ada}", None, ["user.lifecycle.deactivate", "application.user_membership.remove"]),
        ("DELETE", f"users/{ada}", None, ["user.lifecycle.delete.initiated", "user.lifecycle.delete.completed"]),
        ("POST", "groups", {"profile": {"name": "More"}}, ["group.lifecycle.create"]),
        ("DELETE", f"groups/{staff}", None, ["group.lifecycle.delete"]),
    ]
    for method, path, body, wanted in writes:
        answer = org.call(method, path, json=body or {})
        assert answer.status_code < 300, (path, answer.text)
        org.clock.forward(2)
        request_id = answer.headers["x-okta-request-id"]
        assert kinds(org.get("logs", filter=f'transaction.id eq "{request_id}"')) == wanted, path
        assert kinds(org.get("logs", filter=f'debugContext.debugData.requestId eq "{request_id}"')) == wanted


def test_a_refused_write_leaves_no_event(org):
    org.post("users/ada@example.com/lifecycle/unsuspend")
    org.clock.forward(2)
    assert org.get("logs").json() == []


def test_a_bounded_query_ends(org):
    for name in ("ada", "bob"):
        suspend(org, name)
    org.clock.forward(5)
    until = "2100-01-01T00:00:00.000Z"
    first = org.get("logs", until=until, limit=1)
    second = org.client.get(first.links["next"]["url"])
    assert [event["target"][0]["alternateId"] for event in first.json() + second.json()] == ["ada@example.com", "bob@example.com"]
    assert "next" not in second.links
    newest = org.get("logs", sortOrder="DESCENDING", limit=1)
    older = org.client.get(newest.links["next"]["url"])
    assert [event["target"][0]["alternateId"] for event in newest.json() + older.json()] == ["bob@example.com", "ada@example.com"]
    assert "next" not in older.links
    assert org.get("logs", since="2090-01-01T00:00:00Z").json() == []


def test_a_polling_query_never_ends_and_goes_on_where_it_was(org):
    suspend(org, "ada")
    empty = org.get("logs")
    assert empty.json() == []
    org.clock.forward(2)
    first = org.client.get(empty.links["next"]["url"])
    assert kinds(first) == ["user.lifecycle.suspend"]
    assert first.headers.get_list("link")[0].count("rel=") == 2
    nothing = org.client.get(first.links["next"]["url"])
    assert nothing.json() == []
    assert nothing.links["next"]["url"] == first.links["next"]["url"]
    suspend(org, "bob")
    assert org.client.get(nothing.links["next"]["url"]).json() == []
    org.clock.forward(2)
    assert org.client.get(nothing.links["next"]["url"]).json()[0]["target"][0]["alternateId"] == "bob@example.com"


def test_events_are_selected_by_type_and_target(org):
    suspend(org, "ada")
    org.call("DELETE", "users/bob@example.com/sessions")
    org.clock.forward(2)
    ada = org.user("ada")["id"]
    assert kinds(org.get("logs", filter='eventType sw "user.lifecycle."')) == ["user.lifecycle.suspend"]
    assert kinds(org.get("logs", filter=f'target.id eq "{ada}"')) == ["user.lifecycle.suspend"]
    assert kinds(org.get("logs", filter='debugContext.debugData.requestUri ew "/sessions"')) == ["user.session.clear"]
    assert kinds(org.get("logs", filter='target.type eq "UserGroup"')) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"filter": 'published gt "2020-01-01T00:00:00.000Z"'}, "E0000031"),
        ({"since": "yesterday"}, "E0000030"),
        ({"after": "x"}, "E0000029"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused(org, params, code):
    answer = org.get("logs", **params)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
