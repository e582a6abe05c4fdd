"""What a SCIM application with limits refuses, and what it still takes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from connectors.sandbox.host import running
from connectors.sandbox.scim import SandboxPaging, ScimSandbox, ScimSandboxSettings
from connectors.sandbox.scim_limits import Deactivated, ScimLimits
from tests.support.waiting import LIMIT

SEED: dict[str, Any] = {
    "users": [{"id": f"u{n}", "userName": f"n{n}@example.com", "active": n != 2} for n in range(3)],
    "groups": [{"id": "g1", "displayName": "G", "members": [{"value": "u1"}]}],
}
ADD_TWO = {"op": "add", "path": "members", "value": [{"value": "u0"}, {"value": "u2"}]}
TITLE = {"op": "replace", "path": "title", "value": "T"}
ACTIVE = {"op": "replace", "path": "active", "value": True}


def status(limits: ScimLimits, method: str, path: str, operations: list[Any] | None = None) -> int:
    with running(ScimSandbox(SEED, settings=ScimSandboxSettings(limits=limits))) as sandbox:
        headers = {"Authorization": "Bearer sandbox", "Content-Type": "application/scim+json"}
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}
        data = json.dumps(body).encode() if operations is not None else None
        request = urllib.request.Request(f"{sandbox.url}/v2/{path}", method=method, headers=headers, data=data)
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code


@pytest.mark.parametrize(
    ("limits", "method", "path", "operations", "refused"),
    [
        (ScimLimits(member_changes=1), "PATCH", "Groups/g1", [ADD_TWO], 400),
        (ScimLimits(filter_removals=False), "PATCH", "Groups/g1", [{"op": "remove", "path": 'members[value eq "u1"]'}], 400),
        (ScimLimits(operations=1), "PATCH", "Users/u1", [TITLE, ACTIVE], 400),
        (ScimLimits(patch=False), "PATCH", "Users/u1", [TITLE], 400),
        (ScimLimits(path_filters=False), "PATCH", "Users/u1", [{"op": "remove", "path": 'emails[type eq "work"]'}], 400),
        (ScimLimits(one_equality=True), "GET", "Users?filter=userName%20pr", None, 400),
        (ScimLimits(projections=False), "GET", "Users?attributes=id", None, 400),
        (ScimLimits(furthest_start=2), "GET", "Users?startIndex=3", None, 400),
        (ScimLimits(put=False), "PUT", "Users/u1", [], 404),
        (ScimLimits(deactivated=Deactivated.HIDDEN), "GET", "Users/u2", None, 404),
    ],
)
def test_a_limit_refuses_what_it_names(limits: ScimLimits, method: str, path: str, operations: Any, refused: int) -> None:
    assert status(limits, method, path, operations) == refused


@pytest.mark.parametrize(
    ("limits", "method", "path", "operations"),
    [
        (ScimLimits(member_changes=2), "PATCH", "Groups/g1", [ADD_TWO]),
        (ScimLimits(operations=2), "PATCH", "Users/u1", [TITLE, ACTIVE]),
        (ScimLimits(patch=False), "PATCH", "Users/u1", [ACTIVE]),
        (ScimLimits(one_equality=True), "GET", "Users?filter=userName%20eq%20%22x%22", None),
        (ScimLimits(furthest_start=2), "GET", "Users?startIndex=2", None),
        (ScimLimits(deactivated=Deactivated.HIDDEN), "PATCH", "Users/u2", [ACTIVE]),
    ],
)
def test_a_limit_lets_everything_else_through(limits: ScimLimits, method: str, path: str, operations: Any) -> None:
    assert status(limits, method, path, operations) in (200, 204)


def test_a_deactivated_user_is_gone_where_the_application_deletes_it() -> None:
    settings = ScimSandboxSettings(limits=ScimLimits(deactivated=Deactivated.GONE), paging=SandboxPaging.NONE)
    app = ScimSandbox(SEED, settings=settings)
    with running(app) as sandbox:
        request = urllib.request.Request(f"{sandbox.url}/v2/Users?count=1", headers={"Authorization": "Bearer sandbox"})
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            assert len(json.loads(answer.read())["Resources"]) == 3
    assert [user["id"] for user in app.state()["users"]] == ["u0", "u1"]
