"""Roles of users are given and taken one by one, and all others stay."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import NotFound, Rejected
from connectors.sandbox.host import WireAnswer, WireRequest
from connectors.sandbox.scim import ScimSandbox
from connectors.scim.connector import Scim

DIALECTS = [{}, {"path_filters": False}, {"user_update": "put"}, {"etag": "off"}]


@pytest.fixture
def app(serve: Any, user: Any) -> Any:
    roles = [{"value": "admin", "display": "Administrator", "primary": True}, {"value": 'the "other"'}]
    return serve(ScimSandbox({"users": [user(1, roles=roles), user(2)]}))


def roles(app: Any, account: str) -> set[str]:
    return {each["value"] for each in app.held("users", account).get("roles") or []}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_roles_come_and_go_and_the_others_stay(app: Any, dialect: dict[str, Any]) -> None:
    async def work(scim: Scim) -> list[bool]:
        await scim.add_member("role:editor", "u1")
        await scim.add_member("role:editor", "u2")
        await scim.remove_member('role:the "other"', "u1")
        return [await scim.has_member(f"role:{name}", "u1") for name in ("admin", "editor", 'the "other"', "Admin")]

    assert app.run(work, dialect_overrides=dialect) == [True, True, False, False]
    assert (roles(app, "u1"), roles(app, "u2")) == ({"admin", "editor"}, {"editor"})
    assert app.held("users", "u1")["userName"] == "person1@example.com"
    if not dialect:
        assert app.held("users", "u1")["roles"][0]["display"] == "Administrator"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_last_role_goes_too(app: Any, dialect: dict[str, Any]) -> None:
    async def work(scim: Scim) -> None:
        await scim.remove_member("role:admin", "u1")
        await scim.remove_member('role:the "other"', "u1")

    app.run(work, dialect_overrides=dialect)
    assert roles(app, "u1") == set()


def test_what_is_so_already_is_not_sent(app: Any) -> None:
    async def work(scim: Scim) -> None:
        await scim.add_member("role:admin", "u1")
        await scim.remove_member("role:editor", "u1")

    app.run(work)
    assert app.sandbox.writes() == []


def test_several_roles_of_one_user_at_once_are_all_given(app: Any) -> None:
    async def work(scim: Scim) -> None:
        await asyncio.gather(*(scim.add_member(f"role:r{number}", "u2") for number in range(5)))

    app.run(work)
    assert roles(app, "u2") == {f"r{number}" for number in range(5)}


class Deaf(ScimSandbox):
    """Answers every PATCH as if it had done something , and does nothing."""

    async def answer(self, request: WireRequest) -> WireAnswer:
        return await super().answer(replace(request, method="GET", body=b"") if request.method == "PATCH" else request)


def test_a_role_that_is_not_taken_over_is_refused(serve: Any, user: Any) -> None:
    app = serve(Deaf({"users": [user(2)]}))

    async def work(scim: Scim) -> None:
        with pytest.raises(Rejected, match="as they were"):
            await scim.add_member("role:editor", "u2")

    app.run(work)


def test_a_user_that_is_not_there_is_not_found(app: Any) -> None:
    async def work(scim: Scim) -> None:
        for verb in (scim.add_member, scim.remove_member, scim.has_member):
            with pytest.raises(NotFound):
                await verb("role:editor", "nobody")

    app.run(work)
