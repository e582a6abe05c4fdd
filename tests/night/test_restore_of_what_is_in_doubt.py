"""`reconcile restore` of what no read is believed about at once: a group that lost nearly all of its members, and roles."""

import asyncio
from dataclasses import dataclass

import httpx
import pytest

from connectors.contract import Entitlement, EntitlementKind, Traits
from connectors.memory.connector import MemoryTarget
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.scim import BASE_PATH
from reconcile.plan.origin import BoundSystem
from reconcile.snapshot.binding import Answering
from reconcile.usecases.reread import FewerMembers, reread
from tests.support.batching_memory import BatchingMemory

from .conftest import Calm
from .night_worlds import World
from .test_restore import BEFORE, WIKI, others


def members_of(held: World) -> dict[str, list[str]]:
    return held.state["okta"]["members"]


@pytest.fixture
def emptied(calm: Calm) -> World:
    """A world whose largest group was emptied by an outside actor, but for one member, between two reads."""
    held = calm()
    assert held.night().code == 10
    assert held.run("extract", hour=14).code == 0
    groups = {each["id"]: each["profile"]["name"] for each in held.state["okta"]["groups"] if each["type"] == "OKTA_GROUP"}
    group = max(groups, key=lambda id_: len(members_of(held).get(id_, ())))
    logins = {each["id"]: each["profile"]["login"] for each in held.state["okta"]["users"]}
    held.emptied, held.struck = groups[group], [each for each in members_of(held)[group] if "break-glass" not in logins[each]][1:]
    held.members_before = set(members_of(held)[group])
    assert len(held.struck) > 10
    for member in held.struck:
        others(held, "DELETE", f"groups/{group}/users/{member}")
    assert held.run("extract", hour=17).code == 12
    return held


def test_an_emptied_group_is_named_and_comes_back_by_a_second_read(emptied: World) -> None:
    held = emptied
    without = held.run("restore", "--as-of", BEFORE, "--json", hour=18).json
    assert without["operations"] == []
    (said,) = (each["message"] for each in without["findings"] if held.emptied in each["message"])
    assert "in doubt" in said
    assert said.endswith("plan what both reads show: --reread.")

    writes = held.writes
    made = held.run("restore", "--as-of", BEFORE, "--reread", "--json", hour=18)
    assert (made.code, held.writes) == (12, writes), made.err
    stay = {each["account_id"] for each in made.json["findings"] if each["message"].endswith("they left, or are not due. It stays so.")}
    assert {each["account_id"] for each in made.json["operations"]} == set(held.struck) - stay
    assert {each["verb"] for each in made.json["operations"]} == {"add_member"}
    assert any(f"agree that {len(held.struck)} of them have lost it" in each["message"] for each in made.json["findings"])
    # The plan goes by a read that is in doubt: what it says of that group, the exit code says.
    assert held.run("apply", made.json["plan"]["digest"], "--live", hour=18).code == 12
    group = made.json["operations"][0]["entitlement_id"]
    assert set(members_of(held)[group]) == held.members_before - stay
    assert held.run("extract", hour=19).code == 0


def test_a_row_that_came_back_meanwhile_is_already_there_at_the_apply(emptied: World) -> None:
    held = emptied
    made = held.run("restore", "--as-of", BEFORE, "--reread", "--json", hour=18).json
    group = next(each["entitlement_id"] for each in made["operations"])
    others(held, "PUT", f"groups/{group}/users/{held.struck[0]}")
    writes = held.writes
    applied = held.run("apply", made["plan"]["digest"], "--live", hour=18)
    assert applied.code == 12, applied.err
    assert held.writes - writes == len(made["operations"]) - 1
    assert held.struck[0] in members_of(held)[group]


