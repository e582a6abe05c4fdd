"""An expression gives the type that its attribute has in the target; what does not is told with file, line and the cast that helps."""

import pytest

from mappings.rules import TargetMapping
from reconcile.usecases.attribute_types import json_type, type_checks
from tests.support.words import words

TYPES = {"login": "string", "tags": "array", "remote": "boolean", "floor": "integer", "quota": "number", "note": "string"}


def problems(tmp_path, **attributes: str) -> list[str]:
    folder = tmp_path / "mappings"
    folder.mkdir()
    lines = ['target = "app"', "[attributes]", *(f"{name} = {text!r}" for name, text in attributes.items())]
    (folder / "any_name.toml").write_text("\n".join(lines), encoding="utf-8")
    mapping = TargetMapping.model_validate({"target": "app", "attributes": attributes})
    return [check.problem for check in type_checks(mapping, TYPES, words(), tmp_path)]


@pytest.mark.parametrize(
    ("name", "text", "given", "has", "cast"),
    [
        ("tags", "tags", "text", "a list", "string_split(tags, ',')"),
        ("remote", "remote", "text", "a boolean", "(remote)::boolean"),
        ("floor", "floor", "text", "an integer", "(floor)::integer"),
        ("quota", "quota", "text", "a number", "(quota)::double"),
        ("note", "string_split(note, ',')", "a list", "text", "array_to_string(string_split(note, ','), ',')"),
        ("note", "length(note)", "an integer", "text", "(length(note))::varchar"),
        ("floor", "floor::double", "a number", "an integer", "(floor::double)::integer"),
    ],
)
def test_expression_of_another_type_is_told_with_file_line_and_cast(tmp_path, name, text, *, given, has, cast):
    (problem,) = problems(tmp_path, login="login", **{name: text})
    assert problem == f"mappings/any_name.toml:4: {text} gives {given}, and {name} of app is {has}; write {cast}"


def test_casts_that_are_told_give_the_type(tmp_path):
    casts = {"tags": "string_split(tags, ',')", "remote": "(remote)::boolean", "floor": "(floor)::integer", "quota": "(quota)::double"}
    assert problems(tmp_path, login="login", **casts) == [""]


def test_integer_is_a_number_and_null_is_anything(tmp_path):
    assert problems(tmp_path, quota="length(login)", remote="NULL", other="string_split(login, ',')") == [""]


def test_nothing_is_said_where_the_target_declares_no_types(tmp_path):
    mapping = TargetMapping.model_validate({"target": "app", "attributes": {"tags": "tags"}})
    assert type_checks(mapping, {}, words(), tmp_path) == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("VARCHAR", "string"),
        ("DATE", "string"),
        ("UHUGEINT", "integer"),
        ("DECIMAL(4,2)", "number"),
        ("VARCHAR[][]", "array"),
        ("STRUCT(a VARCHAR)", "object"),
        ("BOOLEAN", "boolean"),
        ('"NULL"', ""),
    ],
)
def test_duckdb_types_have_their_type_in_json(kind, told):
    assert json_type(kind) == told
