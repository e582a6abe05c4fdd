"""Memberships of a target in dictionaries: those of groups and apps, and roles, which an attribute of the account lists."""

from __future__ import annotations

from dataclasses import replace

from connectors.contract import ROLE
from connectors.errors import Rejected
from connectors.memory.state import MemoryState


class MemoryMemberships(MemoryState):
    """Memberships as `verbs.MembershipVerbs`."""

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
        if entitlement_id.startswith(ROLE):
            return entitlement_id.removeprefix(ROLE) in self._roles(account_id)
        through = not directly and any(each[:2] == (account_id, entitlement_id) for each in self.inherited)
        return through or (account_id, entitlement_id) in self.members

    async def add_member(self, entitlement_id: str, account_id: str) -> None:
        if entitlement_id.startswith(ROLE):
            self._put_roles(account_id, [*self._roles(account_id), entitlement_id.removeprefix(ROLE)])
        else:
            self.members.add(self._membership(entitlement_id, account_id))

    async def remove_member(self, entitlement_id: str, account_id: str) -> None:
        if entitlement_id.startswith(ROLE):
            self._put_roles(account_id, [role for role in self._roles(account_id) if role != entitlement_id.removeprefix(ROLE)])
        else:
            self.members.discard(self._membership(entitlement_id, account_id))

    def _roles(self, account_id: str) -> list[str]:
        held = self._account(account_id).attributes.get(self.traits.roles)
        return [str(role) for role in held] if isinstance(held, list) else []

    def _put_roles(self, account_id: str, roles: list[str]) -> None:
        account = self._account(account_id)
        self._put(replace(account, attributes={**account.attributes, self.traits.roles: list(dict.fromkeys(roles))}))

    def _membership(self, entitlement_id: str, account_id: str) -> tuple[str, str]:
        entitlement = self._group(entitlement_id)
        if entitlement.read_only:
            raise Rejected(f"the members of {entitlement.name} cannot be changed", detail=entitlement.read_only)
        return self._account(account_id).id, entitlement_id
