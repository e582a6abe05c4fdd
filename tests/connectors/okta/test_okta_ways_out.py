"""A refusal says what to do: which scope or role is missing by endpoint and method, and what each code of Okta asks for."""

import json

import pytest
from joserfc.jwk import ECKey

from connectors.errors import ConnectorError, Repetition
from connectors.http.answer import Answer, Headers
from connectors.okta.auth.permissions import permission_for
from connectors.okta.errors import refusal
from connectors.okta.write import add_member
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.okta import OAuthClient
from connectors.sandbox.okta.routes import ROUTES

from .okta_worlds import group, group_id, org, user, user_id

READ = {"okta.users.read", "okta.groups.read"}
NO_PERMISSION = '{"errorCode":"E0000006","errorSummary":"You do not have permission to perform the requested action"}'
KEY = ECKey.generate_key("P-256")


def refused(status: int, code: str, *causes: str, summary: str = "no") -> ConnectorError:
    body = {"errorCode": code, "errorSummary": summary, "errorCauses": [{"errorSummary": cause} for cause in causes]}
    headers = Headers((("x-okta-request-id", "Req1"),))
    error = refusal(Answer(status, headers, json.dumps(body).encode(), "POST /api/v1/users of acme"))
    assert error is not None
    return error


def test_every_endpoint_of_the_org_names_its_scope():
    for route in ROUTES:
        needed = permission_for(route.method, "/api/v1/" + "/".join(route.path) + "?limit=1")
        assert needed is not None, route
        assert needed.scope == route.scope


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/policies"), ("POST", "/api/v1/logs"), ("GET", "/oauth2/v1/token"), ("GET", "/api/v1/meta")]
)
def test_an_unknown_endpoint_names_no_scope(method, path):
    assert permission_for(method, path) is None


def test_roles_of_a_user_need_a_scope_of_their_own():
    assert [permission_for(method, "/api/v1/users/00u1/roles/x").scope for method in ("GET", "DELETE")] == [
        "okta.roles.read",
        "okta.roles.manage",
    ]


@pytest.mark.parametrize(
    ("status", "code", "causes", "repetition", "said"),
    [
        (
            *(400, "E0000001", ["login: An object with this field already exists in the current organization"], Repetition.USELESS),
            "Another user has this login: look for it among deactivated users, too.",
        ),
        (
            *(400, "E0000001", ["Property name 'costCentre' is not defined in profile"], Repetition.USELESS),
            "Add costCentre in the Profile Editor, or take it out of the mapping.",
        ),
        (
            *(400, "E0000001", ["email: Does not match required pattern", "lastName: The field cannot be left blank"], Repetition.USELESS),
            "Correct email in the source or in the mapping. Give lastName a value in the source or in the mapping.",
        ),
        (
            *(400, "E0000001", [f"a{number}: bad" for number in range(5)], Repetition.USELESS),
            "Correct a2 in the source or in the mapping. And 2 more.",
        ),
        (400, "E0000001", ["no colon"], Repetition.USELESS, "no colon"),
        (400, "E0000003", [], Repetition.USELESS, "report it with the request id."),
        (404, "E0000007", [], Repetition.AFTER_READING, "Extract and plan again"),
        (403, "E0000016", [], Repetition.AFTER_READING, "The user is active already."),
        (403, "E0000023", [], Repetition.USELESS, "Another system is the source of this profile"),
        (403, "E0000038", [], Repetition.AFTER_READING, "Extract and plan again"),
        (403, "E0000046", [], Repetition.USELESS, "take the person out of that group."),
        (409, "E0000112", [], Repetition.LATER, "the next run sends it again."),
        (400, "E0009999", [], Repetition.USELESS, "E0009999 no"),
    ],
)
def test_each_code_says_what_to_do_and_one_that_is_not_known_is_shown(status, code, causes, repetition, said):
    error = refused(status, code, *causes)
    assert said in str(error)
    assert (error.code, error.status, error.request_id, error.repetition) == (code, status, "Req1", repetition)


def test_words_of_the_org_are_no_format():
    assert str(refused(400, "E0000001", "a{b}: {0.__class__}")).endswith("a{b}: {0.__class__}")
    assert refused(400, "E" * 500).code == "E" * 60


async def adds(okta):
    with pytest.raises(ConnectorError) as caught:
        await add_member(okta._org, group_id(1), user_id(1))
    return caught.value


def test_who_may_not_change_a_group_is_told_the_scope_or_the_role_and_where_it_is_given(tmp_path):
    (tmp_path / "key.pem").write_bytes(KEY.as_pem(private=True))
    app = OAuthClient(client_id="app1", keys=(KEY.as_dict(private=False),), scopes=frozenset(READ))
    oauth = {"client_id": "app1", "private_key": "file:key.pem", "scopes": sorted(READ)}
    seed = {"users": [user(1)], "groups": [group(1, "Pilots")]}
    with org(seed, tmp_path, clients=(app,)) as (sandbox, tell):
        missing = tell(adds, token=None, oauth=oauth)
        role = Fault(FaultKind.STATUS, path="groups", status=403, body=NO_PERMISSION, times=2)
        sandbox.add_fault(role)
        as_token, as_app = tell(adds), tell(adds, token=None, oauth=oauth)
        sandbox.add_fault(
            Fault(FaultKind.STATUS, path="groups", status=403, times=1, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'})
        )
        unnamed = tell(adds, token=None, oauth=oauth)
        sandbox.add_fault(Fault(FaultKind.STATUS, path="groups", status=401, times=1, body='{"errorCode":"E0000011"}'))
        ended = tell(adds)
    assert "the scope okta.groups.manage is not granted: grant it in the admin console, under Applications" in str(missing)
    assert (missing.status, missing.code) == (403, "insufficient_scope")
    assert missing.request_id
    assert "give the admin who made the token a role that may manage groups and their members (Organization" in str(as_token)
    assert "give the app a role that may manage groups and their members (Organization" in str(as_app)
    assert "Admin roles: scopes alone show nothing." in str(as_app)
    assert "The app lacks the scope okta.groups.manage: grant it in the admin console" in str(unnamed)
    assert str(ended).endswith("tokens end after 30 days without use and with their admin.")
