"""Conversion of values: DuckDB types as JSON or text, names as SQL reads them, and the paths of attributes in a record."""

from __future__ import annotations

import json

from connectors.contract import Value

_JSON_KINDS = frozenset(
    {"BOOLEAN", "FLOAT", "DOUBLE", "JSON", "BIGNUM", "INTEGER", "UINTEGER"}
    | {f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")}
)


def travels_as_json(kind: str) -> bool:
    """Whether a value of this DuckDB type is no text in JSON either: a number, a boolean, or something with parts."""
    return kind in _JSON_KINDS or kind.startswith(("DECIMAL", "STRUCT", "MAP")) or kind.endswith("]")


def value_of(text: str, kind: str) -> Value:
    """The value that a text of `derive_list` stands for, given the DuckDB type of its expression."""
    if not travels_as_json(kind):
        return text
    parsed: Value = json.loads(text)
    return parsed


def json_path(attribute: str) -> str:
    """The path of one attribute in a record's JSON object; names may hold dots and colons."""
    return '$."' + attribute.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoted(name: str) -> str:
    """A name as SQL reads it."""
    return '"' + name.replace('"', '""') + '"'
