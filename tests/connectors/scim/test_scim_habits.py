"""Applications that have no groups, state odd versions, or take one media type only are understood, and what they say is passed on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors.contract import AccountState
from connectors.errors import Rejected
from connectors.sandbox.host import Fault, FaultKind
from connectors.scim.connector import Scim
from tests.support.scim_habits import Habit, HabitServer


def server(*habits: Habit) -> HabitServer:
    made = HabitServer(frozenset(habits))
    made.seed({"users": [{"id": "u1", "userName": "mara@hill.example"}], "groups": [{"id": "g1", "displayName": "Hikers"}]})
    return made


async def problems(scim: Scim) -> list[str]:
    return [check.problem for check in await scim.check() if check.problem]


WAY_OUT = "If the application has no groups, set dialect_overrides = { groups = false } for it in reconcile.toml"
SENTENCES = {
    Habit.NO_GROUPS_404: "Cannot GET /Groups",
    Habit.NO_GROUPS_500: "The resource type Groups is unknown here",
    Habit.NO_GROUPS_501: "Groups are not implemented",
}


@pytest.mark.parametrize("habit", SENTENCES)
def test_check_and_extract_pass_on_what_is_said_of_groups_and_name_the_setting(serve: Any, habit: Habit) -> None:
    app = serve(server(habit))
    [problem] = app.run(problems)
    reading = app.read()
    for sentence in (problem, reading.ends["entitlements"].problem):
        assert SENTENCES[habit] in sentence
        assert sentence.endswith(WAY_OUT)
    assert reading.ids == ["u1"]
    assert app.run(problems, dialect_overrides={"groups": False}) == []


def test_a_lost_connection_is_not_taken_for_the_lack_of_groups(serve: Any) -> None:
    app = serve(server())
    app.sandbox.add_fault(Fault(FaultKind.DROP_BEFORE, path="/Groups"))
    [problem] = app.run(problems)
    assert "does a proxy or firewall let this machine through" in problem
    assert "groups = false" not in problem


def test_a_token_that_a_server_repeats_in_a_failure_is_not_passed_on(serve: Any) -> None:
    app = serve(server())
    body = '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "500", "detail": "no groups for sandbox"}'
    app.sandbox.add_fault(Fault(FaultKind.STATUS, path="/Groups", status=500, body=body))
    [problem] = app.run(problems)
    assert "no groups for (secret removed)" in problem


@pytest.mark.parametrize("etag", ["advertised", "always"])
def test_a_version_that_no_header_can_carry_is_not_sent_and_check_says_so(serve: Any, etag: str) -> None:
    app = serve(server(Habit.ODD_VERSION))

    async def work(scim: Scim) -> list[str]:
        await scim.deactivate_account("u1")
        await scim.add_member("g1", "u1")
        return [check.what for check in await scim.check() if "what no header can carry" in check.what]

    settings = {"etag": etag, "group_update": "put", "active_update": "put"}
    assert len(app.run(work, dialect_overrides=settings)) == 1
    assert app.held("users", "u1")["active"] is False


@pytest.mark.parametrize(
    ("version", "sent"),
    [
        ('W/"7"', 'W/"7"'),
        ('"a-b"', '"a-b"'),
        ("3694e05e", "3694e05e"),
        ('W/"a"b"', ""),
        ('"a\r\nX-Evil: 1"', ""),
        ('"ä"', ""),
        (f'"{"x" * 5000}"', ""),
        ('"a", "b"', ""),
        ("", ""),
    ],
)
def test_only_an_entity_tag_is_sent_as_one(serve: Any, version: str, sent: str) -> None:
    app = serve(server())

    async def work(scim: Scim) -> str:
        return await scim._session.versions.for_write({"meta": {"version": version}})

    assert app.run(work, dialect_overrides={"etag": "always"}) == sent


def test_the_dialect_names_the_media_type_of_writes(serve: Any) -> None:
    app = serve(server(Habit.ONLY_JSON))
    with pytest.raises(Rejected, match="set media_type in the dialect"):
        app.run(lambda scim: scim.deactivate_account("u1"))
    app.run(lambda scim: scim.deactivate_account("u1"), dialect_overrides={"media_type": "application/json"})
    assert app.held("users", "u1")["active"] is False


def test_where_active_is_never_shown_the_answer_is_believed_and_check_says_so(serve: Any) -> None:
    app = serve(server(Habit.NEVER_ACTIVE))

    async def work(scim: Scim) -> tuple[AccountState, AccountState, list[str]]:
        left = await scim.deactivate_account("u1")
        back = await scim.activate_account("u1")
        return left.state, back.state, [check.what for check in await scim.check() if "shown without active" in check.what]

    left, back, said = app.run(work)
    assert (left, back, len(said)) == (AccountState.DEACTIVATED, AccountState.ACTIVE, 1)
    assert len(app.sandbox.writes()) == 2


@pytest.mark.parametrize("habit", [Habit.EMPTY_ANSWERS, Habit.OLD_ANSWERS, Habit.LATE_ANSWERS])
@pytest.mark.parametrize("form", ["patch", "put"])
def test_what_is_answered_to_a_change_of_a_group_does_not_matter(serve: Any, habit: Habit, form: str) -> None:
    app = serve(server(habit))

    async def work(scim: Scim) -> None:
        await scim.add_member("g1", "u1")
        assert await scim.has_member("g1", "u1")
        await scim.remove_member("g1", "u1")

    app.run(work, dialect_overrides={"group_update": form})
    assert not app.held("groups", "g1").get("members")


def test_member_that_cannot_be_added_blocks_no_other_member(serve: Any) -> None:
    made = server(Habit.STRICT_MEMBERS)
    made.users |= {f"u{n}": {"id": f"u{n}", "userName": f"u{n}@hill.example", "active": n != 3} for n in range(2, 6)}
    app = serve(made)

    async def work(scim: Scim) -> list[bool]:
        ended = await asyncio.gather(*(scim.add_member("g1", f"u{n}") for n in range(1, 6)), return_exceptions=True)
        return [each is None for each in ended]

    assert app.run(work) == [True, True, False, True, True]
