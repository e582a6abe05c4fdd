"""Reads a group with its members, from where the application shows them."""

from __future__ import annotations

from connectors.contract import Scope, ScopeKind
from connectors.errors import BadResponse
from connectors.scim import decode as wire
from connectors.scim.attributes import top_entry
from connectors.scim.client import GROUPS, USERS, Session
from connectors.scim.dialect import Members
from connectors.scim.filters import literal
from connectors.scim.lists import Walk


async def group_with_members(session: Session, group_id: str) -> wire.Resource:
    """The group as it is now. Raises NotFound only where a SCIM service says that there is none."""
    return await with_found_members(session, await session.fetch(GROUPS, group_id))


async def with_found_members(session: Session, group: wire.Resource) -> wire.Resource:
    """The group with the users who state it, where the dialect says that groups are shown without members. Raises BadResponse.

    A filter without a result leaves the group empty: an addition that cannot be seen afterwards is refused where it is made.
    """
    if session.dialect.members is not Members.USERS:
        return group
    group_id = wire.resource_id(group)
    walk = Walk(session, USERS, Scope(ScopeKind.MEMBERS, group_id), {"filter": f"groups.value eq {literal(group_id)}"})
    found: list[str] = []
    async for page in walk.pages():
        found += wire.listing(page.body).ids()
    if walk.problem:
        raise BadResponse(f"the members of the group {group_id} cannot be read: {walk.problem}")
    return {**group, top_entry(group, "members"): [{"value": each} for each in dict.fromkeys(found)]}
