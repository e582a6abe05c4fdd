"""Groups of a target in dictionaries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from connectors.contract import Entitlement, EntitlementKind
from connectors.errors import Conflict, PreconditionFailed, Rejected
from connectors.group_changes import DESCRIPTION, NAME, group_values, moved_attributes
from connectors.memory.state import MemoryState, free_id
from connectors.quoting import quoted


class MemoryGroups(MemoryState):
    """Groups as `verbs.GroupVerbs` and `group_changes.GroupEditor`."""

    async def find_groups(self, name: str) -> Sequence[Entitlement]:
        return [each for each in self.entitlements.values() if each.kind is EntitlementKind.GROUP and each.name == name]

    async def create_group(self, name: str, description: str) -> Entitlement:
        if await self.find_groups(name):
            raise Conflict(f"{self.name} has a group {quoted(name)} already")
        attributes = json.dumps({"description": description} if description else {}, ensure_ascii=False)
        group = Entitlement(free_id("n", self.entitlements), EntitlementKind.GROUP, name, attributes)
        self.entitlements[group.id] = group
        return group

    async def read_group(self, group_id: str) -> Entitlement | None:
        return self.entitlements.get(group_id)

    async def is_empty(self, group_id: str) -> bool:
        self._group(group_id)
        return not any(each[1] == group_id for each in (*self.members, *self.inherited))

    async def update_group(self, group_id: str, changes: Mapping[str, str], seen: Entitlement) -> Entitlement:
        group = self._group(group_id)
        if moved := moved_attributes(group, changes, seen):
            raise PreconditionFailed(f"{', '.join(moved)} of the group {group_id} changed since it was read")
        if unknown := sorted(changes.keys() - self.traits.can.group_attributes):
            raise Rejected(f"{self.name} does not change {', '.join(unknown)} of groups")
        wanted = {**group_values(group), **changes}
        if any(each.id != group_id for each in await self.find_groups(wanted[NAME])):
            raise Conflict(f"{self.name} has a group {quoted(wanted[NAME])} already")
        kept = {**json.loads(group.attributes), DESCRIPTION: wanted[DESCRIPTION]}
        self.entitlements[group_id] = group._replace(name=wanted[NAME], attributes=json.dumps(kept, ensure_ascii=False))
        return self.entitlements[group_id]

    async def delete_group(self, group_id: str) -> None:
        self._refuse_without("delete_groups")
        if group_id in self.entitlements and not await self.is_empty(group_id):
            raise PreconditionFailed(f"the group {group_id} has members; only an empty group is deleted")
        self.entitlements.pop(group_id, None)
