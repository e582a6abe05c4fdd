"""Changes many members of one group in as few requests as the dialect allows; a request that is refused is divided."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import ROLE, Record
from connectors.errors import ConnectorError, FalseAnswer, Uncertain
from connectors.member_batches import MembersChanged, MembersSeen
from connectors.scim import decode as wire
from connectors.scim.client import Session
from connectors.scim.found_members import group_with_members
from connectors.scim.looks import Looks
from connectors.scim.member_requests import READINGS, REFUSALS, ChangedMeanwhile, MemberRequests, unmade
from connectors.scim.memberships import Memberships
from connectors.scim.nested import with_nested

SIDE_BY_SIDE = 4
"""Accounts that are read at once, one a request: few servers can be asked for several by their ids (`max_ids`)."""


class ScimMemberBatches:
    """Memberships of groups as `member_batches.BatchMembers`. Roles go alone."""

    _session: Session
    _looks: Looks
    _memberships: Memberships

    def most_members(self, entitlement_id: str) -> int:
        return 1 if entitlement_id.startswith(ROLE) else max(self._session.dialect.max_member_changes, 100)

    async def read_accounts(self, account_ids: Sequence[str]) -> Mapping[str, Record]:
        slots = asyncio.Semaphore(max(SIDE_BY_SIDE, self._session.users.full))

        async def one(account_id: str) -> Record | None:
            async with slots:
                with self._session.gathering.under_way():
                    return await self._looks.read(account_id)

        found = await asyncio.gather(*map(one, account_ids))
        return {account_id: record for account_id, record in zip(account_ids, found, strict=True) if record is not None}

    async def see_members(self, entitlement_id: str, account_ids: Collection[str], *, directly: bool = False) -> MembersSeen:
        group = await group_with_members(self._session, entitlement_id)
        holders = wire.account_members(group)
        if not directly and wire.groups_inside(group) and not holders.issuperset(account_ids):
            nested = await with_nested(self._session, group, lambda _inner: "")
            holders |= {each["value"] for each in nested[wire.NESTED]}
        return MembersSeen(entitlement_id, holders, group)

    async def change_members(self, seen: MembersSeen, account_ids: Sequence[str], *, member: bool) -> MembersChanged:
        requests, group_id = self._memberships.requests, seen.entitlement_id
        async with requests.locks[group_id]:
            group = seen.look if isinstance(seen.look, dict) else await group_with_members(self._session, group_id)
            change = _Change(requests, group, member)
            await change.carry_out(account_ids)
        return MembersChanged(MembersSeen(group_id, wire.account_members(change.group), change.group), change.errors)


@dataclass(slots=True)
class _Change:
    """One change of some members of a group."""

    requests: MemberRequests
    group: wire.Resource
    """The group as it was read last."""
    member: bool
    errors: dict[str, ConnectorError] = field(default_factory=dict)
    _took: bool = False
    """Whether a request has had an effect."""

    async def carry_out(self, account_ids: Sequence[str]) -> None:
        """Sends requests until every account is as wanted, or has an error of its own. Raises what leaves the others open."""
        ahead = [list(account_ids)]
        while ahead:
            async with self.requests.turn(member=self.member) as most:
                some = self._open(ahead.pop())
                number = min(most, self.requests.fitting(some[:most], member=self.member))
                ahead += [some[number:]] if len(some) > number else []
                ahead += await self._sent(some[:number]) if some else []

    async def _sent(self, accounts: list[str]) -> list[list[str]]:
        """Sends one request; the parts in which what it left undone is to be sent, the first last."""
        error = await self._request(accounts)
        missed = self._open(accounts)
        self._took = self._took or len(missed) < len(accounts)
        if not missed:
            return []
        if isinstance(error, Uncertain) or len(accounts) == 1:
            self.errors |= dict.fromkeys(missed, error or unmade(wire.resource_id(self.group)))
            return []
        if len(missed) < len(accounts):
            return [missed]
        half = len(missed) // 2
        return [missed[half:], missed[:half]]

    async def _request(self, accounts: list[str]) -> ConnectorError | None:
        """One request with its read-back; the error after which the group tells what came of it. One account that is refused alone is told so."""
        error: ConnectorError | None = None
        for _ in range(READINGS):
            accounts = self._open(accounts)
            if not accounts:
                return None
            try:
                self.group, error = await self.requests.change(self.group, accounts, member=self.member)
            except ChangedMeanwhile as moved:
                self.group, error = await group_with_members(self.requests.session, wire.resource_id(self.group)), moved.refusal
            except REFUSALS as refusal:
                if isinstance(refusal, FalseAnswer) or len(accounts) > 1:
                    raise
                return refusal
            else:
                return error
        return error

    def _open(self, accounts: Sequence[str]) -> list[str]:
        """The accounts that are not as wanted, and have no error of their own."""
        held = wire.account_members(self.group)
        return [each for each in accounts if (each in held) is not self.member and each not in self.errors]
