"""The PATCH that changes named attributes of a user and nothing else (RFC 7644 section 3.5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from connectors.contract import Value
from connectors.scim.attributes import entries_of, folded, top_entry
from connectors.scim.dialect import RemoveForm
from connectors.scim.edit import EntryEdit, edited, entry_edits, entry_with, new_entry, sets_first
from connectors.scim.filters import literal
from connectors.scim.names import ENTERPRISE, PATCH_OP, Place, PlaceKind, place_of, sub_name

Operation: TypeAlias = dict[str, Any]
Resource: TypeAlias = Mapping[str, Any]


_NOT_TELLING = frozenset({"value", "type", "primary", "display", "$ref"})
"""Parts of an entry that no filter looks for beside the value, or at all."""


@dataclass(frozen=True, slots=True)
class _Selector:
    """A value filter that finds one entry, and the part of it that the filter looks at beside type and mark."""

    filter: str
    part: str = ""


def message(operations: Iterable[Operation]) -> dict[str, Any]:
    """The body of a PATCH."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def changing(before: Resource, changes: Mapping[str, Value], *, path_filters: bool) -> list[Operation]:
    """Operations that take a user as read to the same user with the changes: one an attribute, each with an explicit path."""
    after = edited(before, changes)
    operations: list[Operation] = []
    for name, value in sets_first(changes):
        if (place := place_of(name)).kind is not PlaceKind.ENTRY:
            operations.append(_single(place, value))
    for attribute, edits in entry_edits(before, changes).items():
        one_by_one = _entries(before, attribute, edits) if path_filters else None
        operations += [_whole(after, attribute)] if one_by_one is None else one_by_one
    return operations


def adding(accounts: Iterable[str], form: RemoveForm) -> list[Operation]:
    """Adds members to a group, in the form that the dialect names."""
    members = [{"value": account} for account in accounts]
    return [{"op": "add", "path": "members", "value": {"members": members} if form is RemoveForm.WRAPPED else members}]


def removing(accounts: Iterable[str], form: RemoveForm) -> list[Operation]:
    """Removes members from a group, in the form that the dialect names."""
    match form:
        case RemoveForm.FILTER:
            return [{"op": "remove", "path": f"members[value eq {literal(account)}]"} for account in accounts]
        case RemoveForm.VALUE_ARRAY:
            return [{"op": "remove", "path": "members", "value": [{"value": account} for account in accounts]}]
        case RemoveForm.WRAPPED:
            return [{"op": "remove", "path": "members", "value": {"members": [{"value": account} for account in accounts]}}]


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


def _entries(before: Resource, attribute: str, edits: Sequence[EntryEdit]) -> list[Operation] | None:
    """The operations for entries of a multi-valued attribute; None where no filter tells one of them from the others."""
    entries = entries_of(before.get(top_entry(before, attribute)))
    operations: list[Operation] = []
    for edit in edits:
        if edit.index is None:
            # A replace through a filter that finds nothing is an error (noTarget): a new entry has to be added.
            added = new_entry(edit.label, edit.parts)
            operations += [] if added is None else [{"op": "add", "path": attribute, "value": [added]}]
        elif (selector := _selector(entries, edit.index)) is None:
            return None
        else:
            operations += _entry(attribute, entries[edit.index], selector, edit.parts)
    return operations


def _entry(attribute: str, held: Resource, selector: _Selector, parts: Mapping[str, Value]) -> list[Operation]:
    """The operations for one entry that is there: it is removed, or some of its parts are set, the one that it is found by last."""
    path = f"{attribute}[{selector.filter}]"
    if entry_with(held, parts) is None:
        return [{"op": "remove", "path": path}]
    return [_set(f"{path}.{sub}", value) for sub, value in sorted(parts.items(), key=lambda part: part[0] == selector.part)]


def _selector(entries: Sequence[Resource], index: int) -> _Selector | None:
    """A value filter that finds this entry and no other, by its type and at most one more part; None where none does."""
    entry, others = entries[index], [*entries[:index], *entries[index + 1 :]]
    kind, marked = folded(entry, "type"), folded(entry, "primary") is True
    terms: list[str] = []
    if isinstance(kind, str) and kind:
        terms = [f"type eq {literal(kind)}"]
        others = [other for other in others if _reads_as(other, "type", kind)]
    elif marked:
        terms = ["primary eq true"]
        others = [other for other in others if folded(other, "primary") is True]
    if terms and not others:
        return _Selector(terms[0])
    for part in ("value", *sorted(sub_name(key) for key in entry if sub_name(key) not in _NOT_TELLING)):
        held = folded(entry, part)
        if isinstance(held, str) and not any(_reads_as(other, part, held) for other in others):
            return _Selector(" and ".join([*terms, f"{part} eq {literal(held)}"]), part)
    return None


def _reads_as(entry: Resource, part: str, value: str) -> bool:
    """Whether a filter may take the entry's part for the value: most servers do not look at case."""
    return str(folded(entry, part)).lower() == value.lower()
