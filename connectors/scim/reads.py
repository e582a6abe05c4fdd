"""How an application is read whole: users, then groups, then the members of each group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from connectors.contract import RawPage, Scope, ScopeEnd, ScopeKind
from connectors.errors import ConnectorError, Unauthorised, Unreachable
from connectors.scim import wire
from connectors.scim.attributes import folded
from connectors.scim.dialect import Members
from connectors.scim.session import GROUPS, USERS, Session, resource_path
from connectors.scim.walk import Walk

Stream: TypeAlias = AsyncIterator[RawPage | ScopeEnd]

NO_USERS = (
    "the application says that it has no users. If it really is new, set empty_ok = true for it; "
    "otherwise the token may not be allowed to see them"
)


@dataclass(slots=True)
class Reads:
    """One reading of an application."""

    session: Session

    async def everything(self) -> Stream:
        """Users, groups, members, each scope with its end."""
        users = Walk(self.session, USERS, Scope(ScopeKind.ACCOUNTS))
        async for page in users.pages():
            yield page
        if not users.problem and not users.ids and not self.session.settings.empty_ok:
            users.problem = NO_USERS
        yield _end(users)
        if self.session.dialect.groups:
            async for part in self._groups():
                yield part

    async def _groups(self) -> Stream:
        """The groups, then their members. What the list states of members is kept until the list has ended."""
        each = self.session.dialect.members is Members.EACH
        walk = Walk(self.session, GROUPS, Scope(ScopeKind.ENTITLEMENTS), {"excludedAttributes": "members"} if each else {})
        stated: dict[str, bytes | None] = {}
        try:
            async for page in walk.pages():
                stated.update(dict.fromkeys(wire.listing(page.body).ids()) if each else _with_members(page.body))
                yield page
        except Unreachable as error:
            walk.problem = str(error)
        yield _end(walk)
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
        total = len(wire.members(RawPage(scope, 1, body)).memberships)
        return RawPage(scope, 1, body, declared_total=total), ScopeEnd(scope, declared_total=total, watermark=watermark)


def _end(walk: Walk) -> ScopeEnd:
    return ScopeEnd(walk.scope, problem=walk.problem, declared_total=walk.total, watermark=walk.watermark)


def _with_members(body: bytes) -> dict[str, bytes | None]:
    """Every group of a list with its own text where it states members; None where it leaves them out, which is not the same as none."""
    return dict(_group_texts(body))


def _group_texts(body: bytes) -> Iterator[tuple[str, bytes | None]]:
    for group in wire.listing(body).resources:
        group_id = wire.resource_id(group)
        if group_id and isinstance(group, dict):
            stated = folded(group, "members") is not None
            yield group_id, msgspec.json.encode(group) if stated else None
