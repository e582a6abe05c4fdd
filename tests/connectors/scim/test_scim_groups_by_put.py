"""Members of groups are changed by PUT of the whole group where the dialect says so, and no other member is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.sandbox.host import WireAnswer, WireRequest
from connectors.sandbox.scim import ScimSandbox, ScimSandboxSettings
from connectors.scim.connector import Scim

BY_PUT = {"user_update": "put", "active_update": "put", "group_update": "put"}
NO_PATCH = ScimSandboxSettings(patch=False)


def group(*members: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g1", "displayName": "Pilots", "members": list(members)}


def named(*ids: str) -> list[dict[str, Any]]:
    return [{"value": each, "display": f"Number {each[1:]}"} for each in ids]


def world(user: Any, *members: dict[str, Any]) -> dict[str, Any]:
    return {"users": [user(number) for number in range(1, 6)], "groups": [group(*members)]}


def shown(app: Any) -> list[str]:
    return sorted(member["value"] for member in app.held("groups", "g1").get("members") or [])


def run(app: Any, work: Callable[[Scim], Awaitable[Any]], **more: Any) -> Any:
    return app.run(work, dialect_overrides={**BY_PUT, **more})


class Interfering(ScimSandbox):
    """Another client adds u5 to the group just before the first PUT arrives."""

    interfered = False

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method == "PUT" and not self.interfered:
            self.interfered = True
            added = {"op": "add", "path": "members", "value": [{"value": "u5"}]}
            await super().answer(
                WireRequest(
                    method="PATCH",
                    path=request.path,
                    query="",
                    headers={name: value for name, value in request.headers.items() if name.lower() != "if-match"},
                    body=json.dumps({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [added]}).encode(),
                    base_url="",
                )
            )
        return await super().answer(request)


class Merging(ScimSandbox):
    """Treats a PUT of a group as the replacement of all members by the last one that it names."""

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method != "PUT":
            return await super().answer(request)
        body = json.loads(request.body)
        body["members"] = body["members"][-1:]
        changed = json.dumps(body).encode()
        return await super().answer(
            WireRequest(method="PUT", path=request.path, query="", headers=request.headers, body=changed, base_url="")
        )


def test_members_are_added_and_removed_without_any_patch(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox(world(user, *named("u1", "u2")), settings=NO_PATCH))

    async def work(scim: Scim) -> None:
        await asyncio.gather(scim.add_member("g1", "u3"), scim.add_member("g1", "u4"), scim.remove_member("g1", "u1"))

    run(app, work)
    assert shown(app) == ["u2", "u3", "u4"]
    assert {request.method for request in app.sandbox.writes()} == {"PUT"}


def test_the_last_member_is_removed(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox(world(user, *named("u1")), settings=NO_PATCH))
    run(app, lambda scim: scim.remove_member("g1", "u1"))
    assert shown(app) == []
    assert json.loads(app.sandbox.writes()[0].body)["members"] == []


def test_everything_else_of_the_group_stays_as_it_is(serve: Any, user: Any) -> None:
    inside = {"value": "g2", "type": "Group", "display": "Trainees"}
    app = serve(ScimSandbox(world(user, *named("u1"), inside), settings=NO_PATCH))
    run(app, lambda scim: scim.add_member("g1", "u2"))
    sent = json.loads(app.sandbox.writes()[0].body)
    assert (sent["id"], sent["displayName"], "meta" in sent) == ("g1", "Pilots", False)
    assert [{key: value for key, value in entry.items() if key != "$ref"} for entry in sent["members"]] == [
        {"value": "u1", "display": "Number 1"},
        inside,
        {"value": "u2"},
    ]


def test_member_added_elsewhere_meanwhile_is_kept(serve: Any, user: Any) -> None:
    app = serve(Interfering(world(user, *named("u1"))))
    run(app, lambda scim: scim.add_member("g1", "u2"))
    assert shown(app) == ["u1", "u2", "u5"]


def test_a_group_that_may_have_more_members_than_are_shown_is_never_replaced(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox(world(user, *named("u1", "u2")), settings=NO_PATCH))
    with pytest.raises(Rejected, match="not changed by PUT, which would remove some: it is shown with 2 members"):
        run(app, lambda scim: scim.add_member("g1", "u3"), most_members_shown=2)
    assert app.sandbox.writes() == []


def test_a_put_that_loses_others_is_the_last_one(serve: Any, user: Any) -> None:
    app = serve(Merging(world(user, *named("u1", "u2"))))

    async def work(scim: Scim) -> list[BaseException | None]:
        return await asyncio.gather(scim.add_member("g1", "u3"), scim.add_member("g1", "u4"), return_exceptions=True)

    first, second = run(app, work)
    assert "MEMBERS LOST" in str(first)
    assert "correct group_update in the dialect: it is put now" in str(first)
    assert "no member is added or removed any more" in str(second)
    assert len(app.sandbox.writes()) == 1


def test_what_needs_patch_is_unsupported_where_the_application_says_that_it_has_none(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox(world(user), settings=NO_PATCH))
    stated = app.run(lambda scim: scim.unsupported())
    assert set(stated) == {"update", "reactivate", "memberships", "group_attributes"}
    assert 'group_update = "put"' in stated["memberships"]
    assert app.run(lambda scim: scim.unsupported(), dialect_overrides=BY_PUT) == {}
    assert app.run(lambda scim: scim.unsupported(), dialect_overrides={"advertised": False}) == {}


def test_check_names_every_setting_that_would_send_patch(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox(world(user), settings=NO_PATCH))

    async def problems(scim: Scim) -> str:
        return " ".join(check.problem for check in await scim.check())

    said = app.run(problems, dialect_overrides={"user_update": "put"})
    assert 'dialect_overrides = { active_update = "put", group_update = "put" }' in said
    assert run(app, problems).strip() == ""
