"""Which attributes a user of an org can have, and of which type, as its schemas declare them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from connectors.errors import BadResponse, Forbidden
from connectors.okta.org import Bucket, Org


class _Attribute(msgspec.Struct):
    type: str


class _Part(msgspec.Struct, frozen=True):
    properties: dict[str, _Attribute] = {}


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


async def schema_types(org: Org) -> Mapping[str, str] | None:
    """Attribute to `string`, `boolean`, `number`, `integer` or `array`, over the schemas of all user types; None where the token may not read
    them: half of them would make attributes of the other types look misspelt.
    """
    found: dict[str, str] = {}
    try:
        for kind in await org.rows("/api/v1/meta/types/user", Bucket.OTHER, _Type):
            definitions = await _definitions(org, kind.links.schema.href)
            for part in (definitions.base, definitions.custom):
                found.update((name, attribute.type) for name, attribute in part.properties.items())
    except Forbidden:
        return None
    return found


async def _definitions(org: Org, place: str) -> _Definitions:
    answer = await org.get(place, Bucket.OTHER)
    try:
        return msgspec.json.decode(answer.body, type=_Schema).definitions
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadResponse(f"{answer.what}: the answer shows no schema", detail=str(error), request_id=answer.request_id) from error
