"""Reads everything an org holds: users, groups with their members, apps with their assignments, at the same time.

Users are one walk over one list. Dividing it among several walks gains little: three quarters of what one token may ask (300 pages a
minute) are used up by one walk whose pages take 0.27 seconds; the live list can be divided by status alone, and most users have the same;
`search` could divide it further, but from an index that may lag, and then a missing row would prove nothing. A list walked in the order of
ids also shows every user once, whatever changes meanwhile. Groups and apps are counted against limits of their own, and members need the
most requests by far: reading them beside the users is what saves time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.contract import RawPage, ReadRequest, ResumePoint, Scope, ScopeEnd, ScopeKind
from connectors.errors import ConnectorError, Unauthorised
from connectors.http.links import segment
from connectors.okta import apps, groups
from connectors.okta.client import Bucket, Org
from connectors.okta.lists import Listing, Walk, as_it_came, together, walk
from connectors.okta.people import people
from connectors.okta.settings import OktaSettings
from connectors.okta.times import delta_start, okta_time

GROUPS = Scope(ScopeKind.ENTITLEMENTS)
APPS = Scope(ScopeKind.ENTITLEMENTS, apps.APPS)

COUNTS_ARE_FRESH = timedelta(days=1)
"""Time after a group's last change from which its number of members is believed: Okta counts now and then."""


async def read(org: Org, settings: OktaSettings, request: ReadRequest) -> Walk:
    """Reads what is asked for, in the part that the settings choose. An org that does not answer the first request raises Unreachable."""
    async with aclosing(people(org, settings.only, request)) as users:
        yield await anext(users)
        walks = [users, _Groups(org, request).walk()]
        if settings.apps:
            walks.append(_Apps(org, request, frozenset(settings.only.apps)).walk())
        async with aclosing(together(walks, len(walks))) as items:
            async for item in items:
                yield item


async def _listed(org: Org, listing: Listing, held: ResumePoint | None, learn: Callable[[RawPage], None], doubt: Callable[[], str]) -> Walk:
    """A list whose rows say what is to be read next. Where its first pages were read by an earlier try, they are read again, for that alone."""
    problem = ""
    if held is not None:
        async with aclosing(walk(org, replace(listing, shape=as_it_came))) as again:
            async for item in again:
                if isinstance(item, RawPage):
                    learn(item)
                else:
                    problem = item.problem
    async with aclosing(walk(org, listing, held)) as items:
        async for item in items:
            if isinstance(item, RawPage):
                learn(item)
                yield item
            else:
                yield replace(item, problem=problem or item.problem or doubt())


class _Groups:
    """Groups, each marked with the rules that fill it, then their members."""

    def __init__(self, org: Org, request: ReadRequest) -> None:
        self._org, self._request = org, request
        self._groups: dict[str, groups.GroupRow] = {}
        self._rules: dict[str, list[str]] = {}
        self._doubt = ""

    async def walk(self) -> Walk:
        """The list is always whole: deletions, rules and the rights a group gives leave no trace in a group's times."""
        await self._learn_rules()
        params = {"expand": "stats"}
        listing = Listing(scope=GROUPS, path="/api/v1/groups", bucket=Bucket.GROUPS, params=params, shape=self._marked)
        listed = _listed(self._org, listing, self._request.held.get(GROUPS), self._learn, lambda: self._doubt)
        async with aclosing(listed) as items:
            async for item in items:
                yield item
        due = (self._members(group) for group in self._groups.values() if self._is_due(group))
        async with aclosing(together(due, self._org.in_flight)) as items:
            async for item in items:
                yield item

    async def _learn_rules(self) -> None:
        try:
            self._rules = dict(await groups.assigning_rules(self._org))
        except Unauthorised:
            raise
        except ConnectorError as error:
            self._doubt = f"which groups are filled by rules is not known, so no membership may be changed: {error}"

    async def _marked(self, body: bytes) -> bytes:
        return groups.marked(body, self._rules)

    def _learn(self, page: RawPage) -> None:
        self._groups.update((group.id, group) for group in groups.rows(page))

    def _is_due(self, group: groups.GroupRow) -> bool:
        """Whether the members of a group are to be read. Those of Everyone never are: its list is the list of users a second time."""
        if group.is_everyone:
            return False
        moved, since = group.lastMembershipUpdated, self._request.since
        return not since or moved is None or moved > delta_start(since)

    async def _members(self, group: groups.GroupRow) -> Walk:
        scope = _members(group)
        held = self._request.held.get(scope)
        listing = Listing(scope=scope, path=f"/api/v1/groups/{segment(group.id)}/users", bucket=Bucket.GROUPS)
        anybody = held is not None
        async with aclosing(walk(self._org, listing, held)) as items:
            async for item in items:
                if isinstance(item, RawPage):
                    anybody = anybody or item.body.strip() != b"[]"
                    yield item
                else:
                    yield item if anybody or item.problem else replace(item, problem=_contradiction(group, item))


def _members(group: groups.GroupRow) -> Scope:
    return Scope(ScopeKind.MEMBERS, group.id)


def _contradiction(group: groups.GroupRow, end: ScopeEnd) -> str:
    """Returns why an empty list of members is not believed. A count lags, so it proves nothing of a group that changed lately."""
    moved = group.lastMembershipUpdated or ""
    settled = okta_time(datetime.fromisoformat(end.watermark) - COUNTS_ARE_FRESH)
    if not group.counted or not moved or moved > settled:
        return ""
    return (
        f"the list of members is empty, and Okta counts {group.counted} and knows of no change since {moved}: "
        "does the role of the token's admin cover these members?"
    )


class _Apps:
    """Apps, each with the groups it is assigned to, then who is assigned. Always whole: an assignment moves no time that a list knows."""

    def __init__(self, org: Org, request: ReadRequest, only: frozenset[str]) -> None:
        self._org, self._request, self._only = org, request, only
        self._apps: dict[str, apps.AppRow] = {}

    async def walk(self) -> Walk:
        listing = Listing(scope=APPS, path="/api/v1/apps", bucket=Bucket.APPS, shape=self._shaped)
        async with aclosing(_listed(self._org, listing, self._request.held.get(APPS), self._learn, self._missing)) as items:
            async for item in items:
                yield item
        async with aclosing(together(map(self._assignments, self._apps), self._org.in_flight)) as items:
            async for item in items:
                yield item

    async def _shaped(self, body: bytes) -> bytes:
        return await apps.with_groups(self._org, apps.part(body, self._only) if self._only else body)

    def _learn(self, page: RawPage) -> None:
        self._apps.update((app.id, app) for app in apps.rows(page) if not self._only or self._only & {app.id, app.label})

    def _missing(self) -> str:
        missing = self._only - {name for app in self._apps.values() for name in (app.id, app.label)}
        return f"only.apps names {', '.join(sorted(missing))}, which no app of the org is called" if missing else ""

    def _assignments(self, app: str) -> Walk:
        scope = Scope(ScopeKind.ASSIGNMENTS, apps.APP + app)
        listing = Listing(scope=scope, path=f"/api/v1/apps/{segment(app)}/users", bucket=Bucket.APPS)
        return walk(self._org, listing, self._request.held.get(scope))
