"""Answers of the schema and user type endpoints."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.sandbox.okta.calls import Call, list_answer, object_answer
from connectors.sandbox.okta.errors import OktaError, not_found
from connectors.sandbox.okta.objects import UserType
from connectors.sandbox.okta.schema import custom_attribute, remove_custom_attribute, schema_object
from connectors.sandbox.okta.settings import OktaSandboxSettings
from connectors.sandbox.wire import WireAnswer, json_answer

METADATA_PATH = "/.well-known/okta-organization"


def org_metadata(settings: OktaSandboxSettings, base_url: str) -> WireAnswer:
    """Returns the public metadata of an org: its id, the kind of sign-in it uses, and its address."""
    links = {"organization": {"href": base_url}}
    return json_answer(200, {"id": settings.org_id, "pipeline": "idx", "_links": links})


def get_schema(call: Call, schema_id: str) -> WireAnswer:
    """`GET /api/v1/meta/schemas/user/{default or a schema's id}`; types share their attributes here, but for those that one lacks."""
    return object_answer(schema_object(call.org, _schema_owner(call, schema_id), call.wire.base_url))


def update_schema(call: Call, schema_id: str) -> WireAnswer:
    """`POST /api/v1/meta/schemas/user/{id}`: adds or changes custom attributes; null removes one, and its values."""
    owner = _schema_owner(call, schema_id)
    custom = call.part("custom", call.part("definitions", call.body()))
    for name, definition in call.part("properties", custom).items():
        if definition is None:
            remove_custom_attribute(call.org, name)
        elif isinstance(definition, dict):
            call.org.custom_attributes[name] = custom_attribute(name, definition)
        else:
            raise OktaError("E0000003")
    return object_answer(schema_object(call.org, owner, call.wire.base_url))


def list_types(call: Call) -> WireAnswer:
    """`GET /api/v1/meta/types/user`: one page, the default type first."""
    kinds = sorted(call.org.types.values(), key=lambda kind: (not kind.default, kind.id))
    rows = [msgspec.json.encode(_type_object(kind, call.wire.base_url)) for kind in kinds]
    return list_answer(call, rows, limit=call.limit(default=200, maximum=200))


def get_type(call: Call, type_id: str) -> WireAnswer:
    kind = call.org.default_type if type_id == "default" else call.org.types.get(type_id)
    if kind is None:
        raise not_found(type_id, "UserType")
    return object_answer(_type_object(kind, call.wire.base_url))


def _schema_owner(call: Call, schema_id: str) -> UserType:
    if schema_id == "default":
        return call.org.default_type
    for kind in call.org.types.values():
        if kind.schema_id == schema_id:
            return kind
    raise not_found(schema_id, "UserSchema")


def _type_object(kind: UserType, base_url: str) -> dict[str, Any]:
    return {
        "id": kind.id,
        "displayName": kind.display_name,
        "name": kind.name,
        "default": kind.default,
        "created": kind.created,
        "lastUpdated": kind.created,
        "_links": {
            "schema": {"rel": "schema", "href": f"{base_url}/api/v1/meta/schemas/user/{kind.schema_id}", "method": "GET"},
            "self": {"rel": "self", "href": f"{base_url}/api/v1/meta/types/user/{kind.id}", "method": "GET"},
        },
    }
