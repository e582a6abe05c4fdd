"""Searches users by value: with a filter only where that filter is known to find existing users."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Hashable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.contract import RawPage, Record, Scope, ScopeKind
from connectors.errors import BadResponse, NotFound, Rejected
from connectors.scim import decode as wire
from connectors.scim.client import USERS, Session
from connectors.scim.filters import CASE_EXACT, equals, fold, other_case, same
from connectors.scim.lists import Walk
from connectors.scim.names import Place, place_of
from connectors.scim.shared_list import SharedList

_USUAL_KEYS = frozenset({"userName", "externalId", "emails.work"})
"""Keys that accounts are usually looked up by: one reading of the list serves all of them."""


class Control(StrEnum):
    """Result of a filter when asked for a user that is known to be there."""

    FOUND = "found"
    MISSED = "missed"
    NOBODY = "nobody"
    """No user seen has the attribute: nothing to ask for."""


@dataclass(slots=True)
class Search:
    """Finds users by one attribute. Many servers answer "none" for an attribute they cannot filter by, so that "none" has to be earned."""

    session: Session
    _controls: dict[str, Control] = field(default_factory=dict)
    _trying: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """By attribute: of operations under way at once one tries the filter."""
    _keys: set[str] = field(default_factory=lambda: set(_USUAL_KEYS))
    _list: SharedList = field(init=False)

    def __post_init__(self) -> None:
        self._list = SharedList(lambda: self._walk({}), self._page_keys)

    async def by(self, attribute: str, value: str) -> Sequence[Record]:
        """Every user with this value. Where the filter is not known to find, the value is looked up in the whole list, read once for all."""
        if not value:
            raise Rejected(f"no account can be looked up by an empty {attribute}")
        place = place_of(attribute)
        if await self.control(attribute) is Control.FOUND:
            walk = self._walk({"filter": equals(place, value)})
            found = await _matching(walk, attribute, place, value)
            if not walk.problem:
                return found
        return await self._in_the_list(attribute, place, value)

    async def control(self, attribute: str) -> Control:
        """Asks for a user that is there, with the case of its value turned round where case must not count. A filter is tried once."""
        if not self.session.dialect.filters:
            return Control.MISSED
        async with self._trying[attribute]:
            tried = self._controls.get(attribute, Control.NOBODY)
            if tried is Control.NOBODY and not self._list.known:
                tried = self._controls[attribute] = await self._tried(attribute)
                if tried is Control.NOBODY:
                    # The list is read before anybody is created whom the next look-up would try the filter with.
                    self._keys.add(attribute)
                    with suppress(BadResponse):
                        await self._list.ids(attribute)
            return tried

    @asynccontextmanager
    async def creation(self) -> AsyncIterator[None]:
        """The time of a creation, in which the list is not read."""
        async with self._list.creation():
            yield

    def distrust(self) -> None:
        """Has the list read again: it may hold a user whose creation was not seen here."""
        self._list.distrust()

    def add(self, row: Record) -> None:
        """Takes in a user that this process created or changed."""
        self._list.add(self._row_keys(row))

    async def _in_the_list(self, attribute: str, place: Place, value: str) -> Sequence[Record]:
        if attribute not in self._keys:
            self._keys.add(attribute)
            self._list.distrust()
        try:
            ids = await self._list.ids(_key(attribute, place, value))
        except BadResponse as error:
            raise BadResponse(
                f"{self.session.name} cannot be searched by {attribute}, and its list of users is not whole: {error}"
            ) from None
        rows = [await _current(self.session, each) for each in ids]
        return [row for row in rows if row is not None and same(place, row.values().get(attribute), value)]

    def _page_keys(self, page: RawPage) -> Iterator[tuple[Hashable, str]]:
        for row in _readable(page.body):
            yield from self._row_keys(row)

    def _row_keys(self, row: Record) -> Iterator[tuple[Hashable, str]]:
        values = row.values()
        for attribute in self._keys:
            value = values.get(attribute)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                yield _key(attribute, place_of(attribute), str(value)), row.id

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


async def _current(session: Session, account_id: str) -> Record | None:
    """Reads a user anew, however long ago the list was read."""
    try:
        return wire.record(await session.fetch(USERS, account_id))
    except NotFound:
        return None
    except wire.OddRecord as reason:
        raise BadResponse(f"the application's user {account_id} cannot be read: {reason}") from None


async def _matching(walk: Walk, attribute: str, place: Place, value: str) -> list[Record]:
    found: dict[str, Record] = {}
    async for page in walk.pages():
        found |= {row.id: row for row in _readable(page.body) if same(place, row.values().get(attribute), value)}
    return list(found.values())


def _key(attribute: str, place: Place, value: str) -> Hashable:
    """Returns a key that is equal for two values that SCIM takes for one (`filters.same`)."""
    return attribute, value if place.attribute in CASE_EXACT else fold(value)


def _readable(body: bytes) -> Sequence[Record]:
    return wire.users(RawPage(Scope(ScopeKind.ACCOUNTS), 1, body)).records
