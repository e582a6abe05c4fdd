"""Roles of users: values of the multi-valued attribute `roles` (RFC 7643 section 4.1.2), given and taken one by one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import assert_never

from connectors.contract import ROLE
from connectors.errors import FalseAnswer
from connectors.quoting import quoted
from connectors.scim import decode as wire
from connectors.scim import patch
from connectors.scim.attributes import entries_of, folded, top_entry
from connectors.scim.client import USERS, Session
from connectors.scim.dialect import UserUpdate
from connectors.scim.edit import replacement
from connectors.scim.user_writes import UserWrites

ATTRIBUTE = "roles"


@dataclass(slots=True)
class Roles:
    """The roles of the users of one application. Two changes of one user never go at once: servers have lost the first of them."""

    session: Session
    writes: UserWrites
    _locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def has(self, entitlement_id: str, account_id: str) -> bool:
        """Whether the user, as it is now, has the role."""
        return _name(entitlement_id) in _held(await self.session.fetch(USERS, account_id))

    async def add(self, entitlement_id: str, account_id: str) -> None:
        """Gives the role, unless the user has it."""
        await self._set(account_id, _name(entitlement_id), wanted=True)

    async def remove(self, entitlement_id: str, account_id: str) -> None:
        """Takes the role, if the user has it."""
        await self._set(account_id, _name(entitlement_id), wanted=False)

    async def _set(self, account_id: str, role: str, *, wanted: bool) -> None:
        async with self._locks[account_id]:
            before = await self.session.fetch(USERS, account_id)
            held = _held(before)
            if (role in held) is wanted:
                return
            after = _held(await self._sent(before, role, wanted=wanted))
        if lost := sorted(held - after - {role}):
            raise FalseAnswer(
                f"changing the role {quoted(role)} of {account_id} also took {', '.join(lost)}: the dialect of {self.session.name} is wrong"
            )
        if (role in after) is not wanted:
            raise FalseAnswer(f"the application answered that all is well, and the roles of {account_id} are as they were")

    async def _sent(self, before: wire.Resource, role: str, *, wanted: bool) -> wire.Resource:
        entries = entries_of(before.get(top_entry(before, ATTRIBUTE)))
        others = [entry for entry in entries if folded(entry, "value") != role]
        whole = [*entries, {"value": role}] if wanted else others
        match self.session.dialect.user_update:
            case UserUpdate.PUT:
                return await self.writes.send("PUT", before, replacement(before, {ATTRIBUTE: whole or None}))
            case UserUpdate.PATCH:
                operation = patch.role(role, whole, wanted=wanted, path_filters=self.session.dialect.path_filters)
                return await self.writes.send("PATCH", before, patch.message([operation]))
            case _ as never:
                assert_never(never)


def _held(user: wire.Resource) -> frozenset[str]:
    return frozenset(str(folded(entry, "value")) for entry in entries_of(user.get(top_entry(user, ATTRIBUTE))))


def _name(entitlement_id: str) -> str:
    return entitlement_id.removeprefix(ROLE)
