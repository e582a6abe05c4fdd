"""Groups of a SCIM application are created and found by their exact name, and who is in one through another is read as such."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Membership
from connectors.errors import Uncertain
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.scim import ScimSandbox
from connectors.scim import decode as wire
from connectors.scim.connector import Scim

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def test_a_new_group_takes_members(app: Any) -> None:
    async def work(scim: Scim) -> tuple[str, str, list[str], bool]:
        made = await scim.create_group("Sales & Söhne", "left out: a SCIM group has none")
        await scim.add_member(made.id, "u1")
        found = [each.id for each in await scim.find_groups("Sales & Söhne")]
        return made.id, made.name, found, await scim.has_member(made.id, "u1")

    made, name, found, member = app.run(work)
    assert (name, found, member) == ("Sales & Söhne", [made], True)
    assert app.held("groups", made)["displayName"] == "Sales & Söhne"


def test_a_group_is_found_by_its_exact_name(app: Any) -> None:
    async def work(scim: Scim) -> list[int]:
        return [len(await scim.find_groups(name)) for name in ("Research", "research", "Resear", "")]

    assert app.run(work) == [1, 0, 0, 0]


@pytest.mark.parametrize(("stated", "kind"), [("team", "team"), (7, ""), (["team"], ""), ("x" * 5_000, ""), ("a\nb", ""), (None, "")])
def test_the_type_that_a_group_states_is_its_kind_where_it_is_one_word(stated: object, kind: str) -> None:
    group = wire.entitlement({"id": "g", "displayName": "Research", "type": stated})
    assert (group.name, group.type) == ("Research", kind)


def test_a_lost_answer_leaves_the_outcome_open_and_the_group_can_be_looked_up(app: Any) -> None:
    async def work(scim: Scim) -> int:
        with pytest.raises(Uncertain):
            await scim.create_group("Sales", "")
        return len(await scim.find_groups("Sales"))

    app.sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="POST", path="/Groups$", times=1))
    assert app.run(work) == 1


@pytest.fixture
def nested(serve: Any, user: Any) -> Any:
    """Everybody is in `all` through `staff`, or through `staff` and `board`; u1 also by itself. The two hold one another."""

    def group(name: str, people: list[str], groups: list[str]) -> dict[str, Any]:
        inside = [{"value": each, "type": "User"} for each in people] + [{"value": each, "type": "Group"} for each in groups]
        return {"schemas": [GROUP], "id": name, "displayName": name.title(), "members": inside}

    groups = [group("all", ["u1"], ["staff"]), group("staff", ["u1", "u2"], ["board", "gone"]), group("board", ["u3"], ["all", "staff"])]
    return serve(ScimSandbox({"users": [user(number) for number in range(1, 5)], "groups": groups}))


@pytest.mark.parametrize("members", ["each", "list"])
def test_members_through_a_group_inside_are_read_with_its_name(nested: Any, members: str) -> None:
    reading = nested.read(dialect_overrides={"members": members})
    assert reading.ends["members all"].problem == ""
    assert not reading.quarantined
    held = {each for rows in reading.rows for each in rows.memberships if each.entitlement_id == "all"}
    assert held == {Membership("u1", "all"), Membership("u2", "all", "Staff"), Membership("u3", "all", "Staff")}


@pytest.mark.parametrize("address", ["https://app.example.com/scim/v2/Groups/staff", "../Groups/staff", "Groups/staff/"])
def test_a_group_inside_that_states_no_type_is_told_by_its_address(serve: Any, user: Any, address: str) -> None:
    groups = [
        {
            "schemas": [GROUP],
            "id": "all",
            "displayName": "All",
            "members": [{"value": "u1", "$ref": "../Users/u1"}, {"value": "staff", "$ref": address}],
        },
        {"schemas": [GROUP], "id": "staff", "displayName": "Staff", "members": [{"value": "u2", "type": "User", "$ref": "../Groups/u2"}]},
    ]
    reading = serve(ScimSandbox({"users": [user(1), user(2)], "groups": groups})).read()
    held = {each for rows in reading.rows for each in rows.memberships if each.entitlement_id == "all"}
    assert held == {Membership("u1", "all"), Membership("u2", "all", "Staff")}


def test_member_through_another_group_holds_it_indirectly(nested: Any) -> None:
    async def work(scim: Scim) -> list[tuple[bool, bool]]:
        return [
            (await scim.has_member("all", each), await scim.has_member("all", each, directly=True)) for each in ("u1", "u2", "u3", "u4")
        ]

    assert nested.run(work) == [(True, True), (True, False), (True, False), (False, False)]


def test_where_the_group_inside_cannot_be_read_the_outer_one_proves_nothing(nested: Any) -> None:
    nested.sandbox.add_fault(Fault(FaultKind.STATUS, method="GET", path="/Groups/board$", status=500))
    ends = nested.read().ends
    assert [bool(ends[f"members {name}"].problem) for name in ("all", "staff", "board")] == [True, True, True]


def test_where_the_group_inside_may_be_cut_short_the_outer_one_proves_nothing(nested: Any) -> None:
    ends = nested.read(dialect_overrides={"most_members_shown": 4}).ends
    assert [bool(ends[f"members {name}"].problem) for name in ("all", "staff", "board")] == [True, True, True]
