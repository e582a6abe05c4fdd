"""Checks a value against the attribute's declaration in its target."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from connectors.contract import Value
from connectors.declaration import DeclaredAttribute
from connectors.quoting import quoted

SHOWN = 60
"""Characters of a value or a pattern that a sentence quotes."""
SHOWN_VALUES = 5
"""Allowed values that it names."""

_KINDS = {
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "an integer",
    "array": "a list",
    "object": "an object",
}
_FORMATS = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+"), "an e-mail address"),
    "country-code": (re.compile(r"[A-Za-z]{2}"), "a country code of two letters"),
}
"""Pattern of every value of a format, at the least."""


class Fault(NamedTuple):
    """Reason why a value is not taken."""

    takes: str
    """Values that the attribute takes: `at most 50 characters`."""
    gives: str = ""
    """Type of every value of the rule, where it is another."""


FINITE = Fault("a finite number")
"""The fault of what no JSON states: a division by zero gives infinity, and `NaN` in a file is a number to a cast."""


def is_finite(value: Value) -> bool:
    """Whether JSON can state each number of a value."""
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, Mapping):
        return all(map(is_finite, value.values()))
    return isinstance(value, str) or not isinstance(value, Sequence) or all(map(is_finite, value))


def fault_of(declared: DeclaredAttribute, value: Value) -> Fault | None:
    """The first rule that a value breaks; patterns, which the store evaluates, are not among them. An empty value breaks none."""
    if value is None or value == "":
        return None
    return _of_type(declared, value) or _of_allowed(declared, value) or (_of_text(declared, value) if isinstance(value, str) else None)


def type_fault(declared: DeclaredAttribute, value: Value) -> Fault | None:
    """The fault of a value that is of another type than the attribute."""
    return None if value is None or value == "" else _of_type(declared, value)


def pattern_fault(declared: DeclaredAttribute) -> Fault:
    """The fault of a text that does not match the pattern."""
    return Fault(f"only what matches {bounded(declared.pattern)}")


def quoted_short(value: Value) -> str:
    """A value for a sentence, cut where it is long."""
    if isinstance(value, str):
        return quoted(bounded(value))
    return bounded(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _of_type(declared: DeclaredAttribute, value: Value) -> Fault | None:
    given = kind_of(value)
    if declared.type in _KINDS and not _fits(given, declared.type):
        return Fault(_KINDS[declared.type], _KINDS[given])
    if given == "array" and declared.entries in _KINDS and isinstance(value, Sequence):
        for kind in (kind_of(each) for each in value if each is not None):
            if not _fits(kind, declared.entries):
                return Fault(f"a list of which each entry is {_KINDS[declared.entries]}", f"a list with {_KINDS[kind]}")
    return None


def _of_allowed(declared: DeclaredAttribute, value: Value) -> Fault | None:
    if not declared.allowed:
        return None
    # To Python, True is 1.
    allowed = {(isinstance(each, bool), each) for each in declared.allowed}
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    if all((isinstance(each, bool), each) in allowed for each in entries if isinstance(each, str | bool | int | float)):
        return None
    # Not quoted: a report folds findings that differ in quoted values only, and these are the rule.
    shown = ", ".join(bounded(str(each)) for each in declared.allowed[:SHOWN_VALUES])
    more = len(declared.allowed) - SHOWN_VALUES
    return Fault(
        f"only {'entries' if declared.type == 'array' else 'values'} of its list: {shown}{f' and {more:,} more' if more > 0 else ''}"
    )


def _of_text(declared: DeclaredAttribute, value: str) -> Fault | None:
    if declared.shortest is not None and len(value) < declared.shortest:
        return Fault(f"at least {declared.shortest:,} characters")
    if declared.longest is not None and len(value) > declared.longest:
        return Fault(f"at most {declared.longest:,} characters")
    form, takes = _FORMATS.get(declared.format, (None, ""))
    return Fault(takes) if form is not None and not form.fullmatch(value) else None


def kind_of(value: Value) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def _fits(given: str, wanted: str) -> bool:
    return given == wanted or (given, wanted) == ("integer", "number")


def bounded(text: str) -> str:
    """A text, cut where it is long."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
