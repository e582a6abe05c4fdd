"""Checks that the expressions of a mapping give the types of the target's attributes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from connectors.contract import Check
from mappings.expressions import NULL, Language, kind_of, parse_expression
from mappings.problems import line_of
from mappings.rules import TargetMapping

MAPPINGS = "mappings"
NUMBERS = ("FLOAT", "DOUBLE", "DECIMAL")
CASTS = {
    "boolean": "({})::boolean",
    "integer": "({})::integer",
    "number": "({})::double",
    "array": "string_split({}, ',')",
    "string": "({})::varchar",
}
"""By type of the attribute, how an expression over text comes to give it."""


def type_checks(mapping: TargetMapping, types: Mapping[str, str], language: Language, folder: Path) -> list[Check]:
    """A check for each attribute whose expression gives another type than the target has; one that is well where all fit.

    `types`: by attribute `string`, `boolean`, `integer`, `number` or `array`; nothing is said where the target declares none. `folder`: the
    project's, where the mapping's file is.
    """
    if not types:
        return []
    wrong = [
        Check(f"mappings: {'.'.join(place)} gives what {mapping.target} takes", f"{_where(folder, mapping.target, place)}: {sentence}")
        for place, sentence in _wrong(mapping, types, language)
    ]
    count = len(types.keys() & mapping.attributes.keys())
    return wrong or [Check(f"mappings: all {count} expressions give the type that their attribute has")]


def _wrong(mapping: TargetMapping, types: Mapping[str, str], language: Language) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, rule in mapping.attributes.items():
        wanted = types.get(name, "")
        for number, expression in enumerate((rule.expression, *rule.otherwise)):
            given = json_type(kind_of(parse_expression(expression, language), language))
            if wanted not in CASTS or given in ("", wanted) or (given, wanted) == ("integer", "number"):
                continue
            place = ("attributes", name) if not number else ("attributes", name, "otherwise", str(number - 1))
            yield (
                place,
                f"{expression} gives {_a(given)}, and {name} of {mapping.target} is {_a(wanted)}; write {_cast(expression, given, wanted)}",
            )


def _where(folder: Path, target: str, place: Sequence[str]) -> str:
    """Returns file and line of a place in the mapping of a target, whatever its file is called."""
    for path in sorted((folder / MAPPINGS).glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if tomllib.loads(text).get("target") == target:
            return f"{MAPPINGS}/{path.name}:{line_of(text, place)}"
    return target


def json_type(kind: str) -> str:
    """Returns the JSON type of a DuckDB type; empty where only NULL is given."""
    if kind == NULL:
        return ""
    if kind.endswith("]"):
        return "array"
    if kind.startswith(("STRUCT", "MAP")):
        return "object"
    if kind == "BOOLEAN":
        return "boolean"
    if kind.startswith(NUMBERS):
        return "number"
    return "integer" if kind.endswith(("INT", "INTEGER")) else "string"


def _cast(expression: str, given: str, wanted: str) -> str:
    if (given, wanted) == ("array", "string"):
        return f"array_to_string({expression}, ',')"
    return CASTS[wanted].format(expression)


def _a(kind: str) -> str:
    return {"string": "text", "array": "a list", "integer": "an integer", "object": "an object"}.get(kind, f"a {kind}")
