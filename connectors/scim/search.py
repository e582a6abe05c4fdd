"""Which users have a value: asked by a filter only where that filter is known to find what is there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.contract import RawPage, Record, Scope, ScopeKind
from connectors.errors import BadResponse, Rejected
from connectors.scim import wire
from connectors.scim.filters import CASE_EXACT, equals, other_case, same
from connectors.scim.names import Place, place_of
from connectors.scim.session import USERS, Session
from connectors.scim.walk import Walk


class Control(StrEnum):
    """What a filter did when asked for a user that is known to be there."""

    FOUND = "found"
    MISSED = "missed"
    NOBODY = "nobody"
    """No user seen has the attribute: nothing to ask for."""


@dataclass(slots=True)
class Search:
    """Finds users by one attribute. Many servers answer "none" for an attribute they cannot filter by, so that "none" has to be earned."""

    session: Session
    _controls: dict[str, Control] = field(default_factory=dict)

    async def by(self, attribute: str, value: str) -> Sequence[Record]:
        """Every user with this value. Where the filter is not known to find, the whole list is read and compared here."""
        if not value:
            raise Rejected(f"no account can be looked up by an empty {attribute}")
        place = place_of(attribute)
        if await self.control(attribute) is Control.FOUND:
            walk = self._walk({"filter": equals(place, value)})
            found = await _matching(walk, attribute, place, value)
            if not walk.problem:
                return found
        walk = self._walk({})
        found = await _matching(walk, attribute, place, value)
        if walk.problem:
            raise BadResponse(f"{self.session.name} cannot be searched by {attribute}, and its list of users is not whole: {walk.problem}")
        return found

    async def control(self, attribute: str) -> Control:
        """Asks for a user that is there, with the case of its value turned round where case must not count. A filter is tried once."""
        if not self.session.dialect.filters:
            return Control.MISSED
        if self._controls.get(attribute, Control.NOBODY) is Control.NOBODY:
            self._controls[attribute] = await self._tried(attribute)
        return self._controls[attribute]

    async def _tried(self, attribute: str) -> Control:
        place = place_of(attribute)
        known = await self._somebody_with(attribute)
        if known is None:
            return Control.NOBODY
        held = str(known.values()[attribute])
        asked = held if place.attribute in CASE_EXACT else other_case(held)
        found = await _matching(self._walk({"filter": equals(place, asked)}), attribute, place, asked)
        return Control.FOUND if any(row.id == known.id for row in found) else Control.MISSED

    async def _somebody_with(self, attribute: str) -> Record | None:
        """A user of the first page that has the attribute."""
        walk = self._walk({})
        async with aclosing(walk.pages()) as pages:
            async for page in pages:
                return next((row for row in _readable(page.body) if isinstance(row.values().get(attribute), str)), None)
        raise BadResponse(f"{self.session.name}: its list of users cannot be read: {walk.problem}")

    def _walk(self, params: dict[str, str]) -> Walk:
        return Walk(self.session, USERS, Scope(ScopeKind.ACCOUNTS), params)


async def _matching(walk: Walk, attribute: str, place: Place, value: str) -> list[Record]:
    found: dict[str, Record] = {}
    async for page in walk.pages():
        found |= {row.id: row for row in _readable(page.body) if same(place, row.values().get(attribute), value)}
    return list(found.values())


def _readable(body: bytes) -> Sequence[Record]:
    return wire.users(RawPage(Scope(ScopeKind.ACCOUNTS), 1, body)).records