def test_a_group_of_which_no_member_was_read_is_not_sent_to_a_second_read(calm: Calm) -> None:
    held = calm()
    assert held.night().code == 10
    group = max(members_of(held), key=lambda id_: len(members_of(held)[id_]))
    held.okta.add_fault(Fault(FaultKind.STATUS, path=f"/api/v1/groups/{group}/users", method="GET", status=403))
    assert held.run("extract", hour=17).code == 12
    made = held.run("restore", "--as-of", BEFORE, "--reread", "--json", hour=18)
    (said,) = (each["message"] for each in made.json["findings"] if "its members are in doubt" in each["message"])
    assert said.endswith("Run `reconcile extract`, then ask again.")


@dataclass
class Bound:
    """Stands for what is known of the system that answers."""

    trouble: str = ""

    async def ask(self, _source: object) -> Answering:
        return Answering(BoundSystem(id="", address=""), self.trouble)


@pytest.mark.parametrize("kind", [MemoryTarget, BatchingMemory])
@pytest.mark.parametrize(
    ("rows", "there", "lost"),
    [(1, {"a"}, {"b", "c"}), (0, set(), {"a", "b", "c"}), (1, {"a", "b"}, None), (2, {"a", "stranger"}, {"b", "c"})],
    ids=["agree", "empty", "more than the last read", "others joined"],
)
def test_two_reads_agree_where_the_second_shows_no_more_than_the_first(kind, rows, there, lost):
    target = kind(
        "app",
        Traits(login="login", email="mail"),
        entitlements=[Entitlement("g", EntitlementKind.GROUP, "G")],
        members=[(each, "g") for each in there],
    )
    found = asyncio.run(reread(target, [FewerMembers("g", rows, ("a", "b", "c"))], Bound()))
    assert found.lost == frozenset((each, "g") for each in lost or ())
    assert (dict(found.agreed), "g" in found.refused) == (({"g": len(lost)}, False) if lost is not None else ({}, True))


def test_another_system_is_no_second_read():
    target = MemoryTarget("app", Traits(login="login", email="mail"))
    found = asyncio.run(reread(target, [FewerMembers("g", 0, ("a",))], Bound("another system answers")))
    assert (found.lost, dict(found.refused)) == (frozenset(), {"g": "another system answers"})


def test_roles_of_accounts_come_back_one_by_one(calm: Calm) -> None:
    held = calm()
    first, second, third = (each["id"] for each in held.state["wiki"]["users"][:3])
    _set_roles(held, first, "editor", "owner")
    _set_roles(held, second, "editor")
    assert held.night().code == 10
    assert held.run("extract", hour=14).code == 0
    _set_roles(held, first, "editor", "auditor")
    _set_roles(held, second)
    _set_roles(held, third, "owner")
    assert held.run("extract", hour=17).code == 0
    made = held.run("restore", "--as-of", BEFORE, "--json", hour=18)
    assert made.code == 10, made.err
    asked = {(each["verb"], each["account_id"], each["entitlement"], each["entitlement_kind"]) for each in made.json["operations"]}
    assert asked == {
        ("add_member", first, "owner", "role"),
        ("remove_member", first, "auditor", "role"),
        ("add_member", second, "editor", "role"),
        ("remove_member", third, "owner", "role"),
    }
    assert any("Roles come back by their value alone" in each["message"] for each in made.json["findings"])
    assert held.run("apply", made.json["plan"]["digest"], "--live", hour=18).code == 0
    roles = {each["id"]: {role["value"] for role in each.get("roles") or ()} for each in held.state["wiki"]["users"]}
    assert (roles[first], roles[second], roles[third]) == ({"editor", "owner"}, {"editor"}, set())


def _set_roles(held: World, user: str, *roles: str) -> None:
    change = (
        {"op": "replace", "path": "roles", "value": [{"value": each} for each in roles]} if roles else {"op": "remove", "path": "roles"}
    )
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [change]}
    assert httpx.patch(f"{held.wiki.url}{BASE_PATH}/Users/{user}", headers=WIKI, json=body).is_success
