"""Reads of several users by one filter on their ids: believed about whom they show as a read alone does, and about nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.contract import Record
from connectors.sandbox.scim import ScimSandbox
from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer
from connectors.scim.connector import Scim

from .conftest import Application

PEOPLE = 6
Users = list[dict[str, Any]]
Serve = Callable[[Any], Application]


@dataclass
class Filtering:
    """An application whose answers to filters on ids are not those of its server."""

    server: ScimSandbox
    shown: Callable[[Users], Users] = lambda users: users
    status: int = 200
    filters: list[str] = field(default_factory=list)

    async def answer(self, request: WireRequest) -> WireAnswer:
        asked = dict(request.params).get("filter", "")
        answer = await self.server.answer(request)
        if not asked.startswith("id eq"):
            return answer
        self.filters.append(asked)
        body = json.loads(answer.body)
        return json_answer(self.status, {**body, "Resources": self.shown(body.get("Resources", []))})

    def state(self) -> Any:
        return self.server.state()

    def seed(self, state: object) -> None:
        self.server.seed(state)


@pytest.fixture
def app(user: Callable[..., dict[str, Any]]) -> Filtering:
    return Filtering(ScimSandbox({"users": [user(number) for number in range(1, PEOPLE + 1)]}))


async def _read(connector: Scim, *others: str) -> list[Record | None]:
    async def one(user_id: str) -> Record | None:
        with connector.under_way():
            return await connector.read_account(user_id)

    return await asyncio.gather(*map(one, [*(f"u{number}" for number in range(1, PEOPLE + 1)), *others]))


async def _alone(connector: Scim) -> list[Record | None]:
    return [await connector.read_account(f"u{number}") for number in range(1, PEOPLE + 1)]


MANY = {"dialect_overrides": {"max_ids": 50}}


def _alone_asked(application: Application) -> int:
    return sum("/Users/" in each.path for each in application.sandbox.requests())


def test_users_that_are_read_at_once_take_one_request_and_one_for_the_proof(serve: Serve, app: Filtering) -> None:
    application = serve(app)
    expected = application.run(_alone)
    application.sandbox.forget_requests()
    assert application.run(_read, **MANY) == expected
    assert (len(app.filters), _alone_asked(application)) == (1, 1)


def test_filter_asks_for_no_more_ids_than_the_dialect_says(serve: Serve, app: Filtering) -> None:
    application = serve(app)
    assert [each.id for each in application.run(_read, dialect_overrides={"max_ids": 4}) if each] == [f"u{n}" for n in range(1, PEOPLE + 1)]
    assert [each.count("id eq") for each in app.filters] == [4, 2]


def test_user_that_the_filter_does_not_show_is_read_alone_and_only_that_says_that_there_is_none(serve: Serve, app: Filtering) -> None:
    app.shown = lambda users: [each for each in users if each["id"] != "u3"]
    rows = serve(app).run(lambda connector: _read(connector, 'gone" or id pr or id eq "'), **MANY)
    assert [each and each.id for each in rows] == [*(f"u{n}" for n in range(1, PEOPLE + 1)), None]


async def _read_twice(connector: Scim) -> list[list[Record | None]]:
    return [await _read(connector), await _read(connector)]


@pytest.mark.parametrize("shown", [lambda users: [{**each, "title": "Old"} for each in users], lambda _users: [], lambda users: users * 2], ids=["stale", "nobody", "twice"])  # fmt: skip
def test_filter_that_shows_another_user_than_a_read_alone_is_not_used_again(serve: Serve, app: Filtering, shown: Any) -> None:
    app.shown = shown
    application = serve(app)
    expected = application.run(_alone)
    assert application.run(_read_twice, **MANY) == [expected, expected]
    assert len(app.filters) == 1


def test_entry_that_was_not_asked_for_or_is_no_user_hides_nobody(serve: Serve, app: Filtering) -> None:
    app.shown = lambda users: [{**users[0], "id": "u99"}, 7, {}, *users]
    application = serve(app)
    expected = application.run(_alone)
    application.sandbox.forget_requests()
    assert application.run(_read_twice, **MANY) == [expected, expected]
    assert (len(app.filters), _alone_asked(application)) == (2, 1)


def test_filter_that_is_refused_is_not_used_again(serve: Serve, app: Filtering) -> None:
    app.status = 400
    application = serve(app)
    first, second = application.run(_read_twice, **MANY)
    assert first == second == application.run(_alone)
    assert len(app.filters) == 1


def test_reads_are_alone_where_the_dialect_does_not_say_otherwise(serve: Serve, app: Filtering) -> None:
    assert None not in serve(app).run(_read)
    assert app.filters == []
