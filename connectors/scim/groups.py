"""Finds groups by name, creates, renames and deletes them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from connectors.contract import Entitlement, RawPage, Scope, ScopeKind
from connectors.errors import BadResponse, FalseAnswer, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.group_changes import NAME, moved_attributes
from connectors.quoting import quoted
from connectors.scim import decode as wire
from connectors.scim import patch
from connectors.scim.client import GROUPS, Session, resource_path
from connectors.scim.dialect import GroupUpdate
from connectors.scim.found_members import group_with_members
from connectors.scim.lists import Walk
from connectors.scim.names import GROUP
from connectors.scim.shared_list import SharedList
from connectors.scim.whole_group import cut_short, renamed

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
            raise BadResponse(f"whether {self.session.name} has a group {quoted(name)} cannot be told: {error}") from None
        groups = [await self.read(each) for each in ids]
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

    async def read(self, group_id: str) -> Entitlement | None:
        """The group as it is now; None only where a SCIM service says that it does not exist."""
        try:
            return wire.entitlement(await self.session.fetch(GROUPS, group_id))
        except NotFound:
            return None

    async def is_empty(self, group_id: str) -> bool:
        """Whether the group shows no member, groups inside included. An application that shows no group with members shows every group so."""
        group = await group_with_members(self.session, group_id)
        if cut := cut_short(group, self.session.dialect.most_members_shown):
            raise Rejected(f"whether the group {group_id} of {self.session.name} is empty cannot be told: {cut}")
        return not wire.member_entries(group)

    async def update(self, group_id: str, changes: Mapping[str, str], seen: Entitlement) -> Entitlement:
        """Sets the name, in the form of the dialect. A SCIM group has nothing else of its own (RFC 7643 section 4.2)."""
        if changes.keys() - {NAME}:
            raise Rejected(f"groups of {self.session.name} have no {' and no '.join(sorted(changes.keys() - {NAME}))}")
        before = await self.session.fetch(GROUPS, group_id)
        now, name = wire.entitlement(before), changes.get(NAME, "")
        if moved := moved_attributes(now, changes, seen):
            raise PreconditionFailed(f"{', '.join(moved)} of the group {group_id} changed since it was read")
        if not changes or now.name == name:
            return now
        members = wire.account_members(before)
        try:
            await self._rename(before, name)
        except Uncertain:
            after = await self.session.fetch(GROUPS, group_id)
            if wire.entitlement(after).name != name:
                raise
        else:
            after = await self.session.fetch(GROUPS, group_id)
        self._list.add([(name, group_id)])
        if lost := members - wire.account_members(after):
            some = ", ".join(sorted(lost)[:10])
            raise Rejected(f"MEMBERS LOST: renaming the group {group_id} was followed by the loss of {len(lost)} members ({some})")
        if wire.entitlement(after).name != name:
            raise Rejected(f"the application answered that all is well, and the group {group_id} is still named {quoted(now.name)}")
        return wire.entitlement(after)

    async def delete(self, group_id: str) -> None:
        """Deletes an empty group; one that is gone stays gone."""
        try:
            before = await self.session.fetch(GROUPS, group_id)
            empty = await self.is_empty(group_id)
        except NotFound:
            return
        if not empty:
            raise PreconditionFailed(f"the group {quoted(wire.entitlement(before).name)} has members; only an empty group is deleted")
        version = await self.session.versions.for_write(before)
        try:
            await self.session.write("DELETE", resource_path(GROUPS, group_id), version=version)
        except (Uncertain, NotFound):
            if await self.session.exists(GROUPS, group_id):
                raise
        if await self.session.exists(GROUPS, group_id):
            raise FalseAnswer(f"the application answered that the group {group_id} is deleted, and it is still there")

    async def _rename(self, before: wire.Resource, name: str) -> None:
        path = resource_path(GROUPS, wire.resource_id(before))
        match self.session.dialect.group_update:
            case GroupUpdate.PATCH:
                await self.session.write("PATCH", path, patch.message([{"op": "replace", "path": "displayName", "value": name}]))
            case GroupUpdate.PUT:
                if cut := cut_short(before, self.session.dialect.most_members_shown):
                    raise Rejected(f"the group {wire.resource_id(before)} is not renamed by PUT, which would remove members: {cut}")
                version = await self.session.versions.for_write(before)
                await self.session.write("PUT", path, renamed(before, name), version=version)
            case _ as never:
                assert_never(never)


def _names(page: RawPage) -> Iterator[tuple[Hashable, str]]:
    return ((group.name, group.id) for group in wire.groups(page).entitlements)
