"""Members come and go one by one, and a server that loses others is stopped."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from connectors.errors import NotFound, Rejected, Uncertain
from connectors.sandbox.host import Fault, FaultKind, WireAnswer, WireRequest
from connectors.sandbox.scim import ScimSandbox, ScimSandboxSettings
from connectors.sandbox.scim_limits import ScimLimits
from connectors.scim.connector import Scim
from tests.support.waiting import LIMIT, come


class Careless(ScimSandbox):
    """Takes every removal for the removal of all members, as more than one real server has (SimpleIdServer issue 164)."""

    async def answer(self, request: WireRequest) -> WireAnswer:
        body = json.loads(request.body or b"{}")
        for operation in body.get("Operations", []):
            if operation["op"] == "remove":
                operation["path"] = "members"
                operation.pop("value", None)
        changed = WireRequest(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            body=json.dumps(body).encode(),
            base_url="",
        )
        return await super().answer(changed)


def members(app: Any, group: str = "g1") -> set[str]:
    return {member["value"] for member in app.held("groups", group).get("members", [])}


def test_members_are_added_removed_and_known(app: Any) -> None:
    async def work(scim: Scim) -> list[bool]:
        before = await scim.has_member("g1", "u4")
        await scim.add_member("g1", "u4")
        await scim.remove_member("g1", "u1")
        return [before, await scim.has_member("g1", "u4"), await scim.has_member("g1", "u1")]

    assert app.run(work) == [False, True, False]
    assert members(app) == {"u2", "u3", "u4"}


def test_what_is_so_already_is_not_sent(app: Any) -> None:
    async def work(scim: Scim) -> None:
        await scim.add_member("g1", "u1")
        await scim.remove_member("g1", "u5")

    app.run(work)
    assert app.sandbox.writes() == []


def test_changes_at_once_lose_nothing(serve: Any, user: Any) -> None:
    groups = [{"id": "g1", "displayName": "G", "members": [{"value": f"u{n}"} for n in range(10)]}]
    app = serve(ScimSandbox({"users": [user(n) for n in range(20)], "groups": groups}))

    async def work(scim: Scim) -> None:
        adds = [scim.add_member("g1", f"u{n}") for n in range(10, 20)]
        await asyncio.gather(*adds, *(scim.remove_member("g1", f"u{n}") for n in range(5)))

    app.run(work)
    assert members(app) == {f"u{n}" for n in range(5, 20)}


@pytest.mark.parametrize("form", ["filter", "value_array"])
def test_the_dialect_names_the_form_of_removal(serve: Any, user: Any, form: str) -> None:
    groups = [{"id": "g1", "displayName": "G", "members": [{"value": "u1"}, {"value": "u2"}]}]
    app = serve(ScimSandbox({"users": [user(1), user(2)], "groups": groups}, settings=ScimSandboxSettings(entra_removals=True)))
    app.run(lambda scim: scim.remove_member("g1", "u1"), dialect_overrides={"remove_form": form})
    assert members(app) == {"u2"}


def test_a_form_that_the_server_does_not_know_is_refused_and_no_other_is_tried(app: Any) -> None:
    with pytest.raises(Rejected):
        app.run(lambda scim: scim.remove_member("g1", "u1"), dialect="entra-like")
    assert len(app.sandbox.writes()) == 1
    assert members(app) == {"u1", "u2", "u3"}


def test_a_server_that_empties_a_group_empties_one_and_no_more(serve: Any, user: Any) -> None:
    groups = [{"id": f"g{n}", "displayName": "G", "members": [{"value": f"u{m}"} for m in range(5)]} for n in range(6)]
    app = serve(Careless({"users": [user(n) for n in range(5)], "groups": groups}))

    async def work(scim: Scim) -> list[BaseException | None]:
        return await asyncio.gather(*(scim.remove_member(f"g{n}", "u1") for n in range(6)), return_exceptions=True)

    problems = [str(problem) for problem in app.run(work)]
    assert "MEMBERS LOST" in problems[0]
    assert "the loss of 4 others (u0, u2, u3, u4)" in problems[0]
    assert all("no member is removed any more" in problem for problem in problems[1:])
    assert sum(not members(app, f"g{n}") for n in range(6)) == 1
    assert len(app.sandbox.writes()) == 1


@pytest.mark.parametrize("status", [200, 204])
def test_a_change_that_was_answered_and_not_made_is_refused(app: Any, status: int) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="PATCH", status=status))
    with pytest.raises(Rejected, match="is as it was"):
        app.run(lambda scim: scim.add_member("g1", "u4"))
    with pytest.raises(Rejected, match="is as it was"):
        app.run(lambda scim: scim.remove_member("g1", "u1"))


def test_a_change_whose_answer_was_lost_is_settled_by_reading_back(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="PATCH"))
    app.run(lambda scim: scim.add_member("g1", "u4"))
    assert "u4" in members(app)
    app.sandbox.clear_faults()
    app.sandbox.add_fault(Fault(FaultKind.DROP_BEFORE, method="PATCH"))
    with pytest.raises(Uncertain):
        app.run(lambda scim: scim.remove_member("g1", "u4"))


def test_a_group_that_does_not_exist_is_not_found(app: Any) -> None:
    with pytest.raises(NotFound):
        app.run(lambda scim: scim.has_member("nowhere", "u1"))


def limited(serve: Any, user: Any, **limits: Any) -> Any:
    groups = [{"id": "g1", "displayName": "G", "members": [{"value": f"u{n}"} for n in range(10)]}]
    settings = ScimSandboxSettings(limits=ScimLimits(**limits))
    return serve(ScimSandbox({"users": [user(n) for n in range(20)], "groups": groups}, settings=settings))


@pytest.mark.parametrize(("most", "requests"), [(1, 9), (4, 1 + 2), (100, 1 + 1)])
def test_changes_of_one_group_that_wait_for_each_other_go_together_in_requests_of_the_allowed_size(
    serve: Any, user: Any, most: int, requests: int
) -> None:
    app = limited(serve, user, member_changes=most)

    async def work(scim: Scim) -> None:
        await asyncio.gather(*(scim.add_member("g1", f"u{n}") for n in range(10, 19)))

    app.run(work, dialect_overrides={"max_member_changes": most})
    assert members(app) == {f"u{n}" for n in range(19)}
    assert len(app.sandbox.writes()) == requests


@pytest.mark.parametrize("form", ["filter", "value_array"])
def test_several_members_are_removed_in_one_request_after_the_first_was_proven(serve: Any, user: Any, form: str) -> None:
    groups = [{"id": "g1", "displayName": "G", "members": [{"value": f"u{n}"} for n in range(10)]}]
    seed = {"users": [user(n) for n in range(10)], "groups": groups}
    app = serve(ScimSandbox(seed, settings=ScimSandboxSettings(entra_removals=form == "value_array")))

    async def work(scim: Scim) -> None:
        await asyncio.gather(*(scim.remove_member("g1", f"u{n}") for n in range(6)))

    app.run(work, dialect_overrides={"remove_form": form})
    assert members(app) == {f"u{n}" for n in range(6, 10)}
    assert len(app.sandbox.writes()) == 2


class Picky(ScimSandbox):
    """Refuses every request that would add `u13`, as for an unknown member (django-scim2 answers 500, others 400)."""

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method == "PATCH" and b'"u13"' in request.body:
            return WireAnswer(status=400, headers=[], body=b'{"detail": "no such member"}')
        return await super().answer(request)


def test_one_member_that_is_refused_does_not_keep_the_others_out(serve: Any, user: Any) -> None:
    app = serve(Picky({"users": [user(n) for n in range(20)], "groups": [{"id": "g1", "displayName": "G"}]}))

    async def work(scim: Scim) -> list[BaseException | None]:
        return await asyncio.gather(*(scim.add_member("g1", f"u{n}") for n in range(10, 16)), return_exceptions=True)

    outcomes = app.run(work)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 3 + [Rejected] + [type(None)] * 2
    assert "no such member" in str(outcomes[3])
    assert members(app) == {f"u{n}" for n in (10, 11, 12, 14, 15)}


def test_a_lost_answer_to_several_changes_is_settled_for_each_by_reading_back(serve: Any, user: Any) -> None:
    app = limited(serve, user)
    app.sandbox.add_fault(Fault(FaultKind.DROP_BEFORE, method="PATCH", after=1))

    async def work(scim: Scim) -> list[BaseException | None]:
        return await asyncio.gather(*(scim.add_member("g1", f"u{n}") for n in (10, 11, 12)), return_exceptions=True)

    assert [type(outcome) for outcome in app.run(work)] == [type(None), Uncertain, Uncertain]
    assert len(app.sandbox.writes()) == 2


def test_a_change_that_is_given_up_leaves_the_others_to_be_made(serve: Any, user: Any) -> None:
    app = limited(serve, user)
    app.sandbox.add_fault(Fault(FaultKind.LATENCY, method="PATCH", seconds=LIMIT, times=1))

    async def work(scim: Scim) -> None:
        tasks = [asyncio.create_task(scim.add_member("g1", f"u{n}")) for n in (10, 11, 12)]
        await come(lambda: app.sandbox._in_flight)
        tasks[0].cancel()
        app.sandbox.clear_faults()
        await asyncio.gather(*tasks, return_exceptions=True)

    app.run(work)
    assert {"u11", "u12"} <= members(app)


def test_additions_and_removals_of_one_account_happen_in_the_order_they_were_wished(serve: Any, user: Any) -> None:
    app = limited(serve, user)

    async def work(scim: Scim) -> None:
        wishes = [scim.add_member, scim.remove_member, scim.add_member, scim.remove_member]
        await asyncio.gather(*(wish("g1", "u15") for wish in wishes), scim.add_member("g1", "u16"))

    app.run(work)
    assert members(app) == {f"u{n}" for n in range(10)} | {"u16"}
