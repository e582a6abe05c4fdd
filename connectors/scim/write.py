"""Creates and updates accounts; every write is read back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

from connectors.contract import Record, Value
from connectors.errors import BadResponse, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.http.answer import Answer
from connectors.scim import decode as wire
from connectors.scim.client import USERS, Session
from connectors.scim.edit import new_user
from connectors.scim.effect import equal, refuse_false
from connectors.scim.filters import fold
from connectors.scim.looks import Looks, record_of
from connectors.scim.search import Search
from connectors.scim.untyped import kept_without_type
from connectors.scim.user_writes import UserWrites


@dataclass(slots=True)
class Accounts:
    """The users of one application."""

    session: Session
    search: Search
    looks: Looks
    writes: UserWrites

    async def create(self, attributes: Mapping[str, Value], *, active: bool = True) -> Record:
        """Creates a user, silently. What the application made of it is in the record: it is read back."""
        missing = sorted(name for name in self.session.dialect.required if attributes.get(name) in (None, ""))
        if missing:
            raise Rejected(f"{self.session.name} takes no user without {', '.join(missing)}")
        async with self.search.creation():
            answer = await self.session.write("POST", USERS, {**new_user(attributes), "active": active})
            row = await self._created(answer, str(attributes.get("userName", "")))
            if row is not None:
                self.search.add(row)
        return row or await self._created_unseen(str(attributes.get("userName", "")))

    async def update(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        """Sets the attributes. Raises PreconditionFailed where one of them moved, Rejected where one did not take effect.

        A version covers every attribute: where the one that was seen is refused, a fresh look tells whether it is one of these that moved.
        """
        before = await self.looks.before(account_id, seen)
        if await self.session.versions.for_write(before):
            with suppress(PreconditionFailed):
                return await self._update(before, changes, seen)
            before = await self.session.fetch(USERS, account_id)
        return await self._update(before, changes, seen)

    async def _update(self, before: wire.Resource, changes: Mapping[str, Value], seen: Record) -> Record:
        held, expected = record_of(before).values(), seen.values()
        moved = sorted(name for name in changes if not equal(held.get(name), expected.get(name)))
        if moved:
            raise PreconditionFailed(f"{', '.join(moved)} of this account changed since it was read")
        needed = {name: value for name, value in changes.items() if not equal(held.get(name), value)}
        if not needed:
            return record_of(before)
        if copied := kept_without_type(before, needed):
            raise Rejected(copied)
        shown = await self.writes.change(before, needed)
        after = record_of(shown)
        self.search.add(after)
        refuse_false(self.session.name, held, shown, needed)
        return after

    async def _created(self, answer: Answer, user_name: str) -> Record | None:
        """The user that an answer shows, or is at the place that it names; None where neither says which it is."""
        if created := wire.resource(answer.body):
            return record_of(await self.writes.confirmed(answer, wire.resource_id(created)))
        placed = unquote(answer.headers.first("Location").partition("?")[0].rpartition("/")[2])
        try:
            row = record_of(await self.session.users.read(placed)) if placed else None
        except (NotFound, BadResponse, Rejected):
            return None
        # The place is a statement of the server alone: that the user is ours the name shows.
        return row if row is not None and fold(str(row.values().get("userName", ""))) == fold(user_name) else None

    async def _created_unseen(self, user_name: str) -> Record:
        """The user that an answer without an id may have created."""
        self.search.distrust()
        found = [row for row in await self.search.by("userName", user_name) if user_name]
        if len(found) != 1:
            raise Uncertain(
                f"{self.session.name} answered a creation without saying what it created, and {len(found)} users have this name"
            )
        return found[0]
