"""Sends one request that changes members of a group, and reads the group back: one that loses others is the last of its kind."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import Conflict, ConnectorError, FalseAnswer, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.scim import decode as wire
from connectors.scim import patch
from connectors.scim.client import GROUPS, Session, resource_path
from connectors.scim.dialect import GroupUpdate
from connectors.scim.found_members import group_with_members
from connectors.scim.whole_group import cut_short, with_members

REFUSALS = (Rejected, Conflict, NotFound)
"""Errors that one member of many can cause, and a request without that member may not meet."""
READINGS = 3
"""Number of times that a group which others change meanwhile is read before its replacement is given up."""


class ChangedMeanwhile(Exception):
    """A group was changed by others between its reading and its replacement."""

    def __init__(self, refusal: ConnectorError) -> None:
        self.refusal = refusal
        super().__init__(refusal)


@dataclass(slots=True)
class MemberRequests:
    """The requests that change groups of one application. Servers have lost members where two changed one group at once."""

    session: Session
    locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """By group."""
    _first_risk: asyncio.Lock = field(default_factory=asyncio.Lock)
    _proven: bool = False
    _stopped: str = ""

    @asynccontextmanager
    async def turn(self, *, member: bool) -> AsyncIterator[int]:
        """Waits until a request may go, and gives the most accounts that it takes: the first that could lose others goes alone, with one."""
        if self._proven or not self._can_lose(member=member):
            yield self.session.dialect.max_member_changes
            return
        async with self._first_risk:
            yield 1

    def fitting(self, accounts: Sequence[str], *, member: bool) -> int:
        """The number of accounts that a request takes by its length, from the first on: at least one."""
        most, longest = len(accounts), self.session.dialect.max_member_bytes
        while longest is not None and most > 1 and len(json.dumps(self._message(accounts[:most], member=member)).encode()) > longest:
            most = (most + 1) // 2
        return most

    async def change(self, group: wire.Resource, accounts: Sequence[str], *, member: bool) -> tuple[wire.Resource, ConnectorError | None]:
        """Sends one request; the group afterwards, and the error after which it has to tell what came of the request.

        Raises FalseAnswer where others than the accounts left the group, ChangedMeanwhile where it is to be read again.
        """
        group_id = wire.resource_id(group)
        if self._stopped and self._can_lose(member=member):
            raise Rejected(f"no member is {'added or ' if self._whole else ''}removed any more: {self._stopped}")
        error = await self._sent(group, accounts, member=member)
        after = await group_with_members(self.session, group_id)
        held = wire.account_members(after)
        self._mourn(group_id, wire.account_members(group) - held - set(accounts))
        took = all((each in held) is member for each in accounts)
        self._proven = self._proven or (self._can_lose(member=member) and took)
        return after, error

    def _can_lose(self, *, member: bool) -> bool:
        """Whether a request could also remove members that it is not about: a removal, and every PUT."""
        return not member or self._whole

    @property
    def _whole(self) -> bool:
        return self.session.dialect.group_update is GroupUpdate.PUT

    async def _sent(self, group: wire.Resource, accounts: Sequence[str], *, member: bool) -> ConnectorError | None:
        try:
            await (self._put if self._whole else self._patch)(group, accounts, member=member)
        except Uncertain as error:
            return error
        except REFUSALS as error:
            if len(accounts) == 1:
                raise
            return error
        return None

    async def _patch(self, group: wire.Resource, accounts: Sequence[str], *, member: bool) -> None:
        body = self._message(accounts, member=member)
        await self.session.write("PATCH", resource_path(GROUPS, wire.resource_id(group)), body)

    def _message(self, accounts: Sequence[str], *, member: bool) -> dict[str, Any]:
        """The body of a PATCH."""
        return patch.message((patch.adding if member else patch.removing)(accounts, self.session.dialect.remove_form))

    async def _put(self, group: wire.Resource, accounts: Sequence[str], *, member: bool) -> None:
        """Replaces the group by itself with the members changed, under If-Match where the application has versions.

        A group that may have members which are not shown is never replaced: they would be removed.
        """
        if cut := cut_short(group, self.session.dialect.most_members_shown):
            raise Rejected(f"the members of group {wire.resource_id(group)} are not changed by PUT, which would remove some: {cut}")
        version = await self.session.versions.for_write(group)
        body = with_members(group, accounts, member=member)
        try:
            await self.session.write("PUT", resource_path(GROUPS, wire.resource_id(group)), body, version=version)
        except PreconditionFailed as error:
            if not version:
                raise
            raise ChangedMeanwhile(error) from None

    def _mourn(self, group_id: str, lost: frozenset[str]) -> None:
        """Raises FalseAnswer where others than those named left: a server that reads the request differently removes all members."""
        if not lost:
            return
        some = ", ".join(sorted(lost)[:10])
        self._stopped = (
            f"changing members of group {group_id} of {self.session.name} was followed by the loss of {len(lost)} others "
            f"({some}{', ...' if len(lost) > 10 else ''})"
        )
        setting = "group_update" if self._whole else "remove_form"
        stated = self.session.dialect.group_update if self._whole else self.session.dialect.remove_form
        raise FalseAnswer(
            f"MEMBERS LOST: {self._stopped}. Put them back, and correct {setting} in the dialect: "
            f"it is {stated.value} now. No member is {'added or ' if self._whole else ''}removed until then"
        )


def unmade(group_id: str) -> FalseAnswer:
    """The error of a change that was answered and that the group does not show."""
    return FalseAnswer(f"the application answered that all is well, and group {group_id} is as it was")
