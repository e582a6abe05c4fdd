"""Groups by name, and new ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from connectors.contract import Entitlement, RawPage, Scope, ScopeKind
from connectors.errors import BadResponse, NotFound, Uncertain
from connectors.scim import decode as wire
from connectors.scim.client import GROUPS, Session
from connectors.scim.lists import Walk
from connectors.scim.names import GROUP
from connectors.scim.shared_list import SharedList

_SCOPE = Scope(ScopeKind.ENTITLEMENTS)


@dataclass(slots=True)
class Groups:
    """The groups of one application."""

    session: Session
    _list: SharedList = field(init=False)

    def __post_init__(self) -> None:
        params = {"excludedAttributes": "members"} if self.session.dialect.projections else {}
        self._list = SharedList(lambda: Walk(self.session, GROUPS, _SCOPE, params), _names)

    async def find(self, name: str) -> Sequence[Entitlement]:
        """Every group of this name, by the whole list: servers answer "none" for a filter that they do not know."""
        try:
            ids = await self._list.ids(name)
        except BadResponse as error:
            raise BadResponse(f"whether {self.session.name} has a group {name!r} cannot be told: {error}") from None
        groups = [await self._now(each) for each in ids]
        return [group for group in groups if group is not None and group.name == name]

    async def create(self, name: str) -> Entitlement:
        """A new group without members, read back."""
        async with self._list.creation():
            answer = await self.session.write("POST", GROUPS, {"schemas": [GROUP], "displayName": name})
            made = wire.resource(answer.body)
            if made is None:
                raise Uncertain(f"{self.session.name} answered the creation of a group without saying what it created")
            self._list.add([(name, wire.resource_id(made))])
        return wire.entitlement(await self.session.fetch(GROUPS, wire.resource_id(made)))

    async def _now(self, group_id: str) -> Entitlement | None:
        try:
            return wire.entitlement(await self.session.fetch(GROUPS, group_id))
        except NotFound:
            return None


def _names(page: RawPage) -> Iterator[tuple[Hashable, str]]:
    return ((group.name, group.id) for group in wire.groups(page).entitlements)
