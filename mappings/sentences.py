"""Sentences for settings of a wrong kind: what is expected, and how it is written in TOML.

No sentence repeats a text of the file: it may be a secret that stands in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mappings.problems import Problem, line_of, near_miss

_NUMBER = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*(?:%|[A-Za-z]{1,8})?\s*")
_CHOICES = re.compile(r"'([^']*)'")
_UNITS = ("hours", "days", "seconds", "minutes", "percent")
_MOST_SETTINGS = 6
_BOUNDS = {"greater_than_equal": ("ge", "at least"), "greater_than": ("gt", "more than"), "less_than_equal": ("le", "at most"), "less_than": ("lt", "less than")}  # fmt: skip


def problems_of(error: ValidationError, model: type[BaseModel], shown: str, text: str, under: Sequence[str] = ()) -> list[Problem]:
    """Every mistake that a pydantic model found in a table, placed in the file; `under` is where the table stands."""
    found = []
    for each in error.errors():
        path = [*under, *(str(part) for part in each["loc"])]
        found.append(Problem(shown, line_of(text, path), ".".join(path), sentence(each, model)))
    return found


def sentence(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Returns a mistake that pydantic found, as half a sentence about the setting."""
    mistake = _Mistake(error, model)
    return _SENTENCES.get(mistake.kind, _otherwise)(mistake)


class _Mistake:
    """One mistake, and the model that found it."""

    def __init__(self, error: ErrorDetails, model: type[BaseModel]) -> None:
        self.kind = str(error["type"])
        self.path = [str(part) for part in error["loc"]]
        self.key = self.path[-1] if self.path else ""
        self.value, self.said, self.context = error["input"], str(error["msg"]), error.get("ctx", {})
        self.model = model

    def written(self, value: str) -> str:
        """The setting as it is written; a place in a list has no key."""
        return value if self.key.isdecimal() else f"{self.key} = {value}"

    @property
    def header(self) -> str:
        """The path of a table, as it stands in brackets."""
        return ".".join(part for part in self.path if not part.isdecimal())

    @property
    def is_of(self) -> str:
        """Returns the kind of the value that stands there."""
        return _kind(self.value)


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a table"
        case _:
            return "a date or a time"


def _unknown(mistake: _Mistake) -> str:
    return f"is not a setting here{near_miss(mistake.key, known_keys(mistake.model))}"


def _text(mistake: _Mistake) -> str:
    match mistake.value:
        case bool():
            written = str(mistake.value).lower()
        case int() | float():
            written = str(mistake.value)
        case _:
            written = "..."
    quoted = mistake.written(f'"{written}"')
    return f"is {mistake.is_of}, and a text is expected; write it in quotes: {quoted}"


def _list(mistake: _Mistake) -> str:
    if isinstance(mistake.value, Mapping):
        return f"is a table, and a list of tables is expected; begin each with double brackets: [[{mistake.header}]]"
    written = mistake.written('["..."]')
    return f"is {mistake.is_of}, and a list is expected; write it in brackets: {written}"


def _table(mistake: _Mistake) -> str:
    value = mistake.value
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        return f"is a list of tables, and one table is expected; begin it with single brackets: [{mistake.header}]"
    example = _example(str(mistake.context.get("class_name", "")), mistake.model)
    return f"is {mistake.is_of}, and a table is expected; write for example {mistake.written(example)}"


def _truth(mistake: _Mistake) -> str:
    return f"is {mistake.is_of}, and true or false is expected; write it without quotes: {mistake.written('true')}"


def _choice(mistake: _Mistake) -> str:
    expected = str(mistake.context["expected"])
    return f"must be {expected}{near_miss(str(mistake.value), _CHOICES.findall(expected))}"


def _number(mistake: _Mistake) -> str:
    whole = mistake.kind.startswith("int_")
    found = _NUMBER.fullmatch(str(mistake.value))
    number = found[1] if found else "10"
    number = number.partition(".")[0] if whole else number
    unit = next((f", in {unit}" for unit in _UNITS if unit in mistake.key), "")
    wanted = f"a {'whole ' if whole else ''}number is expected{unit}"
    return (
        f"is {mistake.is_of}{' with a fraction' if isinstance(mistake.value, float) else ''}, and {wanted}; "
        f"write it without quotes and without a unit: {mistake.written(number)}"
    )


def _bound(mistake: _Mistake) -> str:
    name, words = _BOUNDS[mistake.kind]
    return f"must be {words} {mistake.context[name]:g}"


def _otherwise(mistake: _Mistake) -> str:
    return mistake.said.removeprefix("Value error, ").replace("Input should", "must", 1)


def _example(class_name: str, model: type[BaseModel]) -> str:
    """A table of a model: its own example, else its settings."""
    found = next((each for each in models_under(model) if each.__name__ == class_name), None)
    if found is None:
        return '{ NAME = "..." }'
    if stated := getattr(found, "example", ""):
        return str(stated)
    names = [field.alias or name for name, field in found.model_fields.items()]
    return f"{{ {names[0]} = ... }}, with the settings {', '.join(names[:_MOST_SETTINGS])}{', ...' if len(names) > _MOST_SETTINGS else ''}"


def known_keys(model: type[BaseModel]) -> set[str]:
    """The names of all settings in a model and in the models within."""
    return {field.alias or name for each in models_under(model) for name, field in each.model_fields.items()}


def models_under(model: type[BaseModel], depth: int = 3) -> Iterable[type[BaseModel]]:
    """The model and those within, the outer ones first."""
    yield model
    for field in model.model_fields.values() if depth else ():
        for inner in _models_in(field.annotation):
            yield from models_under(inner, depth - 1)


def _models_in(annotation: object) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


_SENTENCES: Mapping[str, Callable[[_Mistake], str]] = {
    "extra_forbidden": _unknown,
    "missing": lambda _: "is required and not there",
    **dict.fromkeys(("string_too_short", "too_short"), lambda _: "must not be empty"),
    **dict.fromkeys(("date_from_datetime_parsing", "date_parsing", "date_type"), lambda _: "is not a date; write it as 2026-03-02"),
    "string_type": _text,
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), _list),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), _table),
    **dict.fromkeys(("bool_type", "bool_parsing"), _truth),
    **dict.fromkeys(("literal_error", "enum"), _choice),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "float_type", "float_parsing"), _number),
    "finite_number": lambda mistake: f"is not finite, and a number is expected; write for example {mistake.written('10')}",
    **dict.fromkeys(_BOUNDS, _bound),
}
