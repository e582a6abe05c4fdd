"""Declared licence seats: the forecast says what the systems then show to be in use, and a rehearsal finds that there are too few."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from reconcile.errors import ExitCode

from .conftest import Planned
from .night_worlds import CLOCK, World

PLENTY = 10_000


def _active(world: World, target: str) -> set[str]:
    if target == "okta":
        return {user["id"] for user in world.state["okta"]["users"] if user["status"] != "DEPROVISIONED"}
    return {user["id"] for user in world.state["wiki"]["users"] if user["active"]}


def _members(world: World, target: str) -> dict[str, set[str]]:
    """The accounts that are not deactivated, by group name."""
    active = _active(world, target)
    if target == "okta":
        names = {group["id"]: group["profile"]["name"] for group in world.state["okta"]["groups"]}
        return {names[group]: {*held} & active for group, held in world.state["okta"]["members"].items() if group in names}
    return {group["displayName"]: {each["value"] for each in group["members"]} & active for group in world.state["wiki"]["groups"]}


def _declare(world: World, target: str, accounts: int, groups: dict[str, int]) -> None:
    named = ", ".join(f'"{name}" = {number}' for name, number in groups.items())
    with (world.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[seats.{target}]\naccounts = {accounts}\ngroups = {{ {named} }}\n")


def _uses(document: dict[str, Any], target: str) -> dict[str, dict[str, Any]]:
    told = document.get("forecast") or document["targets"]
    return {each["name"]: each for each in next(each for each in told if each["target"] == target)["seats"]}


@pytest.mark.parametrize("target", ["okta", "wiki"])
def test_forecast_of_seats_is_what_the_systems_then_show(before_a_night: Planned, target: str) -> None:
    world = before_a_night.world
    before, accounts = _members(world, target), len(_active(world, target))
    assert before
    _declare(world, target, PLENTY, dict.fromkeys(before, PLENTY))
    plan = world.run("plan", *CLOCK, "--json").json
    uses = _uses(plan, target)
    assert uses.keys() == {"", *before}
    assert _uses(world.run("show", "--json").json, target) == uses
    assert "seats of accounts: " in world.run("show").out
    assert world.run("apply", "--live").code == ExitCode.CHANGES_WAIT
    after = _members(world, target)
    assert any(each["freed"] for each in uses.values())
    assert any(each["taken"] for each in uses.values())
    assert (uses[""]["used"], _after(uses[""])) == (accounts, len(_active(world, target)))
    for name, held in before.items():
        assert (uses[name]["used"], _after(uses[name])) == (len(held), len(after[name]))
        assert (uses[name]["freed"], uses[name]["taken"]) == (len(held - after[name]), len(after[name] - held))


def _after(use: dict[str, Any]) -> int:
    return int(use["used"] - use["freed"] + use["taken"])


def _taking(uses: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (each for each in uses.values() if each["name"] and each["taken"])


def test_rehearsal_finds_too_few_seats_and_the_rows_that_it_says_to_hold_are_enough(before_a_night: Planned) -> None:
    world = before_a_night.world
    _declare(world, "okta", PLENTY, dict.fromkeys(_members(world, "okta"), PLENTY))
    short = max(_taking(_uses(world.run("plan", *CLOCK, "--json").json, "okta")), key=lambda each: each["taken"])
    world.edit("reconcile.toml", f'"{short["name"]}" = {PLENTY}', f'"{short["name"]}" = {short["most"] - 1}')
    assert world.run("plan", *CLOCK).code == ExitCode.CHANGES_WAIT
    ended = world.run("rehearse")
    assert ended.code == ExitCode.PARTLY_APPLIED
    assert "as planned, and there are NOT ENOUGH SEATS" in ended.out
    assert "Do not apply it" in ended.out
    found = re.search(r"NOT ENOUGH SEATS  .*reconcile (approve .*)$", ended.out, re.MULTILINE)
    assert found, ended.out
    assert world.run(*shlex.split(found[1])).code == ExitCode.DONE
    rehearsed = world.run("rehearse")
    assert rehearsed.code == ExitCode.DONE
    assert "Next plan: no operations, beside the rows that a reviewer keeps back." in rehearsed.out
    told = _uses(world.run("rehearse", "--json").json, "okta")[short["name"]]
    assert (told["taken"], told["short"]) == (0, 0)


def test_name_that_stands_for_nothing_is_told(before_a_night: Planned) -> None:
    world = before_a_night.world
    _declare(world, "wiki", PLENTY, {"no such group": 1})
    assert world.run("plan", *CLOCK).code == ExitCode.CHANGES_WAIT
    assert "seats of group no such group: no group of this name was read" in " ".join(world.run("show").out.split())
    assert "CORRECT THE NAME  in [seats.wiki] of reconcile.toml" in world.run("rehearse").out


def test_target_that_no_mapping_has_is_refused(before_a_night: Planned) -> None:
    world = before_a_night.world
    _declare(world, "wikki", PLENTY, {})
    ended = world.run("plan", *CLOCK)
    assert ended.code == ExitCode.BAD_CONFIGURATION
    assert "seats.wikki: no mapping file has the target 'wikki'; did you mean 'wiki'?" in ended.err


def test_seats_of_an_app_count_who_has_it_through_a_group(before_a_night: Planned) -> None:
    world = before_a_night.world
    state = world.state["okta"]
    members = _members(world, "okta")
    given = max(members, key=lambda name: len(members[name]))
    active = _active(world, "okta")
    alone = min(active - members[given])
    left = min(user["id"] for user in state["users"] if user["id"] not in active)
    state["apps"] = [{"label": "Draw", "users": {alone: {}, left: {}, min(members[given]): {}}, "groups": {given: {}}}]
    world.okta.app.seed(state)
    world.edit("reconcile.toml", 'type = "okta"', 'type = "okta"\napps = true')
    _declare(world, "okta", PLENTY, {given: PLENTY})
    with (world.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
        file.write("apps = { Draw = 10000 }\n")
    assert world.run("extract").code == ExitCode.DONE
    uses = _uses(world.run("plan", *CLOCK, "--json").json, "okta")
    assert uses["Draw"]["used"] == len(members[given]) + 1
    assert (uses["Draw"]["freed"], uses["Draw"]["taken"]) == (uses[given]["freed"], uses[given]["taken"])
    assert uses["Draw"]["freed"] or uses["Draw"]["taken"]
