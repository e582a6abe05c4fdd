"""Bulk requests on the wire: sent only where they are allowed and stated, and each change keeps an answer of its own, whatever comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import Conflict, ConnectorError, Rejected, Uncertain
from connectors.sandbox.scim import ScimSandbox
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from tests.support.bulk_answers import Entries, OddBulk

from .conftest import Application

PEOPLE = 8
Serve = Callable[[Any], Application]
User = Callable[..., dict[str, Any]]


async def _together(connector: Scim, *verbs: Any) -> list[Any]:
    """Runs verbs as operations that are under way at once."""

    async def one(verb: Any) -> Any:
        with connector.under_way():
            return await verb

    return await asyncio.gather(*map(one, verbs), return_exceptions=True)


async def _titles(connector: Scim) -> list[Any]:
    """Gives everybody another title."""
    seen = [await connector.read_account(f"u{number}") for number in range(1, PEOPLE + 1)]
    return await _together(connector, *(connector.update_account(each.id, {"title": f"Pilot {each.id}"}, each) for each in seen if each))


def _shown(server: Any) -> list[Any]:
    return [user.get("title") for user in sorted(server.state()["users"], key=lambda user: user["id"])]


@pytest.fixture
def odd(user: User) -> OddBulk:
    return OddBulk(ScimSandbox({"users": [user(number) for number in range(1, PEOPLE + 1)]}))


def _without(text: str) -> Callable[[Entries], Entries]:
    return lambda entries: [{key: value for key, value in each.items() if key != text} for each in entries]


def test_changes_that_are_under_way_at_once_go_in_one_request(serve: Serve, odd: OddBulk) -> None:
    rows = serve(odd).run(_titles, bulk=True)
    assert (odd.sizes, [row.values()["title"] for row in rows]) == ([PEOPLE], _shown(odd))
    assert _shown(odd) == [f"Pilot u{number}" for number in range(1, PEOPLE + 1)]


@pytest.mark.parametrize("stated", [None, {"supported": False}, {"supported": True}, {"supported": "true", "maxOperations": 9, "maxPayloadSize": 9999}, {"supported": True, "maxOperations": 1, "maxPayloadSize": 9999}])  # fmt: skip
def test_nothing_goes_in_bulk_where_it_is_not_asked_for_or_not_stated(serve: Serve, odd: OddBulk, stated: Any) -> None:
    odd.config = stated
    serve(odd).run(_titles, bulk=stated is not None)
    assert (odd.sizes, None in _shown(odd)) == ([], False)


def test_requests_keep_to_the_stated_operations_and_bytes(serve: Serve, odd: OddBulk) -> None:
    odd.config = {"supported": True, "maxOperations": 3, "maxPayloadSize": 1 << 20}
    app = serve(odd)
    app.run(_titles, bulk=True)
    assert (max(odd.sizes), sum(odd.sizes), None in _shown(odd)) == (3, 3 + 3 + 2, False)
    app.sandbox.forget_requests()
    odd.config = {"supported": True, "maxOperations": 100, "maxPayloadSize": 1000}
    odd.server.seed({"users": [{**each, "title": "Clerk"} for each in odd.state()["users"]]})
    app.run(_titles, bulk=True)
    bodies = [each.body for each in app.sandbox.writes() if each.path.endswith("/Bulk")]
    assert len(bodies) > 1
    assert max(map(len, bodies)) <= 1000
    assert "Clerk" not in _shown(odd)


def test_change_that_is_longer_than_a_request_may_be_goes_alone(serve: Serve, odd: OddBulk) -> None:
    odd.config = {"supported": True, "maxOperations": 100, "maxPayloadSize": 50}
    serve(odd).run(_titles, bulk=True)
    assert (odd.sizes, None in _shown(odd)) == ([], False)


@pytest.mark.parametrize("told", [lambda entries: entries[::-1], _without("bulkId"), lambda entries: [{**each, "status": int(each["status"])} for each in entries], lambda entries: [{**each, "status": {"code": each["status"]}} for each in entries]], ids=["reversed", "without ids", "numbers", "codes"])  # fmt: skip
def test_answer_finds_its_change_in_any_order_and_form(serve: Serve, odd: OddBulk, told: Any) -> None:
    odd.told = told
    rows = serve(odd).run(_titles, bulk=True)
    assert [row.id for row in rows] == [f"u{number}" for number in range(1, PEOPLE + 1)]
    assert odd.sizes == [PEOPLE]


@pytest.mark.parametrize("told", [lambda entries: entries[:3], lambda _entries: [], _without("status"), lambda entries: [*entries, *({**each, "status": "500"} for each in entries)], lambda entries: [{**each, "status": "503"} for each in entries]], ids=["cut", "empty", "no status", "two answers", "503"])  # fmt: skip
def test_change_without_an_answer_is_read_back(serve: Serve, odd: OddBulk, told: Any) -> None:
    odd.told = told
    app = serve(odd)
    rows = app.run(_titles, bulk=True)
    assert [row.values()["title"] for row in rows] == _shown(odd)
    assert odd.sizes == [PEOPLE]


def test_change_that_is_neither_answered_nor_shown_is_uncertain(serve: Serve, odd: OddBulk) -> None:
    odd.undone = lambda operation: {"method": "PATCH"} if operation["path"] == "/Users/u2" else None
    rows = serve(odd).run(_titles, bulk=True)
    assert [type(row) for row in rows if isinstance(row, Exception)] == [Uncertain]
    assert "did not say what came of PATCH Users/u2" in str(rows[1])


def test_refusal_of_one_change_is_its_own(serve: Serve, odd: OddBulk) -> None:
    refused = {"status": "400", "response": {"scimType": "invalidValue", "detail": "no pilots"}}
    odd.undone = lambda each: {"bulkId": each["bulkId"], "method": "PATCH", **refused} if each["path"] == "/Users/u2" else None
    rows = serve(odd).run(_titles, bulk=True)
    assert [number for number, row in enumerate(rows) if isinstance(row, Exception)] == [1]
    assert isinstance(rows[1], Rejected)
    assert (rows[1].status, rows[1].detail) == (400, "invalidValue: no pilots")


def test_change_that_the_rate_limit_stops_goes_alone(serve: Serve, odd: OddBulk) -> None:
    odd.undone = lambda each: {"bulkId": each["bulkId"], "method": "PATCH", "status": "429"} if each["path"] == "/Users/u2" else None
    app = serve(odd)
    rows = app.run(_titles, bulk=True)
    assert [row.values()["title"] for row in rows] == _shown(odd)
    assert [each.path for each in app.sandbox.writes()] == ["/v2/Bulk", "/v2/Users/u2"]


@pytest.mark.parametrize(("most", "sizes"), [(4, [8, 4, 4]), (2, [8, 4, 2, 2, 2, 2]), (0, [8, 4, 2])])
def test_request_that_is_too_large_is_halved(serve: Serve, odd: OddBulk, most: int, sizes: list[int]) -> None:
    odd.most = most
    serve(odd).run(_titles, bulk=True)
    assert (odd.sizes, None in _shown(odd)) == (sizes, False)


@pytest.mark.parametrize(("status", "sizes"), [(501, [8]), (403, [8]), (404, [8]), (400, [8, 4, 2, 2])])
def test_application_that_refuses_bulk_gets_single_requests(serve: Serve, odd: OddBulk, status: int, sizes: list[int]) -> None:
    odd.most, odd.status = 0, status

    async def twice(connector: Scim) -> tuple[str, list[Any]]:
        await _titles(connector)
        return connector._session.bulk.requests.refused, await _titles(connector)

    refused, rows = serve(odd).run(twice, bulk=True)
    assert (odd.sizes, None in _shown(odd)) == (sizes, False)
    assert f"HTTP {status}" in refused
    assert not any(isinstance(row, Exception) for row in rows)


def test_new_user_is_found_by_its_place_and_a_place_that_lies_by_its_name(serve: Serve, odd: OddBulk) -> None:
    async def three(connector: Scim) -> list[Any]:
        return await _together(connector, *(connector.create_account({"userName": f"new{number}@example.com"}) for number in range(3)))

    odd.told = lambda entries: [{**each, "location": entries[0]["location"]} for each in entries]
    rows = serve(odd).run(three, bulk=True)
    assert [row.values()["userName"] for row in rows] == [f"new{number}@example.com" for number in range(3)]
    assert len({row.id for row in rows}) == 3
    assert odd.sizes == [3]


@pytest.mark.parametrize("place", ["https://other.example/v2/Users/", None])
def test_new_users_whose_answers_are_mixed_up_are_found_by_their_names(serve: Serve, odd: OddBulk, place: str | None) -> None:
    async def three(connector: Scim) -> list[Any]:
        return await _together(connector, *(connector.create_account({"userName": f"new{number}@example.com"}) for number in range(3)))

    def mixed(entries: Entries) -> Entries:
        users = {user["userName"]: user for user in odd.state()["users"]}
        new = [users[f"new{number}@example.com"] for number in (1, 2, 0)]
        places = [place and place + user["id"] for user in new]
        return [{**each, "location": at, "response": user} for each, at, user in zip(entries, places, new, strict=True)]

    odd.told = mixed
    rows = serve(odd).run(three, bulk=True)
    assert [row.values()["userName"] for row in rows] == [f"new{number}@example.com" for number in range(3)]
    assert odd.sizes == [3]


def test_name_that_is_taken_is_a_conflict_of_its_own_row(serve: Serve, odd: OddBulk) -> None:
    async def two(connector: Scim) -> list[Any]:
        return await _together(connector, *(connector.create_account({"userName": f"{name}@example.com"}) for name in ("person1", "new")))

    taken, new = serve(odd).run(two, bulk=True)
    assert isinstance(taken, Conflict)
    assert new.values()["userName"] == "new@example.com"


def test_stale_version_is_refused_inside_a_bulk_request(serve: Serve, odd: OddBulk) -> None:
    async def stale(connector: Scim) -> list[Any]:
        seen = [await connector.read_account(f"u{number}") for number in (1, 2)]
        users = odd.state()["users"]
        odd.seed({"users": [{**each, "title": "Hand", "meta": {"version": 'W/"99"'}} if each["id"] == "u1" else each for each in users]})
        return await _together(connector, *(connector.update_account(each.id, {"title": "Pilot"}, each) for each in seen if each))

    moved, done = serve(odd).run(stale, bulk=True)
    assert isinstance(moved, ConnectorError)
    assert "changed since it was read" in str(moved)
    assert done.values()["title"] == "Pilot"
    assert _shown(odd)[:2] == ["Hand", "Pilot"]


def test_change_waits_for_what_is_under_way_and_not_for_good(serve: Serve, odd: OddBulk) -> None:
    async def beside_one_that_changes_nothing(connector: Scim) -> list[Any]:
        with connector.under_way():
            return await _titles(connector)

    rows = serve(odd).run(beside_one_that_changes_nothing, bulk=True)
    assert [row.id for row in rows] == [f"u{number}" for number in range(1, PEOPLE + 1)]
    assert odd.sizes == [PEOPLE]


def test_check_says_that_changes_go_alone_where_bulk_is_asked_for_and_not_stated(serve: Serve, odd: OddBulk) -> None:
    said = {}
    for stated in (None, {"supported": False}):
        odd.config = stated
        checks = serve(odd).run(lambda connector: connector.check(), bulk=True)
        said[stated is None] = [each.what for each in checks if "bulk requests" in each.what]
    assert (said[True], len(said[False])) == ([], 1)


def test_bulk_is_refused_in_the_settings_where_the_dialect_has_none() -> None:
    with pytest.raises(ValueError, match="max_bulk_operations"):
        ScimSettings.model_validate({"url": "https://acme.example", "token": "env:T", "bulk": True, "dialect": "google-cloud-identity"})
