"""The verbs of the memberships of one org: those of groups, and assignments of apps."""

from __future__ import annotations

from connectors.okta import app_writes
from connectors.okta import write as writes
from connectors.okta.apps import APP
from connectors.okta.client import Org


class OktaMemberships:
    """Memberships as `verbs.MembershipVerbs`."""

    _org: Org

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
        if entitlement_id.startswith(APP):
            return await app_writes.is_assigned(self._org, entitlement_id.removeprefix(APP), account_id, directly=directly)
        # Nobody is in a group through another, and the members of those that rules fill are read-only.
        return await writes.has_member(self._org, entitlement_id, account_id)

    async def add_member(self, entitlement_id: str, account_id: str) -> None:
        if entitlement_id.startswith(APP):
            await app_writes.assign(self._org, entitlement_id.removeprefix(APP), account_id)
        else:
            await writes.add_member(self._org, entitlement_id, account_id)

    async def remove_member(self, entitlement_id: str, account_id: str) -> None:
        if entitlement_id.startswith(APP):
            await app_writes.unassign(self._org, entitlement_id.removeprefix(APP), account_id)
        else:
            await writes.remove_member(self._org, entitlement_id, account_id)
