"""Entries of multi-valued attributes in applications that keep no types: a value that is there is never added again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.contract import Value
from connectors.scim.attributes import are_untyped, entries_of, folded, index_of, labels, top_entry
from connectors.scim.filters import fold
from connectors.scim.names import MULTI_VALUED, PRIMARY, Place, PlaceKind, place_of


def untyped_attributes(resources: Iterable[object]) -> list[str]:
    """The multi-valued attributes of which some resources have entries, and none has a type."""
    typed: dict[str, bool] = {}
    for resource in resources:
        if not isinstance(resource, dict):
            continue
        for name in MULTI_VALUED:
            if names := labels(entries_of(folded(resource, name))):
                typed[name] = typed.get(name, False) or not are_untyped(names)
    return sorted(name for name, has_type in typed.items() if not has_type)


def kept_without_type(resource: Mapping[str, Any], changes: Mapping[str, Value]) -> str:
    """Returns why a change would only add a copy: the value is there in an entry without a type. Empty where none would."""
    for name, value in changes.items():
        place = place_of(name)
        if place.kind is PlaceKind.ENTRY and not place.sub and isinstance(value, str) and _is_there(resource, place, value):
            return (
                f"{name} is kept without its type: the application holds the value in an entry that has none, and another copy is not added. "
                f"Call the entry {place.attribute}.{PRIMARY} in the mapping, or leave it out"
            )
    return ""


def _is_there(resource: Mapping[str, Any], place: Place, value: str) -> bool:
    entries = entries_of(resource.get(top_entry(resource, place.attribute)))
    if index_of(entries, place.label) is not None:
        return False
    untyped = [entry for entry, label in zip(entries, labels(entries), strict=True) if are_untyped([label])]
    return any(fold(str(folded(entry, "value"))) == fold(value) for entry in untyped)
