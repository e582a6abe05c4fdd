"""A target in memory that creates accounts together with memberships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import Opening, Record, Value
from connectors.memory.connector import MemoryTarget


class CreatingMemory(MemoryTarget):
    """Accounts, entitlements and memberships in this process, as `CreatesMembers`."""

    most_new_memberships = 20

    async def create_member(self, attributes: Mapping[str, Value], group_ids: Sequence[str], opening: Opening) -> Record:
        for each in group_ids:
            self._group(each)
        created = self.create_account if opening is Opening.SILENT else self.stage_account
        made = await created(attributes)
        for each in group_ids:
            await self.add_member(each, made.id)
        return await self.invite_account(made.id, made) if opening is Opening.MAIL else made

    async def groups_of(self, account_id: str) -> frozenset[str]:
        return frozenset([each for each in self.entitlements if await self.has_member(each, account_id)])
