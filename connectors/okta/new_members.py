"""Creates users who are in groups from the start, and reads the groups of one user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import Opening, Record, Value
from connectors.okta import write
from connectors.okta.client import Org

MOST = 20
"""Group ids that one creation takes. Okta states it for creations alone."""


class OktaNewMembers:
    """Creations with groups as `new_members.CreatesMembers`."""

    _org: Org
    most_new_memberships = MOST

    async def create_member(self, attributes: Mapping[str, Value], group_ids: Sequence[str], opening: Opening) -> Record:
        return await write.create(self._org, attributes, group_ids, opening)

    async def groups_of(self, account_id: str) -> frozenset[str]:
        return frozenset([group async for group in write.groups_of(self._org, account_id)])
