"""User types of an org: the type of each user is read as an attribute, set on creation, and changed under review (`type_changes`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import msgspec

from connectors.contract import Value
from connectors.errors import Rejected
from connectors.okta.decode import record_texts, with_part
from connectors.quoting import quoted

TYPE = "type.name"
"""Attribute that shows the name of a user's type. No attribute of a profile has a dot in its name."""
SHOWN = "_type"
"""Key that is added to a row, with the name of its type."""


class NamedType(msgspec.Struct):
    """A user type."""

    id: str
    name: str


class _TypeId(msgspec.Struct):
    id: str


class _Typed(msgspec.Struct):
    type: _TypeId


class UserTypes:
    """User types of one org, asked for once."""

    def __init__(self, ask: Callable[[], Awaitable[list[NamedType]]], *, used: bool) -> None:
        self.used = used
        """Whether types are read and set at all."""
        self._ask = ask
        self._names: Mapping[str, str] | None = None

    async def names(self) -> Mapping[str, str]:
        """Returns the names by id; none where types are not used."""
        if self._names is None:
            self._names = {each.id: each.name for each in await self._ask()} if self.used else {}
        return self._names

    async def page(self, body: bytes) -> bytes:
        """Returns the page with the name of the type in each row; one that states no type stays as it is."""
        names = await self.names()
        return b"[" + b",".join(_with_type(bytes(text), names) for text in record_texts(body)) + b"]" if self.used else body

    async def row(self, body: bytes) -> bytes:
        """Returns a single user with the name of the type."""
        return _with_type(body, await self.names()) if self.used else body

    async def divided(self, attributes: Mapping[str, Value]) -> dict[str, object]:
        """Returns the body of a creation: the profile, and the type by its id. Raises Rejected for a name that no type has."""
        profile = {name: value for name, value in attributes.items() if name != TYPE}
        wanted = attributes.get(TYPE)
        if not self.used or wanted is None:
            return {"profile": attributes}
        return {"profile": profile, "type": {"id": await self.id_of(wanted)}}

    async def id_of(self, name: Value) -> str:
        """The id of a type. Raises Rejected for a name that no type has."""
        names = await self.names()
        found = next((type_id for type_id, each in names.items() if each == name), None)
        if found is None:
            raise Rejected(f"the org has no user type {quoted(name)}; it has {', '.join(sorted(names.values()))}")
        return found


def _with_type(text: bytes, names: Mapping[str, str]) -> bytes:
    with suppress(msgspec.DecodeError, ValueError, RecursionError):
        type_id = msgspec.json.decode(text, type=_Typed).type.id
        return with_part(text.strip(), SHOWN, names.get(type_id, type_id))
    return text
