"""Which lifecycle calls a sandboxed Okta org allows in which status, what they answer, and which times they move."""

import pytest

ALL = ["STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED"]
ALLOWED = {
    "activate?sendEmail=false": {"STAGED": "PROVISIONED", "DEPROVISIONED": "PROVISIONED"},
    "reactivate": {"PROVISIONED": "PROVISIONED", "RECOVERY": "RECOVERY"},
    "deactivate": {status: "DEPROVISIONED" for status in ALL if status != "DEPROVISIONED"},
    "suspend": {"ACTIVE": "SUSPENDED"},
    "unsuspend": {"SUSPENDED": "ACTIVE"},
    "unlock": {"LOCKED_OUT": "ACTIVE"},
    "reset_password?sendEmail=false": dict.fromkeys(("ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED"), "RECOVERY"),
    "expire_password": {"ACTIVE": "PASSWORD_EXPIRED"},
    "expire_password_with_temp_password": {"ACTIVE": "PASSWORD_EXPIRED"},
    "reset_factors": {status: status for status in ALL},
}
REFUSALS = {
    "activate?sendEmail=false": (403, "E0000016", "Activation failed because the user is already active", None),
    "reactivate": (403, "E0000038", "This operation is not allowed in the user's current status.", None),
    "deactivate": (404, "E0000007", "Not found: Resource not found: {id} (User)", None),
    "suspend": (400, "E0000001", "Api validation failed: suspendUser", "Cannot suspend a user that is not active"),
    "unsuspend": (400, "E0000001", "Api validation failed: suspendUser", "Cannot unsuspend a user that is not suspended"),
    "unlock": (403, "E0000032", "Unlock is not allowed for this user.", "The user is not locked out."),
    "reset_password?sendEmail=false": (403, "E0000038", "This operation is not allowed in the user's current status.", None),
    "expire_password": (403, "E0000038", "This operation is not allowed in the user's current status.", None),
    "expire_password_with_temp_password": (403, "E0000038", "This operation is not allowed in the user's current status.", None),
}


@pytest.mark.parametrize("operation", ALLOWED)
def test_each_operation_works_in_its_statuses_and_refuses_in_all_others(okta_org, operation):
    org = okta_org(*(okta_org.person(status.lower(), status) for status in ALL))
    for status in ALL:
        user = org.user(status.lower())
        answer = org.post(f"users/{user['id']}/lifecycle/{operation}")
        after = org.user(status.lower())["status"]
        if status in ALLOWED[operation]:
            assert (answer.status_code, after) == (200, ALLOWED[operation][status]), (operation, status)
        else:
            code, name, summary, cause = REFUSALS[operation]
            error = answer.json()
            assert (answer.status_code, error["errorCode"], error["errorSummary"]) == (code, name, summary.format(id=user["id"]))
            assert [entry["errorSummary"] for entry in error["errorCauses"]] == ([cause] if cause else [])
            assert after == status


def lifecycle(org, operation):
    return org.post(f"users/{org.user('ada')['id']}/lifecycle/{operation}")


@pytest.mark.parametrize(
    ("status", "operation", "keys"),
    [
        ("STAGED", "activate", set()),
        ("STAGED", "activate?sendEmail=false", {"activationUrl", "activationToken"}),
        ("PROVISIONED", "reactivate", {"activationUrl", "activationToken"}),
        ("PROVISIONED", "reactivate?sendEmail=true", set()),
        ("ACTIVE", "reset_password?sendEmail=true", set()),
        ("ACTIVE", "reset_password?sendEmail=false", {"resetPasswordUrl"}),
        ("ACTIVE", "expire_password_with_temp_password", {"tempPassword"}),
        ("ACTIVE", "expire_password?tempPassword=true", {"tempPassword"}),
        ("ACTIVE", "suspend", set()),
    ],
)
def test_an_answer_holds_a_token_only_where_no_mail_is_sent(okta_org, status, operation, keys):
    assert set(lifecycle(okta_org(okta_org.person("ada", status)), operation).json()) == keys


@pytest.mark.parametrize(
    ("status", "operation", "mails"),
    [
        ("STAGED", "activate", ["activate"]),
        ("STAGED", "activate?sendEmail=false", []),
        ("PROVISIONED", "reactivate", []),
        ("PROVISIONED", "reactivate?sendEmail=true", ["activate"]),
        ("ACTIVE", "reset_password?sendEmail=true", ["reset_password"]),
        ("ACTIVE", "reset_password?sendEmail=false", []),
        ("ACTIVE", "suspend", []),
    ],
)
def test_mail_goes_out_where_the_call_asks_for_it(okta_org, status, operation, mails):
    org = okta_org(okta_org.person("ada", status))
    lifecycle(org, operation)
    assert [call for call, _ in org.sandbox.app.mails()] == mails


def test_a_user_who_is_created_active_and_without_a_password_is_mailed(okta_org):
    org = okta_org()
    profile = {"firstName": "A", "lastName": "B", "email": "a@example.com"}
    org.post("users?activate=false", {"profile": {**profile, "login": "a@example.com"}})
    org.post("users", {"profile": {**profile, "login": "b@example.com"}, "credentials": {"password": {"value": "s3cret-word"}}})
    made = org.post("users", {"profile": {**profile, "login": "c@example.com"}}).json()
    assert org.sandbox.app.mails() == [("create", made["id"])]


