"""Groups by name, and new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.contract import Entitlement, Scope, ScopeKind
from connectors.errors import BadResponse, Uncertain
from connectors.scim import wire
from connectors.scim.names import GROUP
from connectors.scim.session import GROUPS, Session
from connectors.scim.walk import Walk

_SCOPE = Scope(ScopeKind.ENTITLEMENTS)


@dataclass(slots=True)
class Groups:
    """The groups of one application."""

    session: Session

    async def find(self, name: str) -> Sequence[Entitlement]:
        """Every group of this name. The whole list is read: servers answer "none" for a filter that they do not know."""
        params = {"excludedAttributes": "members"} if self.session.dialect.projections else {}
        walk = Walk(self.session, GROUPS, _SCOPE, params)
        found: dict[str, Entitlement] = {}
        async for page in walk.pages():
            found |= {group.id: group for group in wire.groups(page).entitlements if group.name == name}
        if walk.problem:
            raise BadResponse(f"whether {self.session.name} has a group {name!r} cannot be told: {walk.problem}")
        return list(found.values())

    async def create(self, name: str) -> Entitlement:
        """A new group without members, read back."""
        answer = await self.session.write("POST", GROUPS, {"schemas": [GROUP], "displayName": name})
        made = wire.resource(answer.body)
        if made is None:
            raise Uncertain(f"{self.session.name} answered the creation of a group without saying what it created")
        fresh = await self.session.fetch(GROUPS, wire.resource_id(made))
        return wire.entitlement(fresh)
