"""Publishes the standard's schemas of users, with what a product requires and without what it refuses."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from scim2_server.utils import load_default_schemas

from connectors.sandbox.dialects.habits import Habits, Publishes
from connectors.sandbox.dialects.refusals import Refused

SCHEMAS, TYPES = "Schemas", "ResourceTypes"
_CORE, _ENTERPRISE = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def published(habits: Habits, kind: str, name: str) -> dict[str, Any]:
    """The answer to a question for schemas or kinds of resources. Raises Refused for what the product does not publish."""
    if habits.publishes is Publishes.NOTHING or (kind == TYPES and habits.publishes is Publishes.SCHEMAS):
        raise Refused(404, "there is no such endpoint")
    if kind == TYPES:
        extensions = [{"schema": _ENTERPRISE, "required": False}]
        return _listed([{"id": "User", "name": "User", "endpoint": "/Users", "schema": _CORE, "schemaExtensions": extensions}])
    schemas = [_schema(habits, urn) for urn in (_CORE, _ENTERPRISE)]
    found = [each for each in schemas if name in ("", each["id"])]
    if not found:
        raise Refused(404, f"{name} is no schema")
    return found[0] if name else _listed(schemas)


def _listed(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schemas": [_LIST], "totalResults": len(resources), "Resources": resources}


def _schema(habits: Habits, urn: str) -> dict[str, Any]:
    schema = copy.deepcopy(_standard()[urn])
    if urn == _CORE:
        schema["attributes"] = [each for each in schema["attributes"] if each["name"] not in habits.refused_attributes]
        for path in habits.required:
            _require(schema["attributes"], path)
    return schema


def _require(attributes: list[dict[str, Any]], path: str) -> None:
    head, _, rest = path.partition(".")
    for each in attributes:
        if each["name"] == head:
            each["required"] = True
            if rest:
                _require(each["subAttributes"], rest)


@cache
def _standard() -> dict[str, dict[str, Any]]:
    return {schema["id"]: schema for schema in (each.model_dump() for each in load_default_schemas().values())}