def test_resetting_a_password_needs_to_be_told_about_the_mail(okta_org):
    answer = lifecycle(okta_org(okta_org.person("ada")), "reset_password")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000028")


def test_a_staged_user_with_a_password_becomes_active(okta_org):
    org = okta_org({**okta_org.person("ada", "STAGED"), "credentials": {"password": {}}})
    lifecycle(org, "activate?sendEmail=false")
    assert org.user("ada")["status"] == "ACTIVE"


def test_a_staged_user_has_a_status_time_only_with_a_password(okta_org):
    org = okta_org()
    profile = {"firstName": "A", "lastName": "B", "login": "ada@example.com", "email": "ada@example.com"}
    bare = org.post("users?activate=false", {"profile": profile}).json()
    other = {"profile": {**profile, "login": "b@example.com"}, "credentials": {"password": {"value": "s3cret-word"}}}
    assert bare["statusChanged"] is None
    assert org.post("users?activate=false", other).json()["statusChanged"]


def test_deactivation_takes_password_and_apps_but_not_groups(okta_org):
    seed = {"groups": [{"profile": {"name": "Staff"}}], "members": {"Staff": ["ada@example.com"]}}
    org = okta_org(okta_org.person("ada"), seed={**seed, "apps": [{"label": "Wiki", "users": {"ada@example.com": {}}}]})
    app_id = org.get("apps").json()[0]["id"]
    lifecycle(org, "deactivate")
    assert "password" not in org.user("ada")["credentials"]
    assert org.get(f"apps/{app_id}/users").json() == []
    assert org.names(org.get(f"groups/{org.group_id('Staff')}/users")) == ["ada"]
    lifecycle(org, "activate?sendEmail=false")
    assert org.user("ada")["status"] == "PROVISIONED"


def test_deactivation_may_answer_204_as_in_older_orgs(okta_org):
    answer = lifecycle(okta_org(okta_org.person("ada"), deactivate_status=204), "deactivate")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("operation", ["suspend", "deactivate", "reset_password?sendEmail=false", "expire_password"])
def test_a_status_change_moves_both_times(okta_org, operation):
    org = okta_org(okta_org.person("ada"))
    before = org.user("ada")
    org.clock.forward(10)
    lifecycle(org, operation)
    after = org.user("ada")
    assert after["statusChanged"] > before["statusChanged"]
    assert after["lastUpdated"] == after["statusChanged"]
    assert after["activated"] == before["activated"]


def test_the_answer_to_expire_password_is_a_user_with_the_old_status_time(okta_org):
    org = okta_org(okta_org.person("ada"))
    before = org.user("ada")
    org.clock.forward(10)
    answer = lifecycle(org, "expire_password").json()
    assert (answer["status"], answer["statusChanged"]) == ("PASSWORD_EXPIRED", before["statusChanged"])
    assert answer["lastUpdated"] > before["lastUpdated"]


@pytest.mark.parametrize(
    ("status", "links"),
    [
        ("STAGED", {"activate"}),
        ("PROVISIONED", {"reactivate", "deactivate", "resetPassword", "suspend"}),
        (
            "ACTIVE",
            {"changePassword", "changeRecoveryQuestion", "deactivate", "expirePassword", "forgotPassword", "resetPassword", "suspend"},
        ),
        ("SUSPENDED", {"unsuspend", "deactivate"}),
        ("DEPROVISIONED", {"activate", "delete"}),
    ],
)
def test_links_follow_the_status_on_a_single_get_and_are_self_only_in_a_list(okta_org, status, links):
    org = okta_org(okta_org.person("ada", status))
    assert set(org.user("ada")["_links"]) == links | {"self", "schema", "type", "resetFactors"}
    listed = org.get("users", filter=f'status eq "{status}"').json()
    assert [set(user["_links"]) for user in listed] == [{"self"}]


def test_clearing_sessions_answers_204_and_404_for_an_unknown_user(okta_org):
    org = okta_org(okta_org.person("ada"))
    assert org.call("DELETE", f"users/{org.user('ada')['id']}/sessions").status_code == 204
    assert org.call("DELETE", "users/nobody/sessions").status_code == 404


def test_while_an_activation_is_under_way_writes_are_refused_with_409(okta_org):
    org = okta_org(okta_org.person("ada", "STAGED"), activation_seconds=30)
    lifecycle(org, "activate?sendEmail=false")
    underway = org.user("ada")
    assert (underway["status"], underway["transitioningToStatus"]) == ("STAGED", "PROVISIONED")
    for answer in (org.post(f"users/{underway['id']}", {"profile": {"title": "x"}}), lifecycle(org, "deactivate")):
        assert (answer.status_code, answer.json()["errorCode"]) == (409, "E0000112")
    assert org.get("users").json()[0]["transitioningToStatus"] == "PROVISIONED"
    org.clock.forward(30)
    settled = org.user("ada")
    assert (settled["status"], "transitioningToStatus" in settled) == ("PROVISIONED", False)
    assert org.post(f"users/{underway['id']}", {"profile": {"title": "x"}}).status_code == 200
