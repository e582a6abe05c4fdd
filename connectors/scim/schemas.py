"""Reads what an application publishes of its users: /ResourceTypes and /Schemas (RFC 7643 sections 6 and 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from connectors.declaration import AccountSchema, SchemaAttribute
from connectors.errors import BadResponse, ConnectorError, Unauthorised
from connectors.http.links import segment
from connectors.scim.attributes import folded
from connectors.scim.client import USERS, Session
from connectors.scim.lenient import read_json
from connectors.scim.names import ENTERPRISE, USER
from connectors.scim.schema_attributes import MOST_ATTRIBUTES, core_attributes, extension_attributes

SCHEMAS, TYPES = "Schemas", "ResourceTypes"
MOST_EXTENSIONS = 50
LONGEST_URN = 200
Definition = Mapping[str, Any]


class _Parts(NamedTuple):
    """The schemas that a user is made of, by URN."""

    core: str
    extensions: Mapping[str, bool]
    """With whether every user has it."""
    notes: Sequence[str]


class ScimSchema:
    """An application as `declaration.Publishing`."""

    _session: Session

    async def account_schema(self) -> AccountSchema:
        return await account_schema(self._session)


async def account_schema(session: Session) -> AccountSchema:
    """Reads the attributes of users: core, then extensions. Raises ConnectorError where /Schemas gives nothing of the core."""
    known = _by_urn(_resources((await session.get(SCHEMAS)).body))
    parts = _stated_parts(await _types(session)) or _supposed_parts(known)
    core = await _definition(session, known, parts.core)
    if core is None:
        raise BadResponse(f"/{SCHEMAS} describes no users")
    attributes, notes = core_attributes(core), [*parts.notes]
    for urn, required in parts.extensions.items():
        definition = await _definition(session, known, urn)
        if definition is None:
            notes.append(f"/{TYPES} names the extension {urn}, and /{SCHEMAS} does not describe it")
        else:
            attributes += extension_attributes(definition, urn, required=required)
    if len(attributes) > MOST_ATTRIBUTES:
        notes.append(f"the schema has {len(attributes):,} attributes; the first {MOST_ATTRIBUTES:,} were looked at")
    return AccountSchema(_each_once(attributes)[:MOST_ATTRIBUTES], tuple(notes))


def _each_once(attributes: Sequence[SchemaAttribute]) -> tuple[SchemaAttribute, ...]:
    return tuple({each.name.lower(): each for each in reversed(attributes)}.values())[::-1]


def _resources(body: bytes) -> list[Definition]:
    """The objects of a list; some applications leave out totalResults, or answer with a bare array."""
    answer = read_json(body)
    found = folded(answer, "Resources") if isinstance(answer, dict) else answer
    if not isinstance(found, list):
        raise BadResponse("The answer is not a SCIM list: it has no Resources", detail=body[:200].decode(errors="replace"))
    return [each for each in found if isinstance(each, dict)]


def _by_urn(schemas: Sequence[Definition]) -> dict[str, Definition]:
    """The definitions by URN in lower case. A URN with a blank or a quote is none."""
    return {urn.lower(): each for each in schemas if (urn := _urn(folded(each, "id")))}


def _urn(text: object) -> str:
    """The text, where it is the name of a schema; else empty."""
    if not isinstance(text, str) or text[:4].lower() != "urn:" or len(text) > LONGEST_URN:
        return ""
    return text if text.isascii() and text.isprintable() and not set(text) & set(" \"'\\") else ""


async def _types(session: Session) -> Sequence[Definition]:
    """The kinds of resources; none where the application does not list them."""
    try:
        return _resources((await session.get(TYPES)).body)
    except Unauthorised:
        raise
    except ConnectorError:
        return ()


def _stated_parts(types: Sequence[Definition]) -> _Parts | None:
    """The schemas of what /Users holds; None where the list of types does not say."""
    users = next((each for each in types if str(folded(each, "endpoint")).strip("/").lower().endswith(USERS.lower())), None)
    core = _urn(folded(users, "schema")) if users else ""
    if users is None or not core:
        return None
    stated = folded(users, "schemaExtensions")
    entries = [each for each in stated if isinstance(each, dict)] if isinstance(stated, list) else []
    urns = {urn: folded(each, "required") is True for each in entries if (urn := _urn(folded(each, "schema")))}
    notes = [f"/{TYPES} names {len(urns)} extensions; {MOST_EXTENSIONS} were looked at"] if len(urns) > MOST_EXTENSIONS else []
    return _Parts(core, dict(list(urns.items())[:MOST_EXTENSIONS]), notes)


def _supposed_parts(known: Mapping[str, Definition]) -> _Parts:
    """Returns the schemas whose names end with User, where no list of types says which they are."""
    urns = [_urn(folded(each, "id")) for urn, each in known.items() if urn.endswith(":user") and urn != USER.lower()]
    note = f"/{TYPES} does not say which schemas users have: those whose names end with :User are taken"
    return _Parts(
        USER, dict.fromkeys(sorted(urns, key=lambda urn: (urn.lower() != ENTERPRISE.lower(), urn))[:MOST_EXTENSIONS], False), [note]
    )


async def _definition(session: Session, known: Mapping[str, Definition], urn: str) -> Definition | None:
    """One schema: of the list, else by its URN; None where neither has it."""
    if urn.lower() in known:
        return known[urn.lower()]
    try:
        answer = read_json((await session.get(f"{SCHEMAS}/{segment(urn)}")).body)
    except Unauthorised:
        raise
    except ConnectorError:
        return None
    if not isinstance(answer, dict):
        return None
    stated = folded(answer, "attributes")
    return answer if isinstance(stated, list) and stated else None
