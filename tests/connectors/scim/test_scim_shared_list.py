"""Creations under way at once share one reading of a list that cannot be searched, and do not disturb it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from connectors.errors import BadResponse, Conflict, ConnectorError, Uncertain
from connectors.sandbox.host import Fault, FaultKind
from connectors.scim.connector import Scim
from tests.support.scim_habits import Habit, HabitServer

NO_FILTERS = {"dialect_overrides": {"filters": False, "max_page": 10}}


def server(*habits: Habit, people: int = 25) -> HabitServer:
    made = HabitServer(frozenset({Habit.NO_SEARCH, *habits}))
    known = [{"id": f"k{n:02}", "userName": f"known{n}@hill.example", "externalId": f"K{n}"} for n in range(people)]
    made.seed({"users": known, "groups": [{"id": f"h{n:02}", "displayName": f"Held {n}"} for n in range(people)]})
    return made


async def join(scim: Scim, name: str) -> object:
    """What the applier does for one new person."""
    if await scim.find_accounts("userName", f"{name}@hill.example") or await scim.find_accounts("externalId", name):
        return "somebody has it"
    return await scim.create_account({"userName": f"{name}@hill.example", "externalId": name})


async def all_at_once(scim: Scim, names: Sequence[str]) -> list[object]:
    slots = asyncio.Semaphore(4)

    async def one(name: str) -> object:
        async with slots:
            return await join(scim, name)

    return await asyncio.gather(*(one(name) for name in names), return_exceptions=True)


def pages(app: Any, kind: str = "Users") -> int:
    """How many pages of a list were read."""
    return sum(request.method == "GET" and request.path.endswith(f"/{kind}") for request in app.sandbox.requests())


@pytest.mark.parametrize("people", [4, 40])
def test_a_first_night_reads_the_list_once_however_many_are_created(serve: Any, people: int) -> None:
    app = serve(server())
    made = app.run(lambda scim: all_at_once(scim, [f"new{n}" for n in range(people)]), **NO_FILTERS)
    assert not [each for each in made if isinstance(each, BaseException)]
    assert len(app.sandbox.app.users) == 25 + people
    assert pages(app) == 3


def test_where_filters_are_refused_the_list_is_read_once_too(serve: Any) -> None:
    app = serve(server())
    made = app.run(lambda scim: all_at_once(scim, [f"new{n}" for n in range(12)]), dialect_overrides={"max_page": 10})
    assert not [each for each in made if isinstance(each, BaseException)]
    tries = sum("filter" in request.query for request in app.sandbox.requests())
    assert (tries <= 8, pages(app) - tries <= 3 + 8) == (True, True)


def test_an_application_without_users_is_not_asked_again_for_each_new_one(serve: Any) -> None:
    app = serve(HabitServer())
    app.run(lambda scim: all_at_once(scim, [f"new{n}" for n in range(20)]))
    assert len(app.sandbox.app.users) == 20
    assert pages(app) <= 10


def test_existing_created_and_renamed_users_are_found(serve: Any) -> None:
    app = serve(server())

    async def work(scim: Scim) -> list[list[str]]:
        async def ids(attribute: str, value: str) -> list[str]:
            return [row.id for row in await scim.find_accounts(attribute, value)]

        before = await ids("userName", "KNOWN7@hill.example")
        made = await scim.create_account({"userName": "kim@hill.example", "externalId": "kim"})
        await scim.update_account(made.id, {"userName": "lee@hill.example"}, made)
        return [
            before,
            await ids("userName", "lee@hill.example"),
            await ids("userName", "kim@hill.example"),
            await ids("externalId", "KIM"),
        ]

    assert app.run(work, **NO_FILTERS) == [["k07"], ["u501"], [], []]


def test_after_a_lost_answer_the_list_is_read_again(serve: Any) -> None:
    app = serve(server())

    async def work(scim: Scim) -> int:
        await scim.find_accounts("userName", "kim@hill.example")
        with pytest.raises(Uncertain):
            await scim.create_account({"userName": "kim@hill.example"})
        return len(await scim.find_accounts("userName", "kim@hill.example"))

    app.sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="POST", times=1))
    assert app.run(work, **NO_FILTERS) == 1
    assert pages(app) == 6


def test_refusals_for_values_that_are_taken_have_the_list_read_once_more_altogether(serve: Any) -> None:
    app = serve(server())

    async def work(scim: Scim) -> list[int]:
        found = [len(await scim.find_accounts("externalId", "none"))]
        for number in range(5):
            app.sandbox.app.users[f"x{number}"] = {"id": f"x{number}", "userName": f"new{number}@hill.example"}
            with pytest.raises(Conflict):
                await scim.create_account({"userName": f"new{number}@hill.example"})
            found.append(len(await scim.find_accounts("userName", f"new{number}@hill.example")))
        return found

    assert app.run(work, **NO_FILTERS)[:2] == [0, 1]
    assert pages(app) == 6


def test_a_list_that_is_never_whole_is_not_read_for_every_row(serve: Any) -> None:
    app = serve(server())
    app.sandbox.add_fault(Fault(FaultKind.BODY, path="startIndex=11", body="<html>"))
    made = app.run(lambda scim: all_at_once(scim, [f"new{n}" for n in range(30)]), **NO_FILTERS)
    assert all(isinstance(each, BadResponse) for each in made)
    assert pages(app) <= 3 * 2 * 2
    assert not app.sandbox.writes()


def test_new_groups_share_one_reading_of_the_groups(serve: Any) -> None:
    app = serve(server())

    async def one(scim: Scim, name: str) -> list[str]:
        assert not await scim.find_groups(name)
        await scim.create_group(name, "")
        return [each.name for each in await scim.find_groups(name)]

    async def work(scim: Scim) -> list[list[str]]:
        return await asyncio.gather(*(one(scim, f"Team {n}") for n in range(12)))

    assert app.run(work, **NO_FILTERS) == [[f"Team {n}"] for n in range(12)]
    assert pages(app, "Groups") == 3


def test_an_account_whose_confirmation_failed_is_found(serve: Any) -> None:
    app = serve(server())

    async def work(scim: Scim) -> int:
        await scim.find_accounts("userName", "kim@hill.example")
        with pytest.raises(ConnectorError):
            await scim.create_account({"userName": "kim@hill.example"})
        app.sandbox.clear_faults()
        return len(await scim.find_accounts("userName", "kim@hill.example"))

    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="GET", path="/Users/u501$", status=500))
    assert app.run(work, **NO_FILTERS) == 1
