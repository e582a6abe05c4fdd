"""Deleting an account for good, and that nothing is called suspended where SCIM knows no such thing."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import AccountState
from connectors.errors import PreconditionFailed, Rejected
from connectors.sandbox.host import Fault, FaultKind
from connectors.scim.connector import Scim


def test_a_deactivated_account_is_deleted_for_good_and_twice_is_once(app: Any) -> None:
    async def story(scim: Scim) -> None:
        await scim.deactivate_account("u1")
        for _ in range(2):
            await scim.delete_account("u1")
        assert await scim.read_account("u1") is None

    app.run(story)
    assert [request.method for request in app.sandbox.writes()].count("DELETE") == 1
    assert "u1" not in {user["id"] for user in app.sandbox.app.state()["users"]}


def test_an_account_that_works_is_not_deleted(app: Any) -> None:
    async def story(scim: Scim) -> None:
        with pytest.raises(PreconditionFailed, match="active"):
            await scim.delete_account("u1")

    app.run(story)
    assert app.sandbox.writes() == []


def test_a_deletion_that_only_says_it_deleted_is_refused(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="DELETE", status=204, body=""))

    async def story(scim: Scim) -> None:
        await scim.deactivate_account("u1")
        with pytest.raises(Rejected, match="still there"):
            await scim.delete_account("u1")

    app.run(story)
    assert app.held("users", "u1")["active"] is False


def test_nothing_is_suspended(app: Any) -> None:
    async def story(scim: Scim) -> None:
        with pytest.raises(Rejected, match="suspended"):
            await scim.suspend_account("u1")
        record = await scim.read_account("u1")
        assert record is not None
        assert record.state is AccountState.ACTIVE

    app.run(story)


@pytest.mark.parametrize(
    ("settings", "deletes"),
    [
        ({}, True),
        ({"dialect": "slack"}, False),
        ({"dialect": "salesforce"}, False),
        ({"dialect": "atlassian"}, False),
        ({"dialect_overrides": {"deprovision": "delete"}}, False),
        ({"dialect_overrides": {"deletes": False}}, False),
    ],
)
def test_only_where_delete_deletes_a_deactivated_account_can_it_be_asked_for(app: Any, settings: dict[str, Any], *, deletes: bool) -> None:
    async def story(scim: Scim) -> tuple[bool, bool]:
        return scim.traits.can.suspend, scim.traits.can.delete

    assert app.run(story, **settings) == (False, deletes)
