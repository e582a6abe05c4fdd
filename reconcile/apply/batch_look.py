"""The look at all that a batch of memberships is about: the accounts, and who of them holds the entitlement and the protected groups."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import Entitlement, Record, Target, Traits
from connectors.member_batches import BatchMembers, MembersSeen

FRESH = 60.0
"""Seconds for which the read of an account serves the batches after it: under a tight rate limit a phase takes hours."""


@dataclass(slots=True)
class AccountReads:
    """Reads of accounts that the batches of one phase share: each account is read once for all its memberships."""

    members: BatchMembers
    longest: float = FRESH
    """Seconds after which an account is read anew."""
    _reads: dict[str, tuple[float, asyncio.Task[Mapping[str, Record]]]] = field(default_factory=dict)
    """By account: the moment of the read, and the read."""

    async def of(self, account_ids: Collection[str]) -> dict[str, Record]:
        """The accounts by id, without those that do not exist. Raises what the target raises, to every batch that asked."""
        now = asyncio.get_running_loop().time()
        known = {each for each in account_ids if each in self._reads and now - self._reads[each][0] < self.longest}
        if new := [each for each in dict.fromkeys(account_ids) if each not in known]:
            self._reads |= dict.fromkeys(new, (now, asyncio.ensure_future(_read(self.members, new))))
        shown = [(each, (await read).get(each)) for each, read in [(each, self._reads[each][1]) for each in account_ids]]
        return {each: record for each, record in shown if record is not None}


async def _read(members: BatchMembers, account_ids: Sequence[str]) -> Mapping[str, Record]:
    return await members.read_accounts(account_ids)


@dataclass(slots=True)
class BatchLook:
    """Answers what a precondition asks, from one read an entitlement and one an account: a `precondition.Reader`."""

    target: Target
    members: BatchMembers
    reads: AccountReads
    account_ids: Sequence[str]
    _accounts: Mapping[str, Record] | None = None
    _seen: dict[tuple[str, bool], MembersSeen] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def traits(self) -> Traits:
        return self.target.traits

    async def read_account(self, account_id: str) -> Record | None:
        if self._accounts is None:
            self._accounts = await self.reads.of(self.account_ids)
        return self._accounts.get(account_id)

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
        if self.members.most_members(entitlement_id) == 1:
            return await self.target.has_member(entitlement_id, account_id, directly=directly)
        return account_id in (await self.seen(entitlement_id, directly=directly)).holders

    async def seen(self, entitlement_id: str, *, directly: bool) -> MembersSeen:
        """The look at one entitlement, made once."""
        if (entitlement_id, directly) not in self._seen:
            found = await self.members.see_members(entitlement_id, self.account_ids, directly=directly)
            self._seen[entitlement_id, directly] = found
        return self._seen[entitlement_id, directly]

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]:
        return await self.target.find_accounts(attribute, value)

    async def find_groups(self, name: str) -> Sequence[Entitlement]:
        return await self.target.find_groups(name)
