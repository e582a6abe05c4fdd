"""Which clients a sandboxed Okta org admits, how it refuses others, and how it counts calls."""

import asyncio
import email.utils
import socket

import httpx
import pytest

from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.okta import WORKFORCE_LIMITS, Bucket
from tests.support.waiting import LIMIT, come

RATE = ["X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"]


def rate(answer):
    return [int(answer.headers[name]) for name in RATE]


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        (None, 403, "E0000005"),
        ("SSWS wrong", 401, "E0000011"),
        ("Bearer sandbox-token", 401, "E0000011"),
        ("SSWS eyJhbGciOi.an.oauth-token", 401, "E0000011"),
    ],
)
def test_only_a_known_token_is_let_in(okta_org, authorization, status, code):
    org = okta_org()
    headers = {"Authorization": authorization} if authorization else {}
    answer = httpx.get(f"{org.sandbox.url}/api/v1/users", headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert len(rate(answer)) == 3


@pytest.mark.parametrize("sent", ["SSWS sandbox-token", "SSWSsandbox-token", "ssws sandbox-token"])
def test_the_space_after_ssws_does_not_matter(okta_org, sent):
    assert httpx.get(f"{okta_org().sandbox.url}/api/v1/users", headers={"Authorization": sent}).status_code == 200


def test_a_missing_scope_is_told_in_a_header_with_an_empty_body(okta_org):
    org = okta_org(missing_scopes=frozenset({"okta.groups.read", "okta.users.manage"}))
    for method, path, scope in [("GET", "groups", "groups.read"), ("POST", "groups", "groups.manage"), ("POST", "users", "users.manage")]:
        answer = org.call(method, path)
        assert (answer.status_code, answer.content) == (403, b"")
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith("Bearer ")
        assert f'scope="okta.{scope}", error="insufficient_scope"' in challenge
    assert org.get("users").status_code == 200
    assert org.get("meta/types/user").status_code == 200


def test_without_an_admin_role_the_user_list_is_empty_and_all_else_forbidden(okta_org):
    org = okta_org(okta_org.person("ada"), role_missing=True)
    assert (org.get("users").status_code, org.get("users").json()) == (200, [])
    assert org.get("users", search="status pr").json() == []
    assert org.get("groups").json()["errorCode"] == "E0000006"
    assert org.get("users/ada").status_code == 403


def test_every_answer_has_date_request_id_and_rate_headers(okta_org):
    org = okta_org(okta_org.person("ada"))
    answers = [org.get("users"), org.get("users/nobody"), org.get("nowhere"), org.call("PATCH", "users"), org.post("groups")]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 405, 400]
    for answer in answers:
        assert email.utils.parsedate_to_datetime(answer.headers["date"]).timestamp() == org.clock.time
        assert answer.headers["cache-control"] == "no-cache, no-store"
        assert all(value > 0 for value in rate(answer))
    assert len({answer.headers["x-okta-request-id"] for answer in answers}) == 5


def test_errors_have_oktas_shape(okta_org):
    body = okta_org().get("users/nobody").json()
    assert list(body) == ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"]
    assert body["errorLink"] == body["errorCode"]
    assert body["errorId"].startswith("oae")


def test_a_token_gets_half_of_each_bucket_in_windows_from_its_first_call(okta_org):
    org = okta_org(okta_org.person("ada"), limits={Bucket.USERS: 6, Bucket.USER_READ: 100})
    start = org.clock.time
    org.clock.forward(0.5)
    assert rate(org.get("users")) == [3, 2, start + 61]
    user_id = org.user("ada")["id"]
    org.clock.forward(10)
    assert rate(org.post(f"users/{user_id}/lifecycle/suspend"))[1] == 1
    assert rate(org.get(f"users/{user_id}/groups"))[1] == 0
    refused = org.get("users")
    assert (refused.status_code, refused.json()["errorCode"], refused.json()["errorCauses"]) == (429, "E0000047", [])
    assert rate(refused) == [3, 0, start + 61]
    assert "retry-after" not in refused.headers
    assert rate(org.get(f"users/{user_id}"))[:2] == [50, 48]
    org.clock.forward(50)
    assert rate(org.get("users"))[:2] == [3, 2]


def test_a_refused_call_is_not_executed(okta_org):
    org = okta_org(okta_org.person("ada"), limits={Bucket.USERS: 2})
    path = f"users/{org.user('ada')['id']}"
    assert org.get("users").status_code == 200
    assert org.post(f"{path}/lifecycle/deactivate").status_code == 429
    assert org.get(path).json()["status"] == "ACTIVE"


def test_the_limits_of_a_workforce_org_are_known(okta_org):
    org = okta_org(okta_org.person("ada"), limits=WORKFORCE_LIMITS)
    group_id = org.group_id("Everyone")
    shown = {
        path: rate(org.get(path))[0] for path in ("users", "users/ada", "groups", f"groups/{group_id}", f"groups/{group_id}/users", "apps")
    }
    assert list(shown.values()) == [300, 1000, 250, 500, 250, 50]
    assert rate(org.get("meta/types/user"))[0] == 600


def test_too_many_calls_at_once_are_refused_with_zeros(okta_org):
    org = okta_org(concurrency_limit=1)
    org.sandbox.add_fault(Fault(FaultKind.LATENCY, path="slow", seconds=LIMIT))
    slow = httpx.AsyncClient(headers={"Authorization": "SSWS sandbox-token"}, timeout=LIMIT)

    async def both():
        async with slow:
            first = asyncio.create_task(slow.get(f"{org.sandbox.url}/api/v1/users?q=slow"))
            await come(lambda: org.sandbox._in_flight)
            second = await slow.get(f"{org.sandbox.url}/api/v1/users")
            org.sandbox.clear_faults()
            return await first, second

    first, second = asyncio.run(both())
    assert (first.status_code, second.status_code) == (200, 429)
    assert rate(second)[:2] == [0, 0]


def test_a_write_without_a_length_is_refused_with_411(okta_org):
    org = okta_org()
    host, port = org.sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT) as connection:
        connection.sendall(b"POST /api/v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: SSWS sandbox-token\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 411")


def test_faults_stand_in_for_what_an_org_gets_wrong(okta_org):
    org = okta_org(okta_org.person("ada"))
    path = f"users/{org.user('ada')['id']}"
    org.sandbox.add_fault(Fault(FaultKind.STATUS, path="/groups", status=500, body='{"errorCode":"E0000009"}', times=1))
    org.sandbox.add_fault(Fault(FaultKind.STATUS, path="/apps", times=1))
    org.sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="POST", path="deactivate", times=1))
    assert org.get("groups").json() == {"errorCode": "E0000009"}
    assert org.get("apps").status_code == 503
    with pytest.raises(httpx.TransportError):
        org.post(f"{path}/lifecycle/deactivate")
    assert org.get(path).json()["status"] == "DEPROVISIONED"
    assert [write.path for write in org.sandbox.writes()] == [f"/api/v1/{path}/lifecycle/deactivate"]
