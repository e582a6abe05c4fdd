"""The PATCH that changes named attributes of a user and nothing else (RFC 7644 section 3.5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from connectors.contract import Value
from connectors.scim.attributes import entries_of, folded, index_of, top_entry
from connectors.scim.dialect import RemoveForm
from connectors.scim.edit import edited, sets_first
from connectors.scim.filters import literal
from connectors.scim.names import ENTERPRISE, PATCH_OP, Place, PlaceKind, place_of

Operation: TypeAlias = dict[str, Any]
Resource: TypeAlias = Mapping[str, Any]


def message(operations: Iterable[Operation]) -> dict[str, Any]:
    """The body of a PATCH."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def changing(before: Resource, changes: Mapping[str, Value], *, path_filters: bool) -> list[Operation]:
    """Operations that take a user as read to the same user with the changes: one an attribute, each with an explicit path."""
    after = edited(before, changes)
    operations: list[Operation] = []
    entries: dict[tuple[str, str], dict[str, Value]] = {}
    for name, value in sets_first(changes):
        place = place_of(name)
        if place.kind is PlaceKind.ENTRY:
            entries.setdefault((place.attribute, place.label if path_filters else ""), {})[place.sub or "value"] = value
        else:
            operations.append(_single(place, value))
    for (attribute, label), parts in entries.items():
        operations += _entry(before, after, attribute, label, parts) if path_filters else [_whole(after, attribute)]
    return operations


def adding(accounts: Iterable[str]) -> list[Operation]:
    """Adds members to a group."""
    return [{"op": "add", "path": "members", "value": [{"value": account} for account in accounts]}]


def removing(accounts: Iterable[str], form: RemoveForm) -> list[Operation]:
    """Removes members from a group, in the form that the dialect names."""
    match form:
        case RemoveForm.FILTER:
            return [{"op": "remove", "path": f"members[value eq {literal(account)}]"} for account in accounts]
        case RemoveForm.VALUE_ARRAY:
            return [{"op": "remove", "path": "members", "value": [{"value": account} for account in accounts]}]


def role(name: str, whole: Sequence[Mapping[str, Any]], *, wanted: bool, path_filters: bool) -> Operation:
    """Gives or takes one role; `whole` is the list as it shall be, for servers that know no filters in paths."""
    if wanted:
        return {"op": "add", "path": "roles", "value": [{"value": name}]}
    return {"op": "remove", "path": f"roles[value eq {literal(name)}]"} if path_filters else _set("roles", list(whole) or None)


def _single(place: Place, value: Value) -> Operation:
    path = place.attribute
    if place.kind is PlaceKind.COMPLEX:
        path = f"{place.attribute}.{place.sub}"
    elif place.kind is PlaceKind.EXTENSION:
        path = f"{place.attribute}:{place.sub}"
        if place.attribute == ENTERPRISE and place.sub == "manager" and value is not None:
            return {"op": "replace", "path": path, "value": {"value": value}}
    return _set(path, value)


def _set(path: str, value: object) -> Operation:
    return {"op": "remove", "path": path} if value is None else {"op": "replace", "path": path, "value": value}


def _whole(after: Resource, attribute: str) -> Operation:
    return _set(attribute, entries_of(after.get(top_entry(after, attribute))) or None)


def _entry(before: Resource, after: Resource, attribute: str, label: str, parts: Mapping[str, Value]) -> list[Operation]:
    """The operations for one entry of a multi-valued attribute: it is added, removed, or some of its parts are set."""
    held, wanted = _found(before, attribute, label), _found(after, attribute, label)
    if held is None:
        # A replace through a filter that finds nothing is an error (noTarget): a new entry has to be added.
        return [{"op": "add", "path": attribute, "value": [wanted]}] if wanted is not None else []
    path = f"{attribute}[{_selector(before, attribute, held)}]"
    if wanted is None:
        return [{"op": "remove", "path": path}]
    return [_set(f"{path}.{sub}", value) for sub, value in parts.items()]


def _found(user: Resource, attribute: str, label: str) -> dict[str, Any] | None:
    entries = entries_of(user.get(top_entry(user, attribute)))
    index = index_of(entries, label)
    return None if index is None else entries[index]


def _selector(user: Resource, attribute: str, entry: Resource) -> str:
    """A value filter that finds this entry and no other."""
    kind, value = folded(entry, "type"), folded(entry, "value")
    others = [other for other in entries_of(user.get(top_entry(user, attribute))) if other is not entry]
    if not isinstance(kind, str) or not kind:
        return "primary eq true" if folded(entry, "primary") is True else f"value eq {literal(str(value))}"
    by_type = f"type eq {literal(kind)}"
    alone = all(str(folded(other, "type")).lower() != kind.lower() for other in others)
    return by_type if alone else f"{by_type} and value eq {literal(str(value))}"
