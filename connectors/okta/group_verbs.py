"""The verbs of the groups of one org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import Entitlement
from connectors.okta import group_writes
from connectors.okta.client import Org


class OktaGroups:
    """Groups as `verbs.GroupVerbs` and `group_changes.GroupEditor`."""

    _org: Org

    async def find_groups(self, name: str) -> Sequence[Entitlement]:
        return await group_writes.find(self._org, name)

    async def create_group(self, name: str, description: str) -> Entitlement:
        return await group_writes.create(self._org, name, description)

    async def read_group(self, group_id: str) -> Entitlement | None:
        return await group_writes.read(self._org, group_id)

    async def is_empty(self, group_id: str) -> bool:
        return await group_writes.is_empty(self._org, group_id)

    async def update_group(self, group_id: str, changes: Mapping[str, str], seen: Entitlement) -> Entitlement:
        return await group_writes.update(self._org, group_id, changes, seen)

    async def delete_group(self, group_id: str) -> None:
        await group_writes.delete(self._org, group_id)
