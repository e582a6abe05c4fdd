"""A PATCH makes of any user exactly the changed user, by the judgement of an independent implementation of the standard."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scim2_models import URN, Context, EnterpriseUser, Extension, Group, PatchOp, ScimPolicy, User

from connectors.contract import Value
from connectors.scim import patch
from connectors.scim.attributes import flattened
from connectors.scim.dialect import RemoveForm
from connectors.scim.edit import edited
from connectors.scim.names import ENTERPRISE, GROUP, USER
from connectors.scim.untyped import kept_without_type
from connectors.scim.whole_group import with_members
from tests.support.examples import examples

VENDOR = "urn:example:params:scim:schemas:extension:badges:2.0:User"


class Badges(Extension):
    """An extension of a vendor, of which the connector knows no attribute."""

    __schema__ = URN(VENDOR)

    badge: str | None = None
    floor: str | None = None


Person = User[EnterpriseUser | Badges]
TEXT = st.text(alphabet="abÄ \"\\'[]@.1", min_size=1, max_size=4).filter(str.strip)
ADDRESS = st.sampled_from([f"{name}@hill.example" for name in ("a", "b", "c", "d")])
PARTS = dict.fromkeys(("streetAddress", "locality", "postalCode"), TEXT)
MANAGER = st.fixed_dictionaries({"value": TEXT, "$ref": st.just("../Users/1")})
SINGLE: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("displayName", "title", "externalId", "name.givenName", "name.familyName", "name.formatted"), TEXT),
    **dict.fromkeys(("emails.work", "emails.home", "emails.primary"), ADDRESS),
    **dict.fromkeys(("phoneNumbers.work", "phoneNumbers.mobile"), TEXT),
    **{f"addresses.{kind}.{part}": TEXT for kind in ("work", "home") for part in PARTS},
    **dict.fromkeys(("enterprise.department", "enterprise.manager", f"{VENDOR}:badge"), TEXT),
    "roles": st.lists(st.fixed_dictionaries({"value": TEXT}), min_size=1, max_size=2, unique_by=str),
}
CHANGES = st.dictionaries(st.sampled_from(sorted(SINGLE)), st.none(), min_size=1, max_size=4).flatmap(
    lambda names: st.fixed_dictionaries({name: st.none() | SINGLE[name] for name in names})
)


def entries(values: Mapping[str, st.SearchStrategy[Any]], *kinds: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Entries of a multi-valued attribute of which no two are alike (RFC 7643 section 2.4), with or without types, at most one primary."""
    entry = st.fixed_dictionaries(dict(values), optional={"type": st.sampled_from(kinds)})
    several = st.lists(entry, min_size=1, max_size=3, unique_by=lambda each: (each.get("type"), str(sorted(each.items()))))
    return st.tuples(several, st.none() | st.integers(0, 2)).map(lambda drawn: marked(*drawn))


def marked(several: list[dict[str, Any]], primary: int | None) -> list[dict[str, Any]]:
    return [{**each, "primary": True} if number == primary else each for number, each in enumerate(several)]


USERS = st.fixed_dictionaries(
    {"schemas": st.just([USER, ENTERPRISE, VENDOR]), "userName": TEXT},
    optional={
        "displayName": TEXT,
        "title": TEXT,
        "active": st.booleans(),
        "name": st.dictionaries(st.sampled_from(["givenName", "familyName", "formatted"]), TEXT, min_size=1),
        "emails": entries({"value": ADDRESS}, "work", "home", "other"),
        "phoneNumbers": entries({"value": TEXT}, "work", "mobile"),
        "addresses": entries(PARTS, "work", "home"),
        "roles": st.lists(st.fixed_dictionaries({"value": TEXT}), min_size=1, max_size=3, unique_by=str),
        ENTERPRISE: st.fixed_dictionaries({"department": TEXT}, optional={"manager": MANAGER, "costCenter": TEXT}),
        VENDOR: st.fixed_dictionaries({"badge": TEXT}, optional={"floor": TEXT}),
    },
)


MEMBERS = st.lists(TEXT.map("m{}".format), min_size=1, max_size=5, unique_by=str.lower)
CALM = {"suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much], "deadline": None}


def plain(user: Any) -> Any:
    """A user as the oracle writes it, without what a PATCH leaves to the server: `schemas`, and the `$ref` of a manager."""
    shown = copy.deepcopy(user.model_dump())
    shown.pop("schemas", None)
    shown.get(ENTERPRISE, {}).get("manager", {}).pop("$ref", None)
    return shown


def patched(before: Mapping[str, Any], operations: Sequence[dict[str, Any]]) -> Any:
    model = Person.model_validate(copy.deepcopy(dict(before)))
    PatchOp[Person].model_validate(patch.message(operations), scim_ctx=Context.RESOURCE_PATCH_REQUEST).patch(model)
    return plain(model)


@pytest.mark.parametrize("form", ["path filters", "whole attributes"])
@settings(parent=examples(150), **CALM)
@given(before=USERS, changes=CHANGES)
def test_a_patch_makes_of_any_user_the_changed_user(form: str, before: dict[str, Any], changes: dict[str, Value]) -> None:
    needed = {name: value for name, value in changes.items() if flattened(before).get(name) != value}
    assume(needed and not kept_without_type(before, needed))
    operations = patch.changing(before, needed, path_filters=form == "path filters")
    assert patched(before, operations) == plain(Person.model_validate(edited(before, needed)))


@settings(parent=examples(60), **CALM)
@given(MEMBERS, MEMBERS, st.sampled_from([RemoveForm.FILTER, RemoveForm.VALUE_ARRAY]))  # the third is one product's own
def test_a_patch_of_members_makes_of_any_group_what_a_replacement_of_the_whole_makes(
    held: list[str], named: list[str], form: RemoveForm
) -> None:
    inside = {"value": "a group inside", "type": "Group"}
    before = {"schemas": [GROUP], "displayName": "Research", "members": [inside, *({"value": each} for each in held)]}
    added = [each for each in named if each.lower() not in {other.lower() for other in held}]
    removed = [each for each in named if each in held]
    for accounts, operations in ((added, patch.adding(added, form)), (removed, patch.removing(removed, form))):
        if accounts:
            group = Group.model_validate(copy.deepcopy(before))
            with ScimPolicy(remove_value_as_filter=ScimPolicy.RemoveValue.apply):
                PatchOp[Group].model_validate(patch.message(operations), scim_ctx=Context.RESOURCE_PATCH_REQUEST).patch(group)
            assert group == Group.model_validate(with_members(before, accounts, member=accounts is added))


@settings(parent=examples(60), **CALM)
@given(MEMBERS, TEXT.map("m{}".format), st.sampled_from(["path filters", "whole attributes"]))
def test_a_patch_of_one_role_leaves_the_others(held: list[str], role: str, form: str) -> None:
    assume(role in held or role.lower() not in {each.lower() for each in held})
    before = {"schemas": [USER], "userName": "ann", "roles": [{"value": each} for each in held]}
    wanted = role not in held
    whole = [{"value": each} for each in held if each != role]
    operation = patch.role(role, whole, wanted=wanted, path_filters=form == "path filters")
    after = patched(before, [operation]).get("roles", [])
    assert {each["value"] for each in after} == (set(held) | {role} if wanted else set(held) - {role})
