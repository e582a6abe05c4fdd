"""What is sent, judged by an independent implementation of the standard."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scim2_models import Context, EnterpriseUser, Group, PatchOp, ScimFilter, ScimPolicy, User

from connectors.contract import Value
from connectors.scim import patch
from connectors.scim.attributes import flattened
from connectors.scim.dialect import RemoveForm
from connectors.scim.edit import edited, new_user, replacement
from connectors.scim.filters import equals, filter_path, same
from connectors.scim.names import ENTERPRISE, PATCH_OP, place_of

# Several test runs share one machine: slowness is no failure of what is tested.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
Person = User[EnterpriseUser]

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(str.strip)
ADDRESS = st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.(com|org)", fullmatch=True)
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "displayName": TEXT,
    "title": TEXT,
    "nickName": TEXT,
    "externalId": TEXT,
    "name.givenName": TEXT,
    "name.familyName": TEXT,
    "emails.work": ADDRESS,
    "emails.home": ADDRESS,
    "phoneNumbers.work": TEXT,
    "phoneNumbers.mobile": TEXT,
    "addresses.work.locality": TEXT,
    "addresses.work.postalCode": TEXT,
    "addresses.home.country": st.sampled_from(["DE", "FR"]),
    "enterprise.department": TEXT,
    "enterprise.employeeNumber": TEXT,
    "enterprise.manager": TEXT,
}
ATTRIBUTES = st.fixed_dictionaries({"userName": TEXT}, optional=NAMES)
CHANGES = st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in NAMES.items()})


def without_schemas(user: dict[str, Any]) -> dict[str, Any]:
    """PATCH does not touch `schemas`; whether an emptied extension stays listed is the server's affair."""
    return {key: value for key, value in user.items() if key != "schemas"}


def with_reference(user: dict[str, Any]) -> dict[str, Any]:
    """The oracle wants `$ref` beside a manager's id, which RFC 7643 section 4.3 only recommends and some servers refuse."""
    copied = copy.deepcopy(user)
    if manager := copied.get(ENTERPRISE, {}).get("manager"):
        manager["$ref"] = f"../Users/{manager['value']}"
    return copied


def patched(user: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    model = Person.model_validate(copy.deepcopy(user))
    body = PatchOp[Person].model_validate(patch.message(operations), scim_ctx=Context.RESOURCE_PATCH_REQUEST)
    body.patch(model)
    return without_schemas(model.model_dump())


@CALM
@given(ATTRIBUTES)
def test_every_body_that_creates_a_user_is_valid_and_says_what_was_asked(attributes: dict[str, Value]) -> None:
    body = new_user(attributes)
    Person.model_validate(with_reference(body), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    assert flattened(body) == attributes
    assert body["active"] is True
    assert "id" not in body


@CALM
@given(ATTRIBUTES, CHANGES)
def test_a_patch_makes_of_the_user_exactly_the_changed_user(attributes: dict[str, Value], changes: dict[str, Value]) -> None:
    before = new_user(attributes)
    changes = {name: value for name, value in changes.items() if flattened(before).get(name) != value}
    assume(changes)
    operations = patch.changing(before, changes, path_filters=True)
    assert patched(before, operations) == without_schemas(Person.model_validate(edited(before, changes)).model_dump())


@CALM
@given(ATTRIBUTES, CHANGES)
def test_a_patch_without_filters_in_its_paths_does_the_same(attributes: dict[str, Value], changes: dict[str, Value]) -> None:
    before = new_user(attributes)
    changes = {name: value for name, value in changes.items() if flattened(before).get(name) != value}
    assume(changes)
    operations = patch.changing(before, changes, path_filters=False)
    assert not any("[" in operation["path"] for operation in operations)
    assert patched(before, operations) == without_schemas(Person.model_validate(edited(before, changes)).model_dump())


@CALM
@given(ATTRIBUTES, CHANGES)
def test_a_replacement_is_valid_and_keeps_what_it_does_not_own(attributes: dict[str, Value], changes: dict[str, Value]) -> None:
    held = {**new_user(attributes), "id": "u1", "meta": {"version": "1"}, "groups": [{"value": "g"}], "timezone": "Europe/Berlin"}
    body = replacement(held, changes)
    Person.model_validate(with_reference(body), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    assert not {"meta", "groups", "password"} & set(body)
    expected = {**attributes, "timezone": "Europe/Berlin", **changes}
    assert flattened(body) == {name: value for name, value in expected.items() if value is not None}


def test_unknown_attributes_survive_a_replacement() -> None:
    held = {
        "id": "1",
        "userName": "a",
        "vendorThing": [1],
        "urn:acme:1.0:User": {"badge": "B", "x": 1},
        "Emails": [{"value": "a@x", "Type": "work"}],
    }
    body = replacement(held, {"urn:acme:1.0:User:badge": "C", "emails.work": "b@x"})
    assert body["vendorThing"] == [1]
    assert body["urn:acme:1.0:User"] == {"badge": "C", "x": 1}
    assert body["Emails"] == [{"value": "b@x", "Type": "work"}]


def test_of_two_entries_of_one_type_only_the_named_one_is_changed() -> None:
    before = new_user({"userName": "a"}) | {
        "emails": [{"value": "b@x.org", "type": "work"}, {"value": "a@x.org", "type": "work", "primary": True}]
    }
    operations = patch.changing(before, {"emails.work": "c@x.org"}, path_filters=True)
    assert [email["value"] for email in patched(before, operations)["emails"]] == ["b@x.org", "c@x.org"]


@pytest.mark.parametrize("entry", [{"value": "a@x.org", "primary": True}, {"value": "a@x.org"}])
def test_an_entry_without_a_type_is_changed_where_it_stands(entry: dict[str, Any]) -> None:
    before = new_user({"userName": "a"}) | {"emails": [entry]}
    operations = patch.changing(before, {"emails.primary": "b@x.org"}, path_filters=True)
    assert patched(before, operations)["emails"] == [{**entry, "value": "b@x.org"}]


@CALM
@given(TEXT, TEXT)
def test_a_filter_means_its_value_and_nothing_else(value: str, other: str) -> None:
    for name in ("userName", "displayName", "phoneNumbers.work", "enterprise.department"):
        place = place_of(name)
        filtered = ScimFilter[Person](equals(place, value))
        for held in (value, other):
            user = Person.model_validate({"schemas": [str(User.__schema__), ENTERPRISE], **_holding(name, held)}, scim_ctx=Context.DEFAULT)
            assert filtered.match(user) == same(place, held, value), (filter_path(place), held)


def _holding(name: str, value: str) -> dict[str, Any]:
    match name:
        case "phoneNumbers.work":
            return {"phoneNumbers": [{"value": value, "type": "work"}]}
        case "enterprise.department":
            return {ENTERPRISE: {"department": value}}
        case _:
            return {name: value}


@CALM
@given(st.sets(TEXT, min_size=1, max_size=4), st.data())
def test_either_form_of_removal_removes_those_members(members: set[str], data: st.DataObject) -> None:
    gone = data.draw(st.lists(st.sampled_from(sorted(members)), unique=True, min_size=1))
    for form in (RemoveForm.FILTER, RemoveForm.VALUE_ARRAY):
        group = Group.model_validate({"displayName": "G", "members": [{"value": member} for member in sorted(members)]})
        body = {"schemas": [PATCH_OP], "Operations": patch.removing(gone, form)}
        policy = ScimPolicy(remove_value_as_filter=ScimPolicy.RemoveValue.apply)
        with policy:
            PatchOp[Group].model_validate(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST).patch(group)
        assert {member.value for member in group.members or []} == members - set(gone)
