"""What is read of /ResourceTypes and /Schemas, in the forms in which applications answer."""

from __future__ import annotations

import pytest

from connectors.errors import BadResponse, ConnectorError, Forbidden, Unauthorised
from connectors.scim.names import ENTERPRISE
from connectors.scim.schema_attributes import MOST_ATTRIBUTES
from tests.support.scim_schemas import BADGE, CORE, Publisher, attribute, kinds, schema

NAMED = schema(CORE, attribute("userName", required=True, uniqueness="server"), attribute("title"))
OF_BADGE = schema(BADGE, attribute("colour", required=True))


@pytest.fixture
def read(serve):
    """The published schema of an application that answers so."""

    def read(bodies, statuses=None):
        return serve(Publisher(bodies, statuses or {})).run(lambda connector: connector.account_schema())

    return read


def names(found):
    return {each.name for each in found.attributes}


def one(found, name):
    (each,) = (each for each in found.attributes if each.name == name)
    return each


@pytest.mark.parametrize(
    "listed",
    [
        {"totalResults": 2, "Resources": [NAMED, OF_BADGE]},
        {"Resources": [NAMED, OF_BADGE]},
        {"resources": [{"ID": CORE, "Attributes": [{"Name": "userName", "REQUIRED": True}, {"name": "TITLE"}]}, OF_BADGE]},
        [NAMED, OF_BADGE],
        {"totalResults": 2, "Resources": [NAMED, None, 7, {"id": 5}, OF_BADGE]},
    ],
    ids=["standard", "without totals", "other case", "bare array", "odd entries"],
)
def test_a_list_of_schemas_is_read_in_every_form_in_which_it_was_seen(read, listed):
    found = read({"Schemas": listed, "ResourceTypes": kinds((BADGE, True))})
    assert names(found) == {"externalId", "userName", "title", f"{BADGE}:colour"}
    assert one(found, "userName").required
    assert found.notes == ()


def test_a_schema_that_the_list_leaves_out_is_asked_for_by_its_name(read):
    found = read({"Schemas": {"Resources": [NAMED]}, "ResourceTypes": kinds((BADGE, False)), f"Schemas/{BADGE}": OF_BADGE})
    assert one(found, f"{BADGE}:colour").optional_part == BADGE


def test_an_extension_that_is_described_nowhere_is_named(read):
    found = read({"Schemas": {"Resources": [NAMED]}, "ResourceTypes": kinds((BADGE, True))})
    assert names(found) == {"externalId", "userName", "title"}
    assert any(BADGE in note for note in found.notes)


def test_without_kinds_of_resources_schemas_named_user_are_taken_and_others_are_not(read):
    group = schema("urn:ietf:params:scim:schemas:core:2.0:Group", attribute("displayName"))
    own = schema("urn:acme:scim:User", attribute("desk"))
    found = read({"Schemas": {"Resources": [own, group, schema(ENTERPRISE, attribute("department")), NAMED, OF_BADGE]}})
    assert names(found) == {"externalId", "userName", "title", "enterprise.department", "urn:acme:scim:User:desk"}
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("bodies", "statuses", "error"),
    [
        ({}, {}, ConnectorError),
        ({}, {"Schemas": 403}, Forbidden),
        ({}, {"Schemas": 401}, Unauthorised),
        ({"Schemas": {"Resources": [NAMED]}}, {"ResourceTypes": 401}, Unauthorised),
        ({"Schemas": b"<html>sign in</html>"}, {}, BadResponse),
        ({"Schemas": b"[" * 100_000}, {}, BadResponse),
        ({"Schemas": {"Resources": [OF_BADGE]}}, {}, BadResponse),
        ({"Schemas": {"Resources": "none"}}, {}, BadResponse),
    ],
)
def test_no_schema_is_an_error_and_never_an_empty_one(read, bodies, statuses, error):
    with pytest.raises(error):
        read(bodies, statuses)


@pytest.mark.parametrize(
    ("stated", "field", "value"),
    [
        (attribute("x", mutability="immutable"), "immutable", True),
        (attribute("x", mutability="readOnly"), "read_only", True),
        (attribute("x", uniqueness="global"), "unique", True),
        (attribute("x", uniqueness="none"), "unique", False),
        (attribute("x", multiValued=True), "several", True),
        (attribute("x", canonicalValues=["a", 7, "b"]), "allowed", ("a", "b")),
        (attribute("x", type="boolean"), "type", "boolean"),
        (attribute("x", type=7, required="yes", canonicalValues="a"), "allowed", ()),
        (attribute("x", type="complex", subAttributes=[attribute("value"), attribute("level")]), "parts", ("value", "level")),
    ],
)
def test_what_is_stated_of_an_attribute_is_kept(read, stated, field, value):
    found = read({"Schemas": [schema(CORE, stated)], "ResourceTypes": kinds()})
    assert getattr(one(found, "x"), field) == value


@pytest.mark.parametrize(
    "stated",
    [attribute("x", mutability="writeOnly"), attribute("x", returned="never"), attribute("x", returned="request")],
)
def test_what_is_never_shown_is_nothing_that_a_rule_sets(read, stated):
    assert one(read({"Schemas": [schema(CORE, stated)], "ResourceTypes": kinds()}), "x").unsettable


def test_entries_are_named_by_the_types_that_the_schema_lists(read):
    parts = [attribute("value"), attribute("type", canonicalValues=["Home", "other"])]
    emails = attribute("emails", type="complex", multiValued=True, required=True, subAttributes=parts)
    phones = attribute("phoneNumbers", type="complex", multiValued=True, subAttributes=[attribute("value", required=True)])
    found = read({"Schemas": [schema(CORE, emails, phones)], "ResourceTypes": kinds()})
    assert one(found, "emails.home").required
    assert not one(found, "phoneNumbers.primary").required


def test_a_required_name_requires_its_usual_parts_where_none_of_them_is(read):
    parts = [attribute("givenName"), attribute("familyName"), attribute("middleName")]
    found = read(
        {"Schemas": [schema(CORE, attribute("name", type="complex", required=True, subAttributes=parts))], "ResourceTypes": kinds()}
    )
    assert {each.name for each in found.attributes if each.required} == {"userName", "name.givenName", "name.familyName"}


def test_the_state_the_memberships_and_the_bookkeeping_of_a_user_are_no_attributes(read):
    found = read({"Schemas": [schema(CORE, *map(attribute, ("id", "meta", "active", "groups")))], "ResourceTypes": kinds()})
    assert names(found) == {"externalId", "userName"}


def test_a_hostile_schema_gives_no_name_that_a_schema_cannot_have_and_no_more_than_a_limit(read):
    odd = [attribute(name) for name in ('a"b', "a\nb", "", "1a", "a b", "x" * 101, "ä")]
    many = [attribute(f"n{number}") for number in range(2 * MOST_ATTRIBUTES)]
    urns = [schema(urn, attribute("y")) for urn in ('urn:a"b:User', "urn:a\nb:User", "http://x:User", f"urn:{'a' * 300}:User")]
    found = read({"Schemas": [schema(CORE, *odd, *many), *urns]})
    assert len(found.attributes) == MOST_ATTRIBUTES
    assert all(each.name.isidentifier() for each in found.attributes)
    assert any(f"first {MOST_ATTRIBUTES}" in note for note in found.notes)
