"""The verbs of the memberships of one application: those of groups, and roles, which an attribute of the account lists."""

from __future__ import annotations

from connectors.contract import ROLE
from connectors.scim.memberships import Memberships
from connectors.scim.roles import Roles


class ScimMemberships:
    """Memberships as `verbs.MembershipVerbs`."""

    _memberships: Memberships
    _roles: Roles

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
        if entitlement_id.startswith(ROLE):
            return await self._roles.has(entitlement_id, account_id)
        return await self._memberships.has(entitlement_id, account_id, directly=directly)

    async def add_member(self, entitlement_id: str, account_id: str) -> None:
        holders = self._roles if entitlement_id.startswith(ROLE) else self._memberships
        await holders.add(entitlement_id, account_id)

    async def remove_member(self, entitlement_id: str, account_id: str) -> None:
        holders = self._roles if entitlement_id.startswith(ROLE) else self._memberships
        await holders.remove(entitlement_id, account_id)
