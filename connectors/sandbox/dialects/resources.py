"""Filters and PATCH on resources held as JSON (RFC 7644, sections 3.4.2.2 and 3.5.2), as far as clients of users and groups need them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from connectors.sandbox.dialects.refusals import Refused

Resource: TypeAlias = dict[str, Any]

_COMPARISON = re.compile(r'([\w.:-]+) (\w+) ("(?:[^"\\]|\\.)*")')
_FILTERED = re.compile(r'(\w+)\[(\w+) eq ("(?:[^"\\]|\\.)*"|true)(?: and value eq ("(?:[^"\\]|\\.)*"))?\](?:\.(\w+))?')
_CASE_EXACT = ("id", "externalId", "groups.value")


def comparison(text: str) -> tuple[str, str, str]:
    """The attribute, the operator and the value of a filter. Raises Refused for anything else than one comparison."""
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise Refused(400, "only one comparison with a quoted value is supported", "invalidFilter")
    return found[1], found[2], json.loads(found[3])


def matches(resource: Resource, attribute: str, operator: str, wanted: str) -> bool:
    """Whether one of the values that the resource holds there compares so."""
    exact = attribute in _CASE_EXACT
    values = [str(value) if exact else str(value).casefold() for value in values_at(resource, attribute)]
    wanted = wanted if exact else wanted.casefold()
    return any(value == wanted if operator == "eq" else value > wanted for value in values)


def values_at(resource: object, path: str) -> Iterator[Any]:
    """Every value at a path, through lists."""
    if isinstance(resource, list):
        for entry in resource:
            yield from values_at(entry, path)
    elif not path:
        yield resource
    elif isinstance(resource, dict):
        urn, inside = _split(path)
        head, _, rest = (urn, ".", inside) if urn else inside.partition(".")
        if head in resource:
            yield from values_at(resource[head], rest)


def patch(resource: Resource, operation: Mapping[str, Any]) -> None:
    """Carries one operation out. Raises Refused where its filter finds nothing to replace."""
    path, value = str(operation.get("path") or ""), operation.get("value")
    removes = operation["op"] == "remove"
    if not path:
        resource.update(value or {})
        return
    urn, inside = _split(path)
    holder = resource.setdefault(urn, {}) if urn else resource
    if found := _FILTERED.fullmatch(inside):
        _patch_entries(holder, found, None if removes else value)
        return
    head, _, sub = inside.partition(".")
    holder, key = (holder.setdefault(head, {}), sub) if sub else (holder, head)
    if removes:
        holder.pop(key, None)
    elif operation["op"] == "add" and isinstance(value, list):
        held = holder.setdefault(key, [])
        held.extend(each for each in value if each not in held)
    else:
        holder[key] = value


def _split(path: str) -> tuple[str, str]:
    """The URN of an extension, if the path begins with one, and the rest."""
    urn, _, inside = path.rpartition(":") if path.startswith("urn:") else ("", "", path)
    return urn, inside


def _patch_entries(holder: Resource, found: re.Match[str], value: object) -> None:
    name, key, wanted, sub = found[1], found[2], json.loads(found[3]), found[5]
    chosen = [
        entry for entry in holder.get(name, []) if entry.get(key) == wanted and (found[4] is None or entry["value"] == json.loads(found[4]))
    ]
    if not chosen and value is not None:
        raise Refused(400, "the filter of the path finds no entry", "noTarget")
    for entry in chosen:
        if value is None and not sub:
            holder[name].remove(entry)
        elif value is None:
            entry.pop(sub, None)
        else:
            entry[sub or "value"] = value
