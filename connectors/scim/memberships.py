"""Members of groups: one request a time in each group, each read back, so that a request which empties a group is the last of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from connectors.errors import ConnectorError, Uncertain
from connectors.scim import decode as wire
from connectors.scim.client import Session
from connectors.scim.found_members import group_with_members
from connectors.scim.member_requests import READINGS, ChangedMeanwhile, MemberRequests, unmade
from connectors.scim.nested import with_nested


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
    requests: MemberRequests = field(init=False)
    _groups: dict[str, _Group] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.requests = MemberRequests(self.session)

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
            async with self.requests.locks[group_id]:
                while not wish.settled:
                    await self._next_request(group_id, group)
        finally:
            if wish in group.wishes:
                group.wishes.remove(wish)
        if wish.error is not None:
            raise wish.error

    async def _next_request(self, group_id: str, group: _Group) -> None:
        """Settles the wishes that come first. One that is given up in the middle leaves the others to the tasks that wait for them."""
        async with self.requests.turn(member=group.wishes[0].member) as most:
            await self._settle(group_id, group.next_batch(most))
        group.wishes[:] = [wish for wish in group.wishes if not wish.settled]

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

    async def _change(self, group_id: str, wishes: Sequence[_Wish], *, readings: int = READINGS) -> dict[_Wish, ConnectorError]:
        """Sends what is needed; the wishes that did not come true, with the reason. The group afterwards decides, not the answer."""
        try:
            return await self._try_change(group_id, wishes)
        except ChangedMeanwhile as error:
            if readings == 1:
                raise error.refusal from None
        return await self._change(group_id, wishes, readings=readings - 1)

    async def _try_change(self, group_id: str, wishes: Sequence[_Wish]) -> dict[_Wish, ConnectorError]:
        member = wishes[0].member
        group = await group_with_members(self.session, group_id)
        before = wire.account_members(group)
        needed = [wish for wish in wishes if (wish.account_id in before) is not member]
        if not needed:
            return {}
        accounts = list(dict.fromkeys(wish.account_id for wish in needed))
        shown, error = await self.requests.change(group, accounts, member=member)
        after, reason = wire.account_members(shown), error or unmade(group_id)
        return {wish: reason for wish in needed if (wish.account_id in after) is not member}
