"""Members of groups: one request a time in each group, each read back, so that a request which empties a group is the last of its kind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from connectors.errors import Conflict, ConnectorError, FalseAnswer, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.scim import decode as wire
from connectors.scim import patch
from connectors.scim.client import GROUPS, Session, resource_path
from connectors.scim.dialect import GroupUpdate
from connectors.scim.found_members import group_with_members
from connectors.scim.nested import with_nested
from connectors.scim.whole_group import cut_short, with_members

_REFUSALS = (Rejected, Conflict, NotFound)
"""Errors that one member of many can cause, and a request without that member may not meet."""
_READINGS = 3
"""Number of times that a group which others change meanwhile is read before its replacement is given up."""


@dataclass(slots=True, eq=False)
class _Wish:
    """One account that shall be a member of a group, or shall not."""

    account_id: str
    member: bool
    error: ConnectorError | None = None
    settled: bool = False

    def settle(self, error: ConnectorError | None) -> None:
        self.error = error
        self.settled = True


@dataclass(slots=True)
class _Group:
    """Wishes for one group, in the order in which they came."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wishes: list[_Wish] = field(default_factory=list)

    def next_batch(self, most: int) -> list[_Wish]:
        """The wishes that can go in one request: the first ones, of one kind."""
        return list(islice(takewhile(lambda wish: wish.member is self.wishes[0].member, self.wishes), most))


