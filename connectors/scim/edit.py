"""A SCIM User with some attributes changed, and the body of a new one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeAlias, assert_never

from connectors.contract import Value
from connectors.scim.attributes import entries_of, index_of, top_entry
from connectors.scim.names import ENTERPRISE, PRIMARY, USER, Place, PlaceKind, place_of, sub_name

Resource: TypeAlias = dict[str, Any]


def edited(resource: Mapping[str, Any], changes: Mapping[str, Value]) -> Resource:
    """A copy with the named attributes set (None clears one) and everything else as it was, attributes unknown to us included."""
    result: Resource = copy.deepcopy(dict(resource))
    for name, value in sets_first(changes):
        _apply(result, place_of(name), value)
    return result


def sets_first(changes: Mapping[str, Value]) -> list[tuple[str, Value]]:
    """The changes in the order they are made: what is cleared last, lest an entry that is about to get a value be dropped as empty."""
    return sorted(changes.items(), key=lambda change: change[1] is None)


def new_user(attributes: Mapping[str, Value]) -> Resource:
    """The body that creates an active user. Attributes without a value are left out."""
    stated = {name: value for name, value in attributes.items() if value is not None}
    user = edited({"schemas": [USER], "active": True}, stated)
    emails = user.get("emails")
    if emails and not any(entry.get("primary") for entry in emails):
        # Several applications take no e-mail that is not marked (Veza answers 400).
        first = next((entry for entry in emails if entry.get("type") == "work"), emails[0])
        first["primary"] = True
    return user


def replacement(resource: Mapping[str, Any], changes: Mapping[str, Value]) -> Resource:
    """The body of a PUT: the user as read with the changes, without what the server owns (RFC 7644 section 3.5.1)."""
    result = edited(resource, changes)
    return {key: value for key, value in result.items() if key.lower() not in ("meta", "groups", "password")}


def _apply(user: Resource, place: Place, value: Value) -> None:
    match place.kind:
        case PlaceKind.SIMPLE:
            _put(user, top_entry(user, place.attribute), value)
        case PlaceKind.COMPLEX:
            _apply_part(user, place, value)
        case PlaceKind.EXTENSION:
            held = {"value": value} if _is_manager(place) and value is not None else value
            _apply_part(user, place, held)
            _declare(user, place.attribute)
        case PlaceKind.ENTRY:
            _apply_entry(user, place, value)
        case _:
            assert_never(place.kind)


def _is_manager(place: Place) -> bool:
    return place.attribute == ENTERPRISE and place.sub == "manager"


def _put(mapping: Resource, key: str, value: object) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _apply_part(user: Resource, place: Place, value: object) -> None:
    key = top_entry(user, place.attribute)
    parts = user.get(key)
    if not isinstance(parts, dict):
        parts = {} if parts is None or place.kind is PlaceKind.EXTENSION else {"formatted": parts}
    _put(parts, next((part for part in parts if part.lower() == place.sub.lower()), place.sub), value)
    _put(user, key, parts or None)


def _declare(user: Resource, urn: str) -> None:
    """`schemas` names every extension that the user has, and no other (RFC 7643 section 3.3)."""
    key = top_entry(user, "schemas")
    stated = user.get(key)
    schemas = stated if isinstance(stated, list) else [stated or USER]
    others = [schema for schema in schemas if str(schema).lower() != urn.lower()]
    if top_entry(user, urn) not in user:
        user[key] = others
    elif len(others) == len(schemas):
        user[key] = [*others, urn]


def _apply_entry(user: Resource, place: Place, value: object) -> None:
    key = top_entry(user, place.attribute)
    entries = entries_of(user.get(key))
    index = index_of(entries, place.label)
    if index is not None:
        _set_in_entry(entries[index], place.sub or "value", value)
        if not _says_something(entries[index]) or (value is None and not place.sub):
            del entries[index]
    elif value is not None:
        kind = {"primary": True} if place.label == PRIMARY else {"type": place.label}
        entries.append({place.sub or "value": value, **kind})
    _put(user, key, entries or None)


def _set_in_entry(entry: Resource, sub: str, value: object) -> None:
    _put(entry, next((key for key in entry if sub_name(key) == sub), sub), value)


def _says_something(entry: Resource) -> bool:
    return any(sub_name(key) not in ("type", "primary", "display") for key in entry)
