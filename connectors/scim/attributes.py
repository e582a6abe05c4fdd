"""Flattens a SCIM User into one object of named attributes.

An entry of a multi-valued attribute is named by its type in lower case: `emails.work`. One without a type is `emails.primary`
where it is marked primary or is the only one, else `emails.untyped`. Where several entries would have the same name the primary
one has it, else the one with the smallest value; the others are `emails.work.2`, `emails.work.3`. Its further sub-attributes
are `addresses.work.locality`; `display` and the mark `primary` are presentation and have no name. Some applications keep no types:
where no entry of an attribute has one, the primary or only entry is called `emails.work`, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from connectors.bounds import DEEPEST
from connectors.scim.names import (
    ENTERPRISE,
    ENTERPRISE_PARTS,
    MULTI_VALUED,
    NAME_PARTS,
    NOT_ATTRIBUTES,
    PRIMARY,
    SINGLE_VALUED,
    UNTYPED,
    WORK,
    sub_name,
    top_name,
)

Flat: TypeAlias = dict[str, Any]

_PRESENTATION = frozenset({"type", "primary", "display", "$ref"})
_WITHIN_ENTERPRISE = f"{ENTERPRISE}:".lower()
_PLAIN = frozenset(SINGLE_VALUED)
_USUAL_KEYS = frozenset({"value", "type", "primary", "display"})
_USUAL_TYPES: dict[str, dict[object, str]] = {
    name: {kind: f"{name}.{kind}" for kind in ("work", "home", "other", "mobile", "fax", "pager", "photo", "thumbnail")}
    for name in MULTI_VALUED
}
_PARTS_OF_NAME = {key: f"name.{key}" for key in NAME_PARTS}
_PARTS_OF_ENTERPRISE = {key: f"enterprise.{key}" for key in ENTERPRISE_PARTS}


def flattened(resource: Mapping[str, Any]) -> Flat:
    """The attributes of a resource by name. Total: whatever JSON a server puts there has a name or is not an attribute."""
    flat: Flat = {}
    for key, value in resource.items():
        if key in _PLAIN:
            flat[key] = value
        elif key in _USUAL_TYPES:
            _spread_entries(flat, key, value)
        elif key not in NOT_ATTRIBUTES:
            _spread(flat, top_name(key), value)
    return flat


def contradiction(value: object, most: int = DEEPEST) -> str:
    """The first name that an object states in two spellings with two values; empty where there is none.

    Names are compared without regard to case (RFC 7643 section 2.1), so it is unknown which of the two is meant.
    """
    if most and isinstance(value, dict):
        return _stated_twice(value) or _first_contradiction(value.values(), most - 1)
    return _first_contradiction(value, most - 1) if most and isinstance(value, list) else ""


def _first_contradiction(values: Iterable[object], most: int) -> str:
    return next((found for each in values if isinstance(each, dict | list) and (found := contradiction(each, most))), "")


def _stated_twice(named: Mapping[str, object]) -> str:
    if len({key.lower() for key in named}) == len(named):
        return ""
    stated: dict[str, object] = {}
    return next((key for key, held in named.items() if stated.setdefault(key.lower(), held) != held), "")


def _spread(flat: Flat, name: str, value: object) -> None:
    """Adds everything but the single values of the core schema and what stands in the standard's spelling already."""
    if name in NOT_ATTRIBUTES:
        return
    if name == ENTERPRISE:
        _spread_enterprise(flat, value)
    elif name == "name":
        _spread_parts(flat, _PARTS_OF_NAME, "name", value if isinstance(value, dict) else {"formatted": value})
    elif name in MULTI_VALUED:
        _spread_entries(flat, name, value)
    elif name[:4].lower() == "urn:":
        _spread_extension(flat, name, value)
    else:
        flat[name] = value


def entries_of(value: object) -> list[dict[str, Any]]:
    """The entries of a multi-valued attribute; a single object and bare strings are taken for what they mean."""
    if value is None:
        return []
    many = value if isinstance(value, list) else [value]
    return [entry if isinstance(entry, dict) else {"value": entry} for entry in many]


