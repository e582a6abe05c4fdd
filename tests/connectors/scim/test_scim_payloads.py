"""The judge of what SCIM servers are sent finds bodies that the standard does not have, and lets through what it names."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from connectors.sandbox.scim import BASE_PATH
from connectors.sandbox.wire import WireAnswer, WireRequest
from connectors.scim.dialect import Dialect, RemoveForm
from connectors.scim.names import ENTERPRISE, GROUP, PATCH_OP, USER
from tests.support.scim_payloads import checked

ANN = {"schemas": [USER], "userName": "ann"}
VENDOR = "urn:example:params:scim:schemas:extension:badges:2.0:User"
VALUES = {"op": "remove", "path": "members", "value": [{"value": "u1"}]}


class Deaf:
    """A server that takes everything."""

    async def answer(self, request: WireRequest) -> WireAnswer:  # noqa: ARG002
        return WireAnswer(status=204, headers=[])

    def state(self) -> object:
        return None

    def seed(self, state: object) -> None:
        raise ValueError(state)


def judged(method: str, path: str, body: object, dialect: Dialect | None = None) -> list[str]:
    judge = checked(Deaf(), dialect=dialect or Dialect())
    request = WireRequest(method=method, path=f"{BASE_PATH}/{path}", headers={}, body=json.dumps(body).encode(), base_url="http://host")
    asyncio.run(judge.answer(request))
    assert judge.judged == 1
    return judge.invalid


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "Users", {"userName": "ann"}),
        ("POST", "Users", {"schemas": [USER]}),
        ("POST", "Users", {**ANN, "id": "u1"}),
        ("POST", "Users", {**ANN, "colour": "blue"}),
        ("POST", "Users", {**ANN, "emails": [{"value": "a@x.org", "primary": True}, {"value": "b@x.org", "primary": True}]}),
        ("POST", "Groups", {"schemas": [GROUP]}),
        ("PUT", "Users/u1", {"schemas": [USER]}),
        ("PATCH", "Users/u1", {"schemas": [USER], "Operations": [{"op": "add", "path": "title", "value": "t"}]}),
        ("PATCH", "Users/u1", patch({"op": "remove"})),
        ("PATCH", "Users/u1", patch({"op": "set", "path": "title", "value": "t"})),
        ("PATCH", "Users/u1", patch({"op": "replace", "path": "colour", "value": "blue"})),
        ("PATCH", "Users/u1", patch({"op": "replace", "path": "emails[type eq work].value", "value": "a@x.org"})),
        ("PATCH", "Groups/g1", patch(VALUES)),
        ("PATCH", "Groups/g1", []),
    ],
)
def test_a_body_that_the_standard_does_not_have_is_found(method: str, path: str, body: object) -> None:
    assert len(judged(method, path, body)) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "Users", {**ANN, "schemas": [USER, ENTERPRISE], ENTERPRISE: {"manager": {"value": "u2"}}}),
        ("POST", "Users", {**ANN, "schemas": [USER, VENDOR], VENDOR: {"badge": 7}}),
        ("PUT", "Users/u1", {**ANN, "id": "u1", "colour": "blue"}),
        ("PATCH", "Users/u1", patch({"op": "replace", "path": f"{VENDOR}:badge", "value": "B"}, {"op": "remove", "path": "title"})),
        ("PATCH", "Users/u1", patch({"op": "replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "u2"}})),
    ],
)
def test_what_real_servers_ask_for_is_let_through(method: str, path: str, body: object) -> None:
    assert judged(method, path, body) == []


def test_members_are_removed_by_values_only_in_the_dialect_that_says_so() -> None:
    assert judged("PATCH", "Groups/g1", patch(VALUES), Dialect(remove_form=RemoveForm.VALUE_ARRAY)) == []
