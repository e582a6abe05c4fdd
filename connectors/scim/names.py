"""Names of the attributes of a SCIM User in mappings, and their places in the resource."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connectors.errors import Rejected

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

NOT_ATTRIBUTES = frozenset({"schemas", "id", "meta", "groups", "active", "password", "members"})
"""Keys of a resource that are no attributes: its bookkeeping, state, memberships (read-only here, RFC 7643 section 4.1.2) and password."""

MULTI_VALUED = frozenset({"emails", "phoneNumbers", "addresses", "ims", "photos"})
"""Multi-valued attributes whose entries are told apart by `type`; others (`roles`, `entitlements`) are one attribute with a list."""

SINGLE_VALUED = (
    "userName",
    "externalId",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
)
NAME_PARTS = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")
ENTERPRISE_PARTS = ("employeeNumber", "costCenter", "organization", "division", "department", "manager")
_LISTS = ("roles", "entitlements", "x509Certificates")
_ADDRESS_PARTS = ("streetAddress", "locality", "region", "postalCode", "country")
_SUBS = ("value", "type", "primary", "display", "$ref", "displayName", *NAME_PARTS, *ENTERPRISE_PARTS, *_ADDRESS_PARTS)
_TOP = (*SINGLE_VALUED, *_LISTS, "name", *MULTI_VALUED, *NOT_ATTRIBUTES, ENTERPRISE)

TOP_SPELLING = {name: name for name in _TOP} | {name.lower(): name for name in _TOP}
"""Top-level attribute names: as the standard spells them and in lower case (RFC 7643 section 2.1: names are case-insensitive)."""
SUB_SPELLING = {name: name for name in _SUBS} | {name.lower(): name for name in _SUBS}

NOT_CASE_EXACT = frozenset({"userName", "emails"})
"""Attributes that identify a person and are not case-exact (RFC 7643 sections 4.1.1 and 8.7.1). So are names and titles, where
a correction of case is wanted: those are compared exactly."""

UNTYPED = "untyped"
PRIMARY = "primary"
WORK = "work"


class PlaceKind(StrEnum):
    """Kind of place that a named attribute has in the resource."""

    SIMPLE = "simple"
    COMPLEX = "complex"
    ENTRY = "entry"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class Place:
    """Place of the value of a named attribute."""

    kind: PlaceKind
    attribute: str
    """The top-level key: an attribute or the URN of an extension."""
    label: str = ""
    """The entry of a multi-valued attribute: its type, or `primary` for the one without a type."""
    sub: str = ""
    """The sub-attribute, or the attribute inside an extension."""


def top_name(key: str) -> str:
    """A top-level key as the standard spells it; unknown keys stay as they are."""
    return TOP_SPELLING.get(key) or TOP_SPELLING.get(key.lower(), key)


def sub_name(key: str) -> str:
    """A sub-attribute's key as the standard spells it; unknown keys stay as they are."""
    return SUB_SPELLING.get(key) or SUB_SPELLING.get(key.lower(), key)


def place_of(name: str) -> Place:
    """Finds the place of an attribute of a mapping. Raises Rejected for a name that cannot be written."""
    if name.lower().startswith("urn:"):
        urn, _, attribute = name.rpartition(":")
        return Place(PlaceKind.EXTENSION, top_name(urn), sub=attribute)
    head, _, rest = name.partition(".")
    if rest.lower().startswith("manager.") and head == "enterprise":
        raise Rejected(f"{name} cannot be set by itself; write enterprise.manager, whose value is the manager's id")
    if head == "enterprise" and rest:
        return Place(PlaceKind.EXTENSION, ENTERPRISE, sub=sub_name(rest))
    head = top_name(head)
    if head in NOT_ATTRIBUTES:
        raise Rejected(f"{name} is not an attribute that can be set; the state and the memberships of an account have verbs of their own")
    if head in MULTI_VALUED:
        return _entry(name, head, rest)
    if rest:
        return Place(PlaceKind.COMPLEX, head, sub=sub_name(rest))
    if head == "name":
        raise Rejected("name is not an attribute by itself; write name.givenName, name.familyName or name.formatted")
    return Place(PlaceKind.SIMPLE, head)


def never_set(name: str) -> str:
    """Returns the reason why an attribute of a mapping cannot be written; empty where it can."""
    try:
        place_of(name)
    except Rejected as refused:
        return str(refused)
    return ""


def _entry(name: str, attribute: str, rest: str) -> Place:
    label, _, sub = rest.partition(".")
    if not label or label == UNTYPED or sub.isdigit():
        raise Rejected(f"{name} names no single entry; write {attribute}.<type>, such as {attribute}.work, or {attribute}.{PRIMARY}")
    return Place(PlaceKind.ENTRY, attribute, label=label.lower(), sub=sub_name(sub))
