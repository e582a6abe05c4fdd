"""Keeps the users that were just looked at, so that a write to one that is given as it was seen needs no second look."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from connectors.contract import Record
from connectors.errors import BadResponse, NotFound
from connectors.scim import decode as wire
from connectors.scim.client import USERS, Session

MOST = 256
"""Looks that are kept: more than operations are under way at once. A look that is gone is made again."""


@dataclass(slots=True)
class Looks:
    """The latest looks at the users of one application. Each serves one write: after it the user is another."""

    session: Session
    _kept: OrderedDict[str, wire.Resource] = field(default_factory=OrderedDict)

    async def look(self, account_id: str) -> wire.Resource:
        """The user as it is now. Raises NotFound only where a SCIM service says that there is none."""
        self._kept.pop(account_id, None)
        user = await self.session.users.read(account_id)
        self._kept[account_id] = user
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return user

    async def read(self, account_id: str) -> Record | None:
        """The account as it is now; None only where a SCIM service says that it does not exist."""
        try:
            return record_of(await self.look(account_id))
        except NotFound:
            return None

    async def before(self, account_id: str, seen: Record | None) -> wire.Resource:
        """The user that a write starts from: the one that `seen` was read from, else as it is now."""
        kept = self._kept.pop(account_id, None)
        if kept is not None and seen is not None and _reads_as(kept, seen):
            return kept
        return await self.session.fetch(USERS, account_id)


def record_of(user: wire.Resource) -> Record:
    """The account that a user is. Raises BadResponse where it cannot be read."""
    try:
        return wire.record(user)
    except wire.OddRecord as reason:
        raise BadResponse(f"the application's user {wire.resource_id(user)} cannot be read: {reason}") from None


def _reads_as(user: wire.Resource, seen: Record) -> bool:
    try:
        return wire.record(user) == seen
    except wire.OddRecord:
        return False
