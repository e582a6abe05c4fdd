"""What a user of any shape becomes, and how fast."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import AccountState, RawPage, Scope, ScopeKind
from connectors.errors import BadResponse, Rejected
from connectors.scim import decode as wire
from connectors.scim.attributes import flattened
from connectors.scim.names import ENTERPRISE, ENTERPRISE_PARTS, NAME_PARTS, SINGLE_VALUED, place_of
from connectors.scim.usual import usual

# Several test runs share one machine: slowness is no failure of what is tested.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ACCOUNTS = Scope(ScopeKind.ACCOUNTS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "type", "primary", "Value", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        "id",
        "ID",
        "userName",
        "USERNAME",
        "name",
        "Name",
        "emails",
        "phoneNumbers",
        "addresses",
        "active",
        "meta",
        ENTERPRISE,
        "urn:x:y",
        "roles",
        "q",
    ]
)


def page(*resources: object, total: int | None = None) -> RawPage:
    body = {"totalResults": len(resources) if total is None else total, "Resources": list(resources)}
    return RawPage(ACCOUNTS, 3, json.dumps(body).encode())


def one(**more: Any) -> dict[str, Any]:
    [record] = wire.users(page({"id": "1", **more})).records
    return record.values()


def test_every_kind_of_attribute_has_its_name() -> None:
    assert one(
        userName="ann",
        name={"givenName": "Ann", "familyName": "Bell"},
        emails=[{"value": "a@x", "type": "work", "primary": True}, {"value": "b@x", "type": "HOME"}],
        addresses=[{"type": "work", "locality": "Ulm", "country": "DE"}],
        roles=[{"value": "admin"}],
        groups=[{"value": "g1"}],
        password="never",
        **{ENTERPRISE: {"employeeNumber": 17, "manager": {"value": "m1", "displayName": "Mo"}}, "urn:acme:1.0:User": {"badge": "B1"}},
    ) == {
        "userName": "ann",
        "name.givenName": "Ann",
        "name.familyName": "Bell",
        "emails.work": "a@x",
        "emails.home": "b@x",
        "addresses.work.locality": "Ulm",
        "addresses.work.country": "DE",
        "roles": [{"value": "admin"}],
        "enterprise.employeeNumber": 17,
        "enterprise.manager": "m1",
        "urn:acme:1.0:User:badge": "B1",
    }


@pytest.mark.parametrize(
    ("emails", "expected"),
    [
        ("a@x", {"emails.primary": "a@x", "emails.work": "a@x"}),
        (["a@x"], {"emails.primary": "a@x", "emails.work": "a@x"}),
        ({"value": "a@x", "type": "work"}, {"emails.work": "a@x"}),
        ([{"value": "a@x"}], {"emails.primary": "a@x", "emails.work": "a@x"}),
        (
            [{"value": "a@x", "primary": True}, {"value": "b@x"}],
            {"emails.primary": "a@x", "emails.work": "a@x", "emails.untyped": "b@x"},
        ),
        ([{"Value": "a@x", "Type": "Work", "verified": True}], {"emails.work": "a@x", "emails.work.verified": True}),
        (
            [{"value": "c@x", "type": "work"}, {"value": "b@x", "type": "work"}, {"value": "d@x", "type": "work", "primary": True}],
            {"emails.work": "d@x", "emails.work.2": "b@x", "emails.work.3": "c@x"},
        ),
        (None, {}),
        ([], {}),
    ],
)
def test_emails_of_every_shape_are_read_and_none_is_lost(emails: object, expected: dict[str, Any]) -> None:
    assert one(emails=emails) == expected


@pytest.mark.parametrize("manager", ["m1", {"value": "m1"}, {"Value": "m1"}, [{"value": "m1"}]])
def test_a_manager_of_any_shape_is_the_managers_id(manager: object) -> None:
    assert one(**{ENTERPRISE: {"manager": manager}}) == {"enterprise.manager": "m1"}


def test_names_are_read_in_any_case_and_full_names_too() -> None:
    assert one(USERNAME="ann", Name={"GIVENNAME": "Ann"}, **{f"{ENTERPRISE}:department": "X", ENTERPRISE.upper(): {"CostCenter": "7"}}) == {
        "userName": "ann",
        "name.givenName": "Ann",
        "enterprise.department": "X",
        "enterprise.costCenter": "7",
    }


@pytest.mark.parametrize(
    ("active", "state"),
    [
        (True, "active"),
        (False, "deactivated"),
        ("True", "active"),
        ("false", "deactivated"),
        (None, "unknown"),
        (1, "active"),
        (0, "deactivated"),
    ],
)
def test_the_state_is_what_active_says_and_unknown_where_it_says_nothing(active: object, state: str) -> None:
    [record] = wire.users(page({"id": "1", "active": active})).records
    assert record.state is AccountState(state)


@pytest.mark.parametrize(
    "odd", ["text", 7, None, [], {}, {"id": ""}, {"id": True}, {"id": {}}, {"id": "9", "active": "maybe"}, {"id": "9", "active": []}]
)
def test_an_odd_record_costs_one_quarantined_row(odd: object) -> None:
    rows = wire.users(page({"id": "1"}, odd, {"id": 2}))
    assert [record.id for record in rows.records] == ["1", "2"]
    [bad] = rows.quarantined
    assert bad.position == "page 3, record 2"
    assert bad.reason


@pytest.mark.parametrize("title", [b"\\ud800", b"\xff"])
def test_text_that_is_no_unicode_costs_one_quarantined_row(title: bytes) -> None:
    body = b'{"TotalResults":"2","resources":[{"id":"1","title":"' + title + b'"},{"id":"2"}]}'
    rows = wire.users(RawPage(ACCOUNTS, 1, body))
    assert [record.id for record in rows.records] == ["2"]
    assert "no Unicode" in rows.quarantined[0].reason


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"totalResults":1,"Resources":{}}', b'{"detail":"no","status":"500"}', b'"x"']
)
def test_an_answer_that_is_no_list_is_not_believed(body: bytes) -> None:
    with pytest.raises(BadResponse):
        wire.listing(body)


@CALM
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_whatever_a_server_sends_is_a_row_or_a_quarantined_row(resource: dict[str, Any]) -> None:
    rows = wire.users(page(resource))
    assert len(rows.records) + len(rows.quarantined) == 1
    for record in rows.records:
        assert record.values() == json.loads(json.dumps(flattened(resource)))


TYPES = st.sampled_from(["work", "home", "other", "mobile", "Work", "x"])
ENTRIES = st.lists(st.fixed_dictionaries({"value": st.text(max_size=3), "type": TYPES}, optional={"primary": st.booleans()}), max_size=3)
USUAL = st.fixed_dictionaries(
    {"id": st.sampled_from(["1", "k&K d=="]), "userName": st.text(max_size=3)},
    optional={
        **{name: st.text(max_size=3) for name in SINGLE_VALUED if name not in ("profileUrl", "userName")},
        "active": st.none() | st.booleans(),
        "name": st.dictionaries(st.sampled_from(NAME_PARTS), st.text(max_size=3) | st.none()),
        "emails": ENTRIES,
        "phoneNumbers": ENTRIES,
        "groups": JSON,
        "meta": st.fixed_dictionaries(
            {}, optional={"version": st.just('W/"1"'), "lastModified": st.just("2026-01-01T00:00:00Z"), "x": JSON}
        ),
        ENTERPRISE: st.dictionaries(
            st.sampled_from([part for part in ENTERPRISE_PARTS if part != "manager"]), st.text(max_size=3) | st.integers(0, 9)
        )
        | st.fixed_dictionaries(
            {"manager": st.fixed_dictionaries({}, optional={"value": st.text(max_size=3), "$ref": JSON, "displayName": JSON})}
        ),
    },
)


@CALM
@given(st.lists(USUAL, max_size=3))
def test_the_quick_way_gives_the_same_rows_as_the_thorough_way(users: list[dict[str, Any]]) -> None:
    quick = usual(page(*users).body)
    thorough = wire.thorough(page(*users))
    assert quick is None or quick == thorough.records


ODD = st.dictionaries(KEYS, JSON, max_size=4) | JSON


@CALM
@given(st.lists(USUAL | ODD, max_size=8))
def test_a_page_with_users_of_every_kind_gives_the_same_rows_as_the_thorough_way(users: list[Any]) -> None:
    rows, thorough = wire.users(page(*users)), wire.thorough(page(*users))
    assert (rows.records, list(rows.quarantined)) == (thorough.records, thorough.quarantined)


def test_an_unusual_user_makes_no_other_go_the_thorough_way(monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[object] = []
    whole = wire.record
    monkeypatch.setattr(wire, "record", lambda item: (went.append(item), whole(item))[1])
    rows = wire.users(page(*({"id": str(n), **({"badge": 1} if n == 7 else {})} for n in range(1, 20))))
    assert [record.id for record in rows.records] == [str(n) for n in range(1, 20)]
    assert went == [{"id": "7", "badge": 1}]


def test_a_page_without_anything_unusual_goes_the_quick_way() -> None:
    body = page(
        {
            "id": "1",
            "schemas": [],
            "active": True,
            "emails": [{"value": "a@x", "type": "work", "primary": True}],
            ENTERPRISE: {"division": "D"},
        }
    ).body
    assert usual(body)


@pytest.mark.parametrize(
    "more", [{"id": ""}, {"nickname": "N"}, {"urn:acme:1.0:User": {}}, {"emails": [{"value": "a@x"}]}, {"active": "true"}, {"name": "Ann"}]
)
def test_a_page_with_anything_unusual_goes_the_thorough_way(more: dict[str, Any]) -> None:
    assert usual(page({"id": "1", **more}).body) is None


def test_the_order_of_keys_does_not_change_the_row() -> None:
    assert (
        wire.users(page({"id": "1", "title": "T", "userName": "a"})).records
        == wire.users(page({"userName": "a", "title": "T", "id": "1"})).records
    )


@pytest.mark.parametrize(
    "name", ["id", "active", "groups", "password", "meta", "emails", "emails.untyped", "emails.work.2", "name", "emails."]
)
def test_what_cannot_be_set_by_name_is_refused(name: str) -> None:
    with pytest.raises(Rejected):
        place_of(name)


def test_a_nested_group_that_was_not_read_is_quarantined_and_a_repeated_member_counts_once() -> None:
    group = {"id": "g", "members": [{"value": "a"}, {"value": "a"}, "b", {"value": "h", "type": "Group"}, {"display": "?"}]}
    rows = wire.members(RawPage(Scope(ScopeKind.MEMBERS, "g"), 1, json.dumps(group).encode()))
    assert [one.account_id for one in rows.memberships] == ["a", "b"]
    assert [odd.id for odd in rows.quarantined] == ["h", ""]
