"""A SCIM User with some attributes changed, and the body of a new one."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from connectors.contract import Value
from connectors.scim.attributes import entries_of, index_of, top_entry
from connectors.scim.names import ENTERPRISE, PRIMARY, USER, Place, PlaceKind, place_of, sub_name

Resource: TypeAlias = dict[str, Any]


def edited(resource: Mapping[str, Any], changes: Mapping[str, Value]) -> Resource:
    """A copy with the named attributes set (None clears one) and everything else as it was, attributes unknown to us included."""
    result: Resource = copy.deepcopy(dict(resource))
    for name, value in sets_first(changes):
        if (place := place_of(name)).kind is not PlaceKind.ENTRY:
            _apply(result, place, value)
    for attribute, edits in entry_edits(resource, changes).items():
        _apply_entries(result, attribute, edits)
    return result


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """The change of one entry of a multi-valued attribute: the entry as it is held, or the label of a new one."""

    index: int | None
    label: str
    parts: dict[str, Value]


def entry_edits(resource: Mapping[str, Any], changes: Mapping[str, Value]) -> dict[str, list[EntryEdit]]:
    """The changes of entries by attribute, new entries last. Which entry a name means is told by the resource as read, before any change."""
    edits: dict[str, list[EntryEdit]] = {}
    for name, value in sets_first(changes):
        place = place_of(name)
        if place.kind is not PlaceKind.ENTRY:
            continue
        index = index_of(entries_of(resource.get(top_entry(resource, place.attribute))), place.label)
        of_attribute = edits.setdefault(place.attribute, [])
        edit = next((each for each in of_attribute if each.index == index and (index is not None or each.label == place.label)), None)
        if edit is None:
            edit = EntryEdit(index, place.label, {})
            of_attribute.append(edit)
        edit.parts[place.sub or "value"] = value
    return {attribute: sorted(found, key=lambda edit: edit.index is None) for attribute, found in edits.items()}


def entry_with(entry: Mapping[str, Any], parts: Mapping[str, Value]) -> Resource | None:
    """An entry of a multi-valued attribute with some parts set; None where its value is cleared, or nothing is left of it."""
    changed = dict(entry)
    for sub, value in parts.items():
        _put(changed, next((key for key in changed if sub_name(key) == sub), sub), value)
    cleared = "value" in parts and parts["value"] is None
    return None if cleared or not _says_something(changed) else changed


def new_entry(label: str, parts: Mapping[str, Value]) -> Resource | None:
    """A new entry; None where it would say nothing."""
    kind = {"primary": True} if label == PRIMARY else {"type": label}
    return entry_with({}, parts) and {**{sub: value for sub, value in parts.items() if value is not None}, **kind}


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
            raise AssertionError(place)
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


def _apply_entries(user: Resource, attribute: str, edits: Sequence[EntryEdit]) -> None:
    key = top_entry(user, attribute)
    entries: list[Resource | None] = [*entries_of(user.get(key))]
    for edit in edits:
        if edit.index is not None:
            entries[edit.index] = entry_with(entries[edit.index] or {}, edit.parts)
        elif (added := new_entry(edit.label, edit.parts)) is not None:
            if edit.label == PRIMARY:
                _unmark(entries)
            entries.append(added)
    _put(user, key, [entry for entry in entries if entry is not None] or None)


def _unmark(entries: Iterable[Resource | None]) -> None:
    """Takes the mark from the primary entry: only one can have it (RFC 7643 section 2.4)."""
    for entry in filter(None, entries):
        for key in [key for key, held in entry.items() if sub_name(key) == "primary" and held]:
            entry[key] = False


def _says_something(entry: Resource) -> bool:
    return any(sub_name(key) not in ("type", "primary", "display") for key in entry)
