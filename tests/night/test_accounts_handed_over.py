"""Over real sockets: what happens to accounts that changed hands, got a twin, or became protected between plan and apply, resume or undo."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.waiting import until

from .conftest import Planned
from .hr_oracle import ENTERPRISE
from .night_worlds import World
from .test_world_moves import _okta, _okta_id, _outcomes, _wiki_edits, _wiki_id

STRANGER = "stranger@example.com"
NUMBER = "0777777"
HANDED_OVER = {
    "login and address": ({"login": STRANGER, "email": STRANGER}, {"userName": STRANGER, 'emails[type eq "work"].value': STRANGER}),
    "number": ({"employeeNumber": NUMBER}, {"externalId": NUMBER, f"{ENTERPRISE}:employeeNumber": NUMBER}),
}
BOTH = ("okta", "wiki")


def _hand_over(held: World, target: str, account_id: str, values: dict[str, str]) -> None:
    if target == "okta":
        _okta(held, "POST", f"users/{account_id}", {"profile": values})
    else:
        login = next(user["userName"] for user in held.state["wiki"]["users"] if user["id"] == account_id)
        _wiki_edits(held, login, **values)


def _id(held: World, target: str, login: str) -> str:
    return _okta_id(held, login) if target == "okta" else _wiki_id(held, login)


def _account(held: World, target: str, account_id: str) -> tuple[Any, ...]:
    """The account as it is, with its groups."""
    state = held.state[target]
    user = next(each for each in state["users"] if each["id"] == account_id)
    if target == "okta":
        login = user["profile"]["login"]
        return user, sorted(name for name, members in state["members"].items() if login in members or account_id in members)
    groups = sorted(group["displayName"] for group in state["groups"] if account_id in [each["value"] for each in group.get("members", ())])
    return user, groups


def _kinds(report: dict[str, Any], target: str, account_id: str) -> set[str]:
    return {
        (each["outcome"] or {"kind": ""})["kind"]
        for each in report["operations"]
        if (each["target"], each["account_id"]) == (target, account_id)
    }


@pytest.mark.parametrize("changes", HANDED_OVER.values(), ids=HANDED_OVER)
def test_accounts_that_changed_hands_are_left_and_the_rest_is_applied(before_a_night: Planned, changes: tuple[dict[str, str], ...]) -> None:
    held, plan = before_a_night.world, before_a_night.plan
    people = {"okta": [held.morning.leaver, held.morning.mover], "wiki": [held.morning.leaver, held.morning.promoted]}
    strangers = {}
    for target, values in zip(BOTH, changes, strict=True):
        for number, person in enumerate(people[target]):
            account_id = _id(held, target, person.email)
            _hand_over(held, target, account_id, {name: f"{number}{value}" for name, value in values.items()})
            strangers[target, account_id] = _account(held, target, account_id)
    verbs = {each["verb"] for each in plan["operations"] if (each["target"], each["account_id"]) in strangers}
    assert verbs == {"deactivate", "update", "add_member", "remove_member"}
    for words in ((), ("--live",)):
        ended = held.run("apply", *words, "--json")
        assert ended.code == 14
        assert {kind for where in strangers for kind in _kinds(ended.json, *where)} <= {"moved", "held"}
        assert all("moved" in _kinds(ended.json, *where) for where in strangers)
    assert {where: _account(held, *where) for where in strangers} == strangers
    others = [each for each in ended.json["operations"] if (each["target"], each["account_id"]) not in strangers]
    assert {each["outcome"]["kind"] for each in others} == {"done"}


@pytest.mark.parametrize("changes", HANDED_OVER.values(), ids=HANDED_OVER)
def test_an_undo_leaves_accounts_that_changed_hands_after_the_run(after_a_night: World, changes: tuple[dict[str, str], ...]) -> None:
    held = after_a_night
    digest = held.run("undo", "--json").json["plan"]["digest"]
    strangers = {}
    for target, values in zip(BOTH, changes, strict=True):
        account_id = _id(held, target, held.morning.leaver.email)
        if target == "okta":
            # A deprovisioned user cannot be edited.
            _okta(held, "POST", f"users/{account_id}/lifecycle/activate?sendEmail=false")
        _hand_over(held, target, account_id, values)
        if target == "okta":
            _okta(held, "POST", f"users/{account_id}/lifecycle/deactivate")
        strangers[target, account_id] = _account(held, target, account_id)
    ended = held.run("apply", digest, "--live", "--json")
    assert ended.code == 14
    assert {where: _account(held, *where) for where in strangers} == strangers
    for where in strangers:
        assert ("reactivate", "moved") in {
            (each["verb"], each["outcome"]["kind"]) for each in ended.json["operations"] if (each["target"], each["account_id"]) == where
        }


@pytest.mark.parametrize("target", BOTH)
def test_no_second_account_is_created_beside_one_with_the_same_number(before_a_night: Planned, target: str) -> None:
    held = before_a_night.world
    if target == "okta":
        profile = {"login": STRANGER, "email": STRANGER, "firstName": "New", "lastName": "Starter", "employeeNumber": "0099999"}
        _okta(held, "POST", "users?activate=true", {"profile": profile, "credentials": {"password": {"value": "Correct7horse"}}})
    else:
        _wiki_edits(held, held.morning.bystander.email, externalId="0099999")
    # An index of Okta's shows a new account a moment late.
    until(lambda: held.run("apply", "--json").code == 14)
    ended = held.run("apply", "--live", "--json")
    assert ended.code == 14
    assert ("create", "moved") in _outcomes(ended.json, target=target, anchor="0099999")
    logins = [(user.get("profile") or {"login": user.get("userName")})["login"] for user in held.state[target]["users"]]
    assert held.morning.starter not in logins


@pytest.mark.parametrize("target", BOTH)
def test_a_group_is_not_given_to_an_account_that_was_deactivated_by_hand(before_a_night: Planned, target: str) -> None:
    held, plan = before_a_night.world, before_a_night.plan
    gets = [each for each in plan["operations"] if (each["target"], each["verb"]) == (target, "add_member") and each["account_id"]]
    if not gets:
        pytest.skip("nobody gets a group there this morning")
    account_id = gets[0]["account_id"]
    if target == "okta":
        _okta(held, "POST", f"users/{account_id}/lifecycle/deactivate")
    else:
        _wiki_edits(held, gets[0]["who"], active=False)
    before = _account(held, target, account_id)[1]
    ended = held.run("apply", "--live", "--json")
    assert ended.code == 14
    found = {each["id"]: each["outcome"]["kind"] for each in ended.json["operations"]}
    assert {found[each["id"]] for each in gets if each["account_id"] == account_id} == {"moved"}
    assert set(_account(held, target, account_id)[1]) <= set(before)


def _protect(held: World, login: str) -> None:
    for target in BOTH:
        held.edit("reconcile.toml", f"{target} = [", f"{target} = [{json.dumps(login.upper())}, ")


def test_an_undo_leaves_out_accounts_that_are_protected_by_now(after_a_night: World) -> None:
    held = after_a_night
    leaver = held.morning.leaver.email
    ids = {target: _id(held, target, leaver) for target in BOTH}
    before = {target: _account(held, target, account_id) for target, account_id in ids.items()}
    _protect(held, leaver)
    made = held.run("undo", "--json").json
    assert [each for each in made["operations"] if each["who"] == leaver] == []
    told = [each for each in made["findings"] if each["kind"] == "protected" and each["who"] == leaver]
    assert sorted(each["target"] for each in told) == list(BOTH)
    assert held.run("apply", made["plan"]["digest"], "--live").code == 0
    assert {target: _account(held, target, account_id) for target, account_id in ids.items()} == before
