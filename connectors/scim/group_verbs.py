"""The verbs of the groups of one application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import Entitlement, Traits
from connectors.errors import Rejected
from connectors.scim.groups import Groups


class ScimGroups:
    """Groups as `verbs.GroupVerbs` and `group_changes.GroupEditor`."""

    name: str
    traits: Traits
    _groups: Groups

    async def find_groups(self, name: str) -> Sequence[Entitlement]:
        return await self._groups.find(name)

    async def create_group(self, name: str, description: str) -> Entitlement:  # noqa: ARG002 - a SCIM group has none (RFC 7643 section 4.2)
        return await self._groups.create(name)

    async def read_group(self, group_id: str) -> Entitlement | None:
        return await self._groups.read(group_id)

    async def is_empty(self, group_id: str) -> bool:
        return await self._groups.is_empty(group_id)

    async def update_group(self, group_id: str, changes: Mapping[str, str], seen: Entitlement) -> Entitlement:
        if not self.traits.can.group_attributes:
            raise Rejected(f"groups of {self.name} are not renamed (group_rename)")
        return await self._groups.update(group_id, changes, seen)

    async def delete_group(self, group_id: str) -> None:
        if not self.traits.can.delete_groups:
            raise Rejected(f"groups of {self.name} are not deleted (group_delete)")
        await self._groups.delete(group_id)
