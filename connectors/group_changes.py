"""Changes of groups themselves: of their name and description, and their deletion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from connectors.contract import Entitlement

NAME, DESCRIPTION = "name", "description"
"""Attributes of a group that `update_group` takes."""


@runtime_checkable
class GroupEditor(Protocol):
    """A target that changes groups (`Capability.group_attributes`) and deletes them (`Capability.delete_groups`).

    Every verb raises what the verbs of `Target` raise, and is read back.
    """

    async def read_group(self, group_id: str) -> Entitlement | None:
        """The group as it is now; None only where the system itself says that it does not exist."""

    async def is_empty(self, group_id: str) -> bool:
        """Whether the group has no member of any kind. Raises Rejected where the system does not show all members, NotFound for no group."""

    async def update_group(self, group_id: str, changes: Mapping[str, str], seen: Entitlement) -> Entitlement:
        """Sets the name or the description; members stay. Raises PreconditionFailed where one of them is no longer as `seen`,
        Conflict or Rejected where another group has the name and the system allows no second one.
        """

    async def delete_group(self, group_id: str) -> None:
        """Deletes a group without members. Raises PreconditionFailed where it has one; a group that is gone stays gone."""


def group_values(group: Entitlement) -> dict[str, str]:
    """The name and the description of a group; an absent description is empty."""
    attributes = json.loads(group.attributes)
    description = attributes.get(DESCRIPTION) if isinstance(attributes, dict) else None
    return {NAME: group.name, DESCRIPTION: description if isinstance(description, str) else ""}


def moved_attributes(now: Entitlement, changes: Mapping[str, str], seen: Entitlement) -> list[str]:
    """Lists the attributes to change that are neither as they were seen nor as they should be."""
    held, expected = group_values(now), group_values(seen)
    return [name for name in sorted(changes) if held[name] not in (expected[name], changes[name])]
