"""The SCIM application for tests, demos and rehearsals: what it holds, what it asks for, how it pages."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.scim import SandboxPaging, ScimSandbox, ScimSandboxSettings
from tests.support.waiting import LIMIT

SEED: dict[str, Any] = {
    "users": [{"id": f"u{n}", "userName": f"n{n}@example.com", "active": True} for n in range(3)],
    "groups": [{"id": "g1", "displayName": "G", "members": [{"value": "u1"}]}],
}


def ask(sandbox: Sandbox, path: str, *, method: str = "GET", body: object = None, token: str = "sandbox") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    request = urllib.request.Request(f"{sandbox.url}/v2/{path}", method=method, headers=headers)
    if body is not None:
        request.data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")


def test_ids_that_are_given_are_kept_and_others_are_made() -> None:
    app = ScimSandbox({"users": [{"id": "mine", "userName": "a"}, {"userName": "b"}]})
    assert [user["id"] for user in app.state()["users"]] == ["mine", "user-2"]


def test_the_state_can_be_fed_back() -> None:
    first = ScimSandbox(SEED).state()
    assert ScimSandbox(first).state() == first
    assert json.loads(json.dumps(first)) == first


@pytest.mark.parametrize(
    "state",
    [
        [],
        {"people": []},
        {"users": [{"userName": 7}]},
        {"users": [{"id": "1", "userName": "a"}, {"id": "1", "userName": "b"}]},
        {"users": [{"userName": "a"}, {"userName": "A"}]},
    ],
)
def test_a_state_that_cannot_be_held_is_refused(state: object) -> None:
    with pytest.raises(ValueError):
        ScimSandbox().seed(state)


def test_without_the_token_nothing_is_answered_but_401() -> None:
    with running(ScimSandbox(SEED)) as sandbox:
        status, body = ask(sandbox, "Users", token="guess")
        assert (status, body["status"]) == (401, "401")
        assert ask(sandbox, "Users")[0] == 200


def test_what_is_written_is_held_and_what_was_never_there_is_404() -> None:
    with running(ScimSandbox(SEED)) as sandbox:
        status, created = ask(
            sandbox, "Users", method="POST", body={"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "new"}
        )
        assert status == 201
        assert created["meta"]["location"] == f"{sandbox.url}/v2/Users/{created['id']}"
        assert created["id"] in [user["id"] for user in sandbox.app.state()["users"]]
        assert ask(sandbox, "Users/nobody")[0] == 404


def test_lists_are_cut_at_the_largest_page_and_filtered() -> None:
    with running(ScimSandbox(SEED, settings=ScimSandboxSettings(max_page=2))) as sandbox:
        _, page = ask(sandbox, "Users?count=100")
        assert (page["totalResults"], len(page["Resources"])) == (3, 2)
        _, found = ask(sandbox, "Users?filter=userName%20eq%20%22N1@example.com%22")
        assert [user["id"] for user in found["Resources"]] == ["u1"]


def test_by_cursor_only_means_that_an_index_is_refused() -> None:
    with running(ScimSandbox(SEED, settings=ScimSandboxSettings(paging=SandboxPaging.CURSOR))) as sandbox:
        assert ask(sandbox, "Users?startIndex=1&count=2")[0] == 501
        _, first = ask(sandbox, "Users?cursor&count=2")
        _, last = ask(sandbox, f"Users?cursor={first['nextCursor']}&count=2")
        assert len(first["Resources"]) + len(last["Resources"]) == 3
        assert "nextCursor" not in last


def test_with_every_optional_feature_off_only_the_required_ones_work() -> None:
    with running(ScimSandbox(SEED, settings=ScimSandboxSettings(bare=True))) as sandbox:
        assert ask(sandbox, "Users/u1", method="PATCH", body={"Operations": []})[0] == 501
        assert ask(sandbox, "Users?filter=userName%20pr")[0] in (400, 501)
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "changed"}
        assert ask(sandbox, "Users/u1", method="PUT", body=user)[1]["userName"] == "changed"
