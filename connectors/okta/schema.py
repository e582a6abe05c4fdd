"""The declarations of an org's user attributes, from its schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import msgspec

from connectors.declaration import DeclaredAttribute
from connectors.errors import BadResponse, Forbidden
from connectors.http.links import segment
from connectors.okta.client import Bucket, Org
from connectors.okta.user_types import TYPE

LONGEST = {"email": 100, "secondEmail": 100, "streetAddress": 1024, "city": 128, "state": 128, "zipCode": 50, "postalAddress": 4096}
"""Limits of base attributes that Okta documents, and does not list in the schema. No org can change them."""
FORMATS = frozenset({"email", "country-code"})
"""The formats of which it is known what they mean."""
MOST_CHARACTERS = 1_000_000
"""A limit beyond it is none."""


class _Items(msgspec.Struct, frozen=True):
    type: Any = ""
    enum: Any = None
    one_of: Any = msgspec.field(name="oneOf", default=None)


class _Attribute(msgspec.Struct, frozen=True):
    """Every field may be anything: what one attribute states oddly must not hide what the others state."""

    type: Any = ""
    required: Any = None
    mutability: Any = ""
    min_length: Any = msgspec.field(name="minLength", default=None)
    max_length: Any = msgspec.field(name="maxLength", default=None)
    pattern: Any = None
    enum: Any = None
    one_of: Any = msgspec.field(name="oneOf", default=None)
    format: Any = ""
    items: Any = None


class _Part(msgspec.Struct, frozen=True):
    properties: dict[str, _Attribute] = {}
    required: Any = ()


class _Definitions(msgspec.Struct):
    base: _Part
    custom: _Part = _Part()


class _Schema(msgspec.Struct):
    definitions: _Definitions


class _Link(msgspec.Struct):
    href: str


class _Links(msgspec.Struct):
    schema: _Link


class _Type(msgspec.Struct):
    links: _Links = msgspec.field(name="_links")


async def declared_attributes(org: Org) -> Mapping[str, DeclaredAttribute] | None:
    """Reads the types of the attributes, over the schemas of all user types; None where the token may not read them: half would make
    attributes of the other types look misspelt. Where types differ about an attribute, nothing is said of that.
    """
    found: dict[str, DeclaredAttribute] = {}
    try:
        for kind in await org.rows("/api/v1/meta/types/user", Bucket.OTHER, _Type):
            definitions = await _definitions(org, kind.links.schema.href)
            for part, base in ((definitions.base, True), (definitions.custom, False)):
                required = part.required if isinstance(part.required, list) else []
                for name, attribute in part.properties.items():
                    declared = _declared(name, attribute, base=base, listed=name in required)
                    found[name] = in_common(found[name], declared) if name in found else declared
    except Forbidden:
        return None
    return found


async def names_of_type(org: Org, type_id: str) -> frozenset[str]:
    """The attributes of one user type. Raises Forbidden where the token may not read schemas."""
    answer = await org.get(f"/api/v1/meta/types/user/{segment(type_id)}", Bucket.OTHER)
    try:
        place = msgspec.json.decode(answer.body, type=_Type).links.schema.href
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadResponse(f"{answer.what}: the answer names no schema", detail=str(error), request_id=answer.request_id) from error
    definitions = await _definitions(org, place)
    return frozenset({*definitions.base.properties, *definitions.custom.properties})


async def all_declared(org: Org, *, limits: bool) -> Mapping[str, DeclaredAttribute] | None:
    """Reads `declared_attributes`, and the type of a user where types are used; without `limits` nothing but the types of values."""
    declared = await declared_attributes(org)
    if declared is None:
        return None
    names = tuple(sorted((await org.types.names()).values()))
    shown = dict(declared) if limits else types_only(declared)
    return {**shown, TYPE: DeclaredAttribute(type="string", allowed=names)} if names else shown


def types_only(declared: Mapping[str, DeclaredAttribute]) -> dict[str, DeclaredAttribute]:
    """The attributes with nothing but their types."""
    return {name: DeclaredAttribute(type=each.type, entries=each.entries) for name, each in declared.items()}


def in_common(one: DeclaredAttribute, other: DeclaredAttribute) -> DeclaredAttribute:
    """Returns what both declare: where they differ, nothing is declared."""
    same = {each.name: getattr(one, each.name) for each in fields(one) if getattr(one, each.name) == getattr(other, each.name)}
    # One without the other would say something else.
    if not {"pattern", "whole"} <= same.keys():
        same = {name: value for name, value in same.items() if name not in ("pattern", "whole")}
    return DeclaredAttribute(**same)


def _declared(name: str, attribute: _Attribute, *, base: bool, listed: bool) -> DeclaredAttribute:
    kind = _text(attribute.type)
    entries = _items(attribute.items) if kind == "array" else _Items()
    login = base and name == "login"
    pattern = _text(attribute.pattern)
    longest = _length(attribute.max_length)
    return DeclaredAttribute(
        type=kind,
        entries=_text(entries.type),
        required=attribute.required if isinstance(attribute.required, bool) else listed,
        read_only=attribute.mutability == "READ_ONLY",
        shortest=_length(attribute.min_length),
        longest=LONGEST.get(name) if base and longest is None else longest,
        pattern=pattern,
        whole=login,
        allowed=_allowed(attribute.enum, attribute.one_of) or _allowed(entries.enum, entries.one_of),
        # Without a pattern of its own a login is an e-mail address.
        format=_format(attribute.format) or ("email" if login and not pattern else ""),
    )


def _items(value: Any) -> _Items:
    try:
        return msgspec.convert(value, _Items)
    except msgspec.ValidationError:
        return _Items()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _format(value: Any) -> str:
    return value if isinstance(value, str) and value in FORMATS else ""


def _length(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_CHARACTERS else None


def _allowed(enum: Any, one_of: Any) -> tuple[str | bool | int | float, ...]:
    """The values of which each can be compared; none where one of them cannot."""
    constants = [each.get("const") if isinstance(each, dict) else None for each in one_of] if isinstance(one_of, list) else []
    stated: Sequence[Any] = enum if isinstance(enum, list) else constants
    return tuple(stated) if all(isinstance(each, str | bool | int | float) for each in stated) else ()


async def _definitions(org: Org, place: str) -> _Definitions:
    answer = await org.get(place, Bucket.OTHER)
    try:
        return msgspec.json.decode(answer.body, type=_Schema).definitions
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadResponse(f"{answer.what}: the answer shows no schema", detail=str(error), request_id=answer.request_id) from error
