"""Members of groups: one change a time in each group, each read back, so that a request which empties a group is the last of its kind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import Rejected, Uncertain
from connectors.scim import patch, wire
from connectors.scim.session import GROUPS, Session, resource_path


@dataclass(slots=True)
class Memberships:
    """The groups of one application and who is in them. Servers have lost members where two requests changed one group at once."""

    session: Session
    _groups: dict[str, asyncio.Lock] = field(default_factory=dict)
    _first_removal: asyncio.Lock = field(default_factory=asyncio.Lock)
    _removal_proven: bool = False
    _stopped: str = ""

    async def has(self, group_id: str, account_id: str) -> bool:
        """Whether the group, as it is now, names the account."""
        return account_id in await self._members(group_id)

    async def add(self, group_id: str, account_id: str) -> None:
        """Adds the account, unless it is in: some servers keep a second entry (scimmy)."""
        async with self._lock(group_id):
            await self._change(group_id, account_id, patch.adding(account_id), member=True)

    async def remove(self, group_id: str, account_id: str) -> None:
        """Removes the account, if it is in. The first removal of all goes alone and is checked before any other."""
        operation = patch.removing(account_id, self.session.dialect.remove_form)
        if self._removal_proven:
            await self._remove(group_id, account_id, operation)
            return
        async with self._first_removal:
            await self._remove(group_id, account_id, operation)

    async def _remove(self, group_id: str, account_id: str, operation: dict[str, Any]) -> None:
        async with self._lock(group_id):
            if self._stopped:
                raise Rejected(f"no member is removed any more: {self._stopped}")
            sent = await self._change(group_id, account_id, operation, member=False)
            self._removal_proven = self._removal_proven or sent

    async def _change(self, group_id: str, account_id: str, operation: dict[str, Any], *, member: bool) -> bool:
        """Sends the change if it is needed; whether it was. The group afterwards decides, not the answer."""
        before = await self._members(group_id)
        if (account_id in before) is member:
            return False
        uncertain: Uncertain | None = None
        try:
            await self.session.write("PATCH", resource_path(GROUPS, group_id), patch.message([operation]))
        except Uncertain as error:
            uncertain = error
        after = await self._members(group_id)
        self._mourn(group_id, before - after - {account_id})
        if (account_id in after) is not member:
            raise uncertain or Rejected(f"the application answered that all is well, and group {group_id} is as it was")
        return True

    def _mourn(self, group_id: str, lost: frozenset[str]) -> None:
        """Nobody but the one named may have left: a server that reads the request differently removes everybody."""
        if not lost:
            return
        some = ", ".join(sorted(lost)[:10])
        self._stopped = (
            f"changing one member of group {group_id} of {self.session.name} was followed by the loss of {len(lost)} others "
            f"({some}{', ...' if len(lost) > 10 else ''})"
        )
        raise Rejected(
            f"MEMBERS LOST: {self._stopped}. Put them back, and correct remove_form in the dialect: "
            f"it is {self.session.dialect.remove_form.value} now. No member is removed until then"
        )

    async def _members(self, group_id: str) -> frozenset[str]:
        return wire.account_members(await self.session.fetch(GROUPS, group_id))

    def _lock(self, group_id: str) -> asyncio.Lock:
        return self._groups.setdefault(group_id, asyncio.Lock())
