"""Reads a whole application: users, then groups, then the members of each group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from connectors.contract import RawPage, ResumePoint, Scope, ScopeEnd, ScopeKind
from connectors.errors import BadResponse, ConnectorError, Unauthorised, Unreachable
from connectors.scim import decode as wire
from connectors.scim.attributes import contradiction, folded
from connectors.scim.client import GROUPS, USERS, Session, resource_path
from connectors.scim.dialect import Members
from connectors.scim.found_members import with_found_members
from connectors.scim.nested import as_page, with_nested
from connectors.scim.position import BEGINNING
from connectors.scim.proof import ProvenList
from connectors.scim.whole_group import cut_short

Stream: TypeAlias = AsyncIterator[RawPage | ScopeEnd]

NO_USERS = (
    "the application says that it has no users. If it really is new, set empty_ok = true for it; "
    "otherwise the token may not be allowed to see them"
)


NO_GROUPS = "If the application has no groups, set dialect_overrides = { groups = false } for it in reconcile.toml"


@dataclass(slots=True)
class Reads:
    """One reading of an application, or the rest of an interrupted one."""

    session: Session
    held: Mapping[Scope, ResumePoint]

    async def everything(self) -> Stream:
        """Users, groups, members, each scope with its end."""
        scope = Scope(ScopeKind.ACCOUNTS)
        nobody = "" if self.session.settings.empty_ok else NO_USERS
        users = ProvenList(self.session, USERS, scope, held=self.held.get(scope), empty=nobody)
        async for page in users.pages():
            yield page
        yield users.end()
        if self.session.dialect.groups:
            async for part in self._groups():
                yield part

    async def _groups(self) -> Stream:
        """The groups, then their members. What the list states of members is kept until the list has ended.

        An interrupted list of groups is begun again: without its ids the groups whose members to read are unknown.
        """
        each = self.session.dialect.members is not Members.LIST
        params = {"excludedAttributes": "members"} if each and self.session.dialect.projections else {}
        groups = ProvenList(self.session, GROUPS, Scope(ScopeKind.ENTITLEMENTS), params)
        stated: dict[str, bytes | None] = {}
        try:
            async for page in groups.pages():
                if page.number == 1:
                    stated.clear()
                stated.update(dict.fromkeys(wire.listing(page.body).ids()) if each else self._with_members(page.body))
                yield page
        except Unreachable as error:
            groups.walk.note(str(error), again=False)
        end = groups.end()
        yield end if groups.walk.number or not end.problem else replace(end, problem=f"{end.problem}. {NO_GROUPS}")
        async for part in self._members(stated):
            yield part

    async def _members(self, stated: Mapping[str, bytes | None]) -> Stream:
        """The members of every group, a few groups at a time. The failure of one group is that group's."""
        waiting = list(stated)
        step = self.session.settings.in_flight
        for start in range(0, len(waiting), step):
            some = waiting[start : start + step]
            for page, end in await asyncio.gather(*(self._group(group, stated[group]) for group in some)):
                if page is not None:
                    yield page
                yield end

    async def _group(self, group_id: str, body: bytes | None) -> tuple[RawPage | None, ScopeEnd]:
        scope = Scope(ScopeKind.MEMBERS, group_id)
        if scope in self.held and self.held[scope].cursor is None:
            return None, ScopeEnd(scope)
        watermark = ""
        try:
            if body is None:
                answer = await self.session.get(resource_path(GROUPS, group_id))
                body, watermark = answer.body, answer.headers.date().isoformat()
        except Unauthorised:
            raise
        except ConnectorError as error:
            return None, ScopeEnd(scope, problem=str(error))
        group = wire.resource(body)
        if group is None or wire.resource_id(group) != group_id:
            return None, ScopeEnd(scope, problem="the application answered with something else than this group")
        twice = contradiction(group, 1)
        problem = f"the application states {twice[:100]} of this group twice, and differently" if twice else self._cut(group)
        try:
            body = await self._whole(group) or body
        except Unauthorised:
            raise
        except ConnectorError as error:
            problem = problem or str(error)
        return RawPage(scope, 1, body, str(BEGINNING) if problem else None), ScopeEnd(scope, problem=problem, watermark=watermark)

    async def _whole(self, group: wire.Resource) -> bytes | None:
        """Returns the text of the group with what it does not show itself; None where it shows all there is."""
        found = await with_found_members(self.session, group)
        if wire.groups_inside(found) or wire.NESTED in found:
            # Only what was read here may stand under this name.
            found = await with_nested(self.session, found, self._cut)
        return None if found is group else as_page(found)

    def _with_members(self, body: bytes) -> dict[str, bytes | None]:
        """Every group of a list with its own text where it states all its members; None where it is to be read by itself.

        Members that are left out are not the same as none.
        """
        groups = [group for group in wire.listing(body).resources if isinstance(group, dict) and wire.resource_id(group)]
        stated = [folded(group, "members") is not None and not self._cut(group) for group in groups]
        return {wire.resource_id(group): _kept(group) if whole else None for group, whole in zip(groups, stated, strict=True)}

    def _cut(self, group: wire.Resource) -> str:
        return cut_short(group, self.session.dialect.most_members_shown)


def _kept(group: wire.Resource) -> bytes | None:
    """The group's own text; None where it can only be read by itself."""
    try:
        return as_page(group)
    except BadResponse:
        return None
