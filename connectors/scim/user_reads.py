"""Reads users: several that are under way at once by one filter on their ids, where the operator says that the application has it.

A user in the answer to a filter is taken from it. A user who is missing there is read alone: only that can say that there is none.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.errors import ConnectorError, NotFound
from connectors.scim import decode as wire
from connectors.scim.decode import listing
from connectors.scim.filters import literal

if TYPE_CHECKING:
    from connectors.scim.client import Session

USERS = "Users"


@dataclass(slots=True)
class UserReads:
    """The reads of users of one application."""

    session: Session
    refused: str = ""
    """Sentence on why no filter is used any more."""
    _proven: bool = False
    """Whether a filter has shown a user as a read alone does."""
    _waiting: dict[str, asyncio.Future[wire.Resource | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session.gathering.queues.append(self)

    @property
    def length(self) -> int:
        """The number of users that are waited for."""
        return len(self._waiting)

    @property
    def full(self) -> int:
        """The users that one filter asks for."""
        return 1 if self.refused else self.session.dialect.max_ids

    async def read(self, user_id: str) -> wire.Resource:
        """The user as it is now. Raises NotFound only where a SCIM service says that there is none."""
        if self.full < 2:
            return await self.session.fetch(USERS, user_id)
        waiting = self._waiting.setdefault(user_id, asyncio.get_running_loop().create_future())
        self.session.gathering.send_what_is_due()
        return await asyncio.shield(waiting) or await self.session.fetch(USERS, user_id)

    def send(self) -> None:
        """Asks for as many users as one filter takes."""
        some = dict(list(self._waiting.items())[: max(self.full, 1)])
        self._waiting = {each: waiting for each, waiting in self._waiting.items() if each not in some}
        self.session.gathering.begin(self._answered(some))

    async def _answered(self, some: Mapping[str, asyncio.Future[wire.Resource | None]]) -> None:
        found: Mapping[str, wire.Resource] = {}
        try:
            if len(some) > 1:
                found = await self._found(list(some))
        except ConnectorError as error:
            self.refused = str(error)
        finally:
            for user_id, waiting in some.items():
                if not waiting.done():
                    waiting.set_result(found.get(user_id))

    async def _found(self, ids: Sequence[str]) -> dict[str, wire.Resource]:
        """The users that the filter shows, each once; nothing where it does not show the first as a read alone does."""
        asked = " or ".join(f"id eq {literal(each)}" for each in ids)
        answer = await self.session.get(USERS, {"filter": asked, "count": len(ids)})
        shown = [user for user in listing(answer.body).resources if isinstance(user, dict)]
        times = Counter(wire.resource_id(user) for user in shown)
        found = {wire.resource_id(user): user for user in shown if times[wire.resource_id(user)] == 1}
        if not self._proven:
            try:
                alone = await self.session.fetch(USERS, ids[0])
            except NotFound:
                return {}
            if found.get(ids[0]) != alone:
                self.refused = f"{self.session.name} shows a user by a filter on ids otherwise than alone, or not at all (max_ids)"
                return {}
            self._proven = True
        return found
