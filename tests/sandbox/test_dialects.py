"""What the applications of the products refuse, and what their odd answers look like."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.sandbox.dialects.application import DialectSandbox
from connectors.sandbox.dialects.products import PRODUCTS
from connectors.sandbox.wire import WireAnswer, WireRequest

WHO: dict[str, Any] = {
    "userName": "ann@corp.example",
    "displayName": "Ann Poe",
    "name": {"givenName": "Ann", "familyName": "Poe"},
    "emails": [{"value": "ann@corp.example", "type": "work", "primary": True}],
}
SEED: dict[str, Any] = {
    "users": [
        {**WHO, "id": "u1", "externalId": "x1", "entitlements": [{"value": "p"}]},
        {"id": "u2", "userName": "bo@corp.example", "active": False, "emails": [{"value": "bo@corp.example"}]},
        *({"id": f"u{number}", "userName": f"n{number}@corp.example"} for number in range(3, 14)),
    ],
    "groups": [{"id": "g1", "displayName": "G", "members": [{"value": "u1"}, {"value": "u2"}]}],
}
TITLE = {"op": "replace", "path": "title", "value": "T"}
NOBODY = {"op": "remove", "path": "members"}
FILTERED = {"op": "remove", "path": 'members[value eq "u1"]'}
ARRAY = {"op": "remove", "path": "members", "value": [{"value": "u1"}]}
WRAPPED = {"op": "remove", "path": "members", "value": {"members": [{"value": "u1"}]}}
ADD = {"op": "add", "path": "members", "value": [{"value": "u3"}]}
RENAME = {"op": "replace", "path": "displayName", "value": "H"}


def ask(name: str, method: str, path: str, body: object = None, *, agent: str = "test") -> WireAnswer:
    """The answer of a product to one request."""
    route, _, query = path.partition("?")
    headers = {"authorization": "Bearer sandbox"} | ({"user-agent": agent} if agent else {})
    raw = json.dumps({"Operations": body} if method == "PATCH" else body).encode() if body is not None else b""
    request = WireRequest(method=method, path=f"/v2/{route}", query=query, headers=headers, body=raw, base_url="http://here")
    return asyncio.run(DialectSandbox(PRODUCTS[name], SEED).answer(request))


def said(name: str, method: str, path: str, body: object = None) -> Any:
    return json.loads(ask(name, method, path, body).body)


AWS, GITHUB, GOOGLE = "aws-iam-identity-center", "github-enterprise", "google-cloud-identity"
BO = {"userName": "new@corp.example"}


@pytest.mark.parametrize(
    ("name", "method", "path", "body", "status"),
    [
        (AWS, "GET", "Users?startIndex=1", None, 400),
        (AWS, "GET", "Users?filter=emails.value%20eq%20%22a%22", None, 400),
        (AWS, "GET", "Users?filter=userName%20sw%20%22a%22", None, 400),
        (AWS, "POST", "Users", BO, 400),
        (AWS, "POST", "Users", {**WHO, "userName": "c", "roles": [{"value": "r"}]}, 400),
        (AWS, "POST", "Users", {**WHO, "userName": "c", "emails": [{"value": "a"}, {"value": "b"}]}, 400),
        (AWS, "POST", "Users", WHO, 409),
        (AWS, "PATCH", "Groups/g1", [NOBODY], 400),
        (AWS, "PATCH", "Groups/g1", [FILTERED], 400),
        (AWS, "PATCH", "Groups/g1", [{**ADD, "value": [{"value": str(n)} for n in range(101)]}], 400),
        (AWS, "PATCH", "Groups/g1", [ARRAY], 200),
        (AWS, "PUT", "Groups/g1", {"displayName": "G"}, 405),
        (GITHUB, "PATCH", "Users/u1", [{**TITLE, "path": 'emails[type eq "work"].value'}], 400),
        (GITHUB, "PATCH", "Groups/g1", [FILTERED], 400),
        ("atlassian", "GET", "Users/u2", None, 404),
        ("atlassian", "PATCH", "Users/u2", [TITLE], 404),
        ("atlassian", "PATCH", "Users/u2", [{"op": "replace", "path": "active", "value": True}], 200),
        ("atlassian", "POST", "Users", {**BO, "emails": [{"value": "new@else.example"}]}, 400),
        ("atlassian", "PATCH", "Groups/g1", [RENAME], 400),
        ("zoom", "PATCH", "Users/u1", [TITLE], 400),
        ("zoom", "PATCH", "Users/u1", [{"op": "replace", "value": {"active": False}}], 200),
        ("salesforce", "GET", "Users?startIndex=2201", None, 400),
        ("salesforce", "GET", "ServiceProviderConfig", None, 404),
        ("salesforce", "POST", "Users", BO, 409),
        ("salesforce", "PATCH", "Groups/g1", [ARRAY], 400),
        ("salesforce", "PATCH", "Groups/g1", [ADD], 400),
        ("salesforce", "PATCH", "Groups/g1", [WRAPPED], 200),
        (GOOGLE, "PUT", "Users/u1", WHO, 404),
        (GOOGLE, "PATCH", "Users/u1", [TITLE] * 21, 400),
        (GOOGLE, "PATCH", "Groups/g1", [ADD, FILTERED], 400),
        (GOOGLE, "PATCH", "Groups/g1", [RENAME] * 3, 400),
        (GOOGLE, "PATCH", "Groups/g1", [ARRAY], 400),
        ("veza", "POST", "Users", {**WHO, "userName": "other"}, 400),
        ("veza", "POST", "Users", {**WHO, "userName": "b@c.example", "emails": [{"value": "b@c.example"}]}, 400),
        ("slack", "DELETE", "Users/u1", None, 204),
        ("slack", "TRACE", "Users/u1", None, 405),
        ("slack", "PATCH", "Users/u1", [{"path": "title"}], 400),
    ],
)
def test_a_product_takes_what_its_documentation_says_and_no_more(name: str, method: str, path: str, body: Any, status: int) -> None:
    answer = ask(name, method, path, body)
    assert answer.status == status, answer.body


def test_the_odd_answers_are_those_of_the_product() -> None:
    assert said(AWS, "GET", "Groups/g1")["members"] == []
    assert [each["id"] for each in said(AWS, "GET", "Users?cursor&filter=groups.value%20eq%20%22g1%22")["Resources"]] == ["u1", "u2"]
    assert "totalResults" not in said(AWS, "GET", "Users?cursor")
    assert said(AWS, "POST", "Users", BO)["detail"] == PRODUCTS[AWS].unusable
    assert said("salesforce", "POST", "Users", BO)["Errors"][0]["code"] == 409
    assert isinstance(said("salesforce", "GET", "Users/u1")["schemas"], str)
    assert said(GOOGLE, "PATCH", "Users/u1", [TITLE]) == {}
    assert b"<html>" in ask(GOOGLE, "PUT", "Users/u1", WHO).body
    assert said(GITHUB, "GET", "Users/u2")["userName"] == "u2_suspended"
    assert ask(GITHUB, "GET", "Users/u1", agent="").status == 403
    assert said("zoom", "GET", "Users?filter=externalId%20eq%20%22x1%22")["totalResults"] == 0
    assert "&" in said("zoom", "POST", "Users", BO)["id"]
    assert said("zoom", "PUT", "Users/u1", {"title": "T"})["userName"] == "ann@corp.example"
    assert len(said("slack", "GET", "Users")["Resources"]) == 10
    assert len(said(GOOGLE, "GET", "Users?count=1")["Resources"]) == 13
    assert len(said("atlassian", "GET", "Users")["Resources"]) == 12


def test_a_far_page_is_found_by_the_last_id() -> None:
    app = DialectSandbox(replace(PRODUCTS["salesforce"], max_page=5), SEED)
    request = WireRequest(
        method="GET", path="/v2/Users", query="filter=id%20gt%20%22u5%22", headers={"authorization": "Bearer sandbox"}, base_url=""
    )
    assert [each["id"] for each in json.loads(asyncio.run(app.answer(request)).body)["Resources"]] == ["u6", "u7", "u8", "u9"]


def test_nothing_is_answered_without_the_token() -> None:
    request = WireRequest(method="GET", path="/v2/Users", headers={}, base_url="")
    assert asyncio.run(DialectSandbox(PRODUCTS["slack"]).answer(request)).status == 401


def test_a_state_can_be_fed_back_and_what_is_none_is_refused() -> None:
    app = DialectSandbox(PRODUCTS["slack"], SEED)
    assert DialectSandbox(PRODUCTS["slack"], app.state()).state() == app.state()
    with pytest.raises(ValueError, match="the state of a SCIM application"):
        app.seed({"people": []})