def labels(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The name of every entry, in their order; each name once."""
    plain = [_label(entry, alone=len(entries) == 1) for entry in entries]
    if len(set(plain)) == len(plain):
        return plain
    counted: dict[str, int] = {}
    named = list(plain)
    for index in sorted(range(len(entries)), key=lambda index: (not _is_primary(entries[index]), str(folded(entries[index], "value")))):
        counted[plain[index]] = counted.get(plain[index], 0) + 1
        if counted[plain[index]] > 1:
            named[index] = f"{plain[index]}.{counted[plain[index]]}"
    return named


def index_of(entries: Sequence[Mapping[str, Any]], label: str) -> int | None:
    """The position of the entry that a name means; None where there is none."""
    names = labels(entries)
    meant = PRIMARY if label == WORK and label not in names and are_untyped(names) else label
    return names.index(meant) if meant in names else None


def are_untyped(names: Sequence[str]) -> bool:
    """Whether none of the named entries has a type."""
    return all(name.partition(".")[0] in (PRIMARY, UNTYPED) for name in names)


def folded(mapping: Mapping[str, Any], name: str) -> Any:
    """The value under a name in any case; None where there is none."""
    if name in mapping:
        return mapping[name]
    return next((value for key, value in mapping.items() if key.lower() == name.lower()), None)


def top_entry(resource: Mapping[str, Any], name: str) -> str:
    """The key under which a resource holds a top-level attribute: its own spelling, else the standard's."""
    if name in resource:
        return name
    return next((key for key in resource if key.lower() == name.lower()), name)


def manager_id(value: object) -> Any:
    """The manager's id: the standard says an object with `value`; bare strings and lists of one occur."""
    if isinstance(value, list):
        value = value[0] if value else None
    return folded(value, "value") if isinstance(value, dict) else value


def _label(entry: Mapping[str, Any], *, alone: bool) -> str:
    kind = entry.get("type") or folded(entry, "type")
    if isinstance(kind, str) and kind:
        return kind.lower()
    return PRIMARY if alone or _is_primary(entry) else UNTYPED


def _is_primary(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("primary")).lower() == "true"


def _spread_entries(flat: Flat, name: str, value: object) -> None:
    if not _spread_usual_entries(flat, _USUAL_TYPES[name], value):
        _spread_any_entries(flat, name, value)


def _spread_usual_entries(flat: Flat, places: Mapping[object, str], value: object) -> bool:
    """The entries where each is `{value, type, primary}` with a type of its own; False where one is not, and nothing is settled then."""
    if type(value) is not list:
        return False
    for entry in value:
        if type(entry) is not dict or not entry.keys() <= _USUAL_KEYS or "value" not in entry:
            return False
        kind = entry.get("type")
        place = places.get(kind) if type(kind) is str else None
        if place is None or place in flat:
            return False
        flat[place] = entry["value"]
    return True


def _spread_any_entries(flat: Flat, name: str, value: object) -> None:
    entries = entries_of(value)
    names = labels(entries)
    for entry, label in zip(entries, names, strict=True):
        _spread_entry(flat, f"{name}.{label}", entry)
    if PRIMARY in names and are_untyped(names):
        _spread_entry(flat, f"{name}.{WORK}", entries[names.index(PRIMARY)])


def _spread_entry(flat: Flat, place: str, entry: Mapping[str, Any]) -> None:
    for key, held in entry.items():
        sub = sub_name(key)
        if sub == "value":
            flat[place] = held
        elif sub not in _PRESENTATION:
            flat[f"{place}.{sub}"] = held


def _spread_parts(flat: Flat, places: Mapping[str, str], name: str, parts: Mapping[str, Any]) -> None:
    for key, held in parts.items():
        flat[places.get(key) or f"{name}.{sub_name(key)}"] = held


def _spread_enterprise(flat: Flat, value: object) -> None:
    if not isinstance(value, dict):
        flat["enterprise"] = value
        return
    _spread_parts(flat, _PARTS_OF_ENTERPRISE, "enterprise", value)
    if "enterprise.manager" in flat:
        flat["enterprise.manager"] = manager_id(flat["enterprise.manager"])


def _spread_extension(flat: Flat, name: str, value: object) -> None:
    """A custom extension; also single values under a full name, `urn:...:User:department`."""
    if isinstance(value, dict):
        flat.update({f"{name}:{key}": held for key, held in value.items()})
    elif name.lower().startswith(_WITHIN_ENTERPRISE):
        _spread_enterprise(flat, {name[len(_WITHIN_ENTERPRISE) :]: value})
    else:
        flat[name] = value