@dataclass(slots=True)
class Memberships:
    """The groups of one application and who is in them. Servers have lost members where two requests changed one group at once.

    What is wished of a group while a request for it is under way goes together in the next one, up to `max_member_changes`.
    """

    session: Session
    _groups: dict[str, _Group] = field(default_factory=dict)
    _first_risk: asyncio.Lock = field(default_factory=asyncio.Lock)
    _proven: bool = False
    _stopped: str = ""

    async def has(self, group_id: str, account_id: str, *, directly: bool) -> bool:
        """Whether the group, as it is now, names the account, or another group inside it does."""
        group = await group_with_members(self.session, group_id)
        if directly or account_id in wire.account_members(group) or not wire.groups_inside(group):
            return account_id in wire.account_members(group)
        nested = await with_nested(self.session, group, lambda _inner: "")
        return any(each["value"] == account_id for each in nested[wire.NESTED])

    async def add(self, group_id: str, account_id: str) -> None:
        """Adds the account, unless it is in: some servers keep a second entry (scimmy)."""
        await self._fulfil(group_id, _Wish(account_id, member=True))

    async def remove(self, group_id: str, account_id: str) -> None:
        """Removes the account, if it is in. The first request that could lose others goes alone and is checked before any other."""
        await self._fulfil(group_id, _Wish(account_id, member=False))

    async def _fulfil(self, group_id: str, wish: _Wish) -> None:
        """Takes part in the group's next requests until this wish is settled by one of them."""
        group = self._groups.setdefault(group_id, _Group())
        group.wishes.append(wish)
        try:
            async with group.lock:
                while not wish.settled:
                    await self._next_request(group_id, group)
        finally:
            if wish in group.wishes:
                group.wishes.remove(wish)
        if wish.error is not None:
            raise wish.error

    async def _next_request(self, group_id: str, group: _Group) -> None:
        """Settles the wishes that come first. One that is given up in the middle leaves the others to the tasks that wait for them."""
        if self._proven or not self._can_lose(member=group.wishes[0].member):
            await self._settle(group_id, group.next_batch(self.session.dialect.max_member_changes))
        else:
            async with self._first_risk:
                await self._settle(group_id, group.next_batch(1))
        group.wishes[:] = [wish for wish in group.wishes if not wish.settled]

    def _can_lose(self, *, member: bool) -> bool:
        """Whether a request could also remove members that it is not about: a removal, and every PUT."""
        return not member or self._whole

    @property
    def _whole(self) -> bool:
        return self.session.dialect.group_update is GroupUpdate.PUT

    async def _settle(self, group_id: str, wishes: Sequence[_Wish]) -> None:
        """Carries the wishes out together. Those that a refusal kept from taking effect are tried one by one: it may be for one of them."""
        try:
            missed = await self._change(group_id, wishes)
        except ConnectorError as error:
            for wish in wishes:
                wish.settle(error)
            return
        for wish in wishes:
            reason = missed.get(wish)
            if reason is None or len(wishes) == 1 or isinstance(reason, Uncertain):
                wish.settle(reason)
            else:
                await self._settle(group_id, [wish])

    async def _change(self, group_id: str, wishes: Sequence[_Wish], *, readings: int = _READINGS) -> dict[_Wish, ConnectorError]:
        """Sends what is needed; the wishes that did not come true, with the reason. The group afterwards decides, not the answer."""
        try:
            return await self._try_change(group_id, wishes)
        except _ChangedMeanwhile as error:
            if readings == 1:
                raise error.refusal from None
        return await self._change(group_id, wishes, readings=readings - 1)

    async def _try_change(self, group_id: str, wishes: Sequence[_Wish]) -> dict[_Wish, ConnectorError]:
        member = wishes[0].member
        if self._stopped and self._can_lose(member=member):
            raise Rejected(f"no member is {'added or ' if self._whole else ''}removed any more: {self._stopped}")
        group = await group_with_members(self.session, group_id)
        before = wire.account_members(group)
        needed = [wish for wish in wishes if (wish.account_id in before) is not member]
        if not needed:
            return {}
        reason = await self._send(group, list(dict.fromkeys(wish.account_id for wish in needed)), member=member)
        after = wire.account_members(await group_with_members(self.session, group_id))
        self._mourn(group_id, before - after - {wish.account_id for wish in needed})
        reason = reason or FalseAnswer(f"the application answered that all is well, and group {group_id} is as it was")
        missed = {wish: reason for wish in needed if (wish.account_id in after) is not member}
        self._proven = self._proven or (self._can_lose(member=member) and not missed)
        return missed

    async def _send(self, group: wire.Resource, accounts: Sequence[str], *, member: bool) -> ConnectorError | None:
        """Sends one request; an error after which the group has to tell what came of it."""
        try:
            await (self._put if self._whole else self._patch)(group, accounts, member=member)
        except Uncertain as error:
            return error
        except _REFUSALS as error:
            if len(accounts) == 1:
                raise
            return error
        return None

    async def _patch(self, group: wire.Resource, accounts: Sequence[str], *, member: bool) -> None:
        operations = (patch.adding if member else patch.removing)(accounts, self.session.dialect.remove_form)
        await self.session.write("PATCH", resource_path(GROUPS, wire.resource_id(group)), patch.message(operations))

    async def _put(self, group: wire.Resource, accounts: Sequence[str], *, member: bool) -> None:
        """Replaces the group by itself with the members changed, under If-Match where the application has versions.

        A group that may have members which are not shown is never replaced: they would be removed.
        """
        if cut := cut_short(group, self.session.dialect.most_members_shown):
            raise Rejected(f"the members of group {wire.resource_id(group)} are not changed by PUT, which would remove some: {cut}")
        version = await self.session.version_for_write(group)
        body = with_members(group, accounts, member=member)
        try:
            await self.session.write("PUT", resource_path(GROUPS, wire.resource_id(group)), body, version=version)
        except PreconditionFailed as error:
            if not version:
                raise
            raise _ChangedMeanwhile(error) from None

    def _mourn(self, group_id: str, lost: frozenset[str]) -> None:
        """Raises Rejected where others than those named left: a server that reads the request differently removes all members."""
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


class _ChangedMeanwhile(Exception):
    """A group was changed by others between its reading and its replacement."""

    def __init__(self, refusal: ConnectorError) -> None:
        self.refusal = refusal
        super().__init__(refusal)
