"""Makes the JSON Schema of the JSON report from the types of its values."""

from __future__ import annotations

import ast
import inspect
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from reconcile.plan.approval import Approval
from reconcile.plan.forecast import Forecast
from reconcile.plan.model import Cause, Census, Finding, LinkChange, Operation, Outcome, Plan, Run, Verb, Verdict
from reconcile.plan.origin import ReadScope
from reconcile.plan.waits import Waiting
from reconcile.report.formats.json import FORMAT

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}


def schema() -> Schema:
    """The schema of the whole document."""
    definitions: dict[str, Schema] = {}

    def of(kind: type, **more: Schema) -> Schema:
        found = _of_type(kind, definitions)
        if not more:
            return found
        own = definitions[kind.__name__]
        properties = {**own["properties"], **more}
        return {**own, "properties": properties, "required": sorted(properties)}

    def rows(items: Schema) -> Schema:
        return {"type": "array", "items": items}

    counts = closed({"target": TEXT, "verb": of(Verb), "operations": COUNT, "accounts": COUNT, "population": COUNT})
    members = {
        "format": {"const": FORMAT},
        "plan": _picked(Plan, ("digest", "run_date", "planner", "mapping", "snapshots"), definitions, refused={"type": "boolean"}),
        "scopes": rows(of(ReadScope)),
        "census": rows(of(Census)),
        "counts": rows(counts),
        "causes": rows(of(Cause, sentence=TEXT)),
        "waiting": rows(of(Waiting, sentence=TEXT)),
        "approvals": rows(of(Approval)),
        "forecast": rows(of(Forecast)),
        "verdicts": rows(of(Verdict)),
        "operations": rows(of(Operation, outcome={"anyOf": [of(Outcome), {"type": "null"}]})),
        "findings": rows(of(Finding)),
        "links": rows(of(LinkChange)),
        "run": {"anyOf": [_picked(Run, ("id", "plan_digest", "live", "started", "ended"), definitions), {"type": "null"}]},
    }
    optional = {
        "night": {"type": "object", "description": "Of the command `run`: who left and still has access, each failure, facts of the run."},
        "dry_run": {"type": "object", "description": "Of `apply` without `--live`: numbers of rows by what a look at them found."},
    }
    whole = closed(members)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The report of a plan or a run",
        "description": "What `reconcile report --format json` writes and `show --json`, `plan --json`, `apply --json` and `run --json` print.",
        **whole,
        "properties": {**members, **optional},
        "$defs": dict(sorted((name, each) for name, each in definitions.items() if f'"#/$defs/{name}"' in _text(members, definitions))),
    }


def closed(properties: Mapping[str, Schema]) -> Schema:
    """An object that has all of these members and no other."""
    return {"type": "object", "properties": dict(properties), "required": sorted(properties), "additionalProperties": False}


def _text(members: Mapping[str, Schema], definitions: Mapping[str, Schema]) -> str:
    return f"{members}{definitions}".replace("'", '"')


def _picked(kind: type, names: Sequence[str], definitions: dict[str, Schema], **more: Schema) -> Schema:
    """An object with some of the fields of a type."""
    hints, told = _hints(kind), docstrings(kind)
    return closed({**{name: _described(_of(hints[name], definitions), told.get(name, "")) for name in names}, **more})


def _of_type(kind: type, definitions: dict[str, Schema]) -> Schema:
    """A reference to the definition of an enum or a dataclass, which is made where it is not there."""
    name = kind.__name__
    if name not in definitions:
        if issubclass(kind, Enum):
            definitions[name] = {"enum": [each.value for each in kind], "description": inspect.getdoc(kind)}
        else:
            assert is_dataclass(kind), kind
            definitions[name] = {}
            definitions[name] = {
                **_picked(kind, [each.name for each in fields(kind)], definitions),
                "description": inspect.getdoc(kind),
            }
    return {"$ref": f"#/$defs/{name}"}


def _of(hint: Any, definitions: dict[str, Schema]) -> Schema:
    plain = {str: "string", bool: "boolean", int: "integer", float: "number", types.NoneType: "null"}
    if hint is Any:
        return {}
    if hint in plain:
        return {"type": plain[hint]}
    origin, of = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(each, definitions) for each in of]}
    if origin is tuple and of[1:] == (...,):
        return {"type": "array", "items": _of(of[0], definitions)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of(of[1], definitions)}
    return _of_type(hint, definitions)


def _described(found: Schema, told: str) -> Schema:
    return {**found, "description": told} if told else found


def _hints(kind: type) -> Mapping[str, Any]:
    # A value is any JSON value: its alias names itself.
    return get_type_hints(kind, vars(sys.modules[kind.__module__]), {"Value": Any})


def docstrings(kind: type) -> dict[str, str]:
    """The docstring of each field or member of a class, on one line."""
    (node,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(node, ast.ClassDef)
    found = {}
    for one, after in zip(node.body, node.body[1:], strict=False):
        name = one.target if isinstance(one, ast.AnnAssign) else one.targets[0] if isinstance(one, ast.Assign) else None
        if isinstance(name, ast.Name) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[name.id] = " ".join(str(after.value.value).split())
    return found
