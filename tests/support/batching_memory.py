"""A target in memory that changes memberships together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from connectors.contract import Record
from connectors.errors import ConnectorError
from connectors.member_batches import MembersChanged, MembersSeen
from connectors.memory.connector import MemoryTarget


class BatchingMemory(MemoryTarget):
    """Accounts, entitlements and memberships in this process, as `BatchMembers`."""

    def most_members(self, entitlement_id: str) -> int:  # noqa: ARG002 - the same for all
        return 100

    async def read_accounts(self, account_ids: Sequence[str]) -> Mapping[str, Record]:
        return {each: self.accounts[each].record() for each in account_ids if each in self.accounts}

    async def see_members(self, entitlement_id: str, account_ids: Collection[str], *, directly: bool = False) -> MembersSeen:
        self._group(entitlement_id)
        holding = [each for each in account_ids if await self.has_member(entitlement_id, each, directly=directly)]
        return MembersSeen(entitlement_id, frozenset(holding))

    async def change_members(self, seen: MembersSeen, account_ids: Sequence[str], *, member: bool) -> MembersChanged:
        errors: dict[str, ConnectorError] = {}
        for each in account_ids:
            try:
                await (self.add_member if member else self.remove_member)(seen.entitlement_id, each)
            except ConnectorError as error:
                errors[each] = error
        return MembersChanged(await self.see_members(seen.entitlement_id, account_ids, directly=not member), errors)
