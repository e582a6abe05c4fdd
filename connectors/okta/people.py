"""Reads the users of an org: all of them, those that changed, or those in the part that the settings name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

import msgspec

from connectors.contract import RawPage, ReadRequest, ResumePoint, Scope, ScopeEnd, ScopeKind
from connectors.errors import BadResponse, ConnectorError, Rejected, Unauthorised, Unreachable
from connectors.http.links import segment
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import Status, record_texts
from connectors.okta.lists import Listing, Walk, walk
from connectors.okta.only import Only
from connectors.okta.search import literal
from connectors.okta.times import changed_since
from connectors.quoting import quoted

ACCOUNTS = Scope(ScopeKind.ACCOUNTS)

NOBODY = (
    "the list of users is empty, and an org has at least the owner of its token: "
    "the admin who made the token lacks the role, or the resource set, to see users"
)


class _Named(msgspec.Struct):
    """A user type or a group, by whichever names it has."""

    class _Profile(msgspec.Struct):
        name: str = ""

    id: str
    name: str = ""
    profile: _Profile | None = None

    def is_called(self, name: str) -> bool:
        return name in (self.id, self.name, self.profile.name if self.profile else self.id)


class _Placed(msgspec.Struct):
    """Values of a user that decide whether it is inside."""

    class _Type(msgspec.Struct):
        id: str

    id: str
    status: str
    type: _Type


async def people(org: Org, only: Only, request: ReadRequest) -> Walk:
    """Reads the scope of accounts. An empty list is believed only where the org shows any user at all."""
    anybody = False
    try:
        await org.types.names()
    except (Unauthorised, Unreachable):
        raise
    except ConnectorError as error:
        yield ScopeEnd(ACCOUNTS, str(error))
        return
    async with aclosing(_walk(org, only, request)) as items:
        async for item in items:
            if isinstance(item, RawPage):
                anybody = anybody or item.body.strip() != b"[]"
                yield replace(item, body=await org.types.page(item.body)) if org.types.used else item
                continue
            elif not anybody and not item.problem and ACCOUNTS not in request.held:
                yield replace(item, problem=await _nobody(org))
                continue
            yield item


def _walk(org: Org, only: Only, request: ReadRequest) -> Walk:
    held = request.held.get(ACCOUNTS)
    if only.groups or only.user_types:
        return _inside(org, only, held)
    clause = _any_of(only.statuses or tuple(Status))
    if request.since and not only.some_users:
        clause = f"{changed_since('lastUpdated', request.since)} and ({clause})"
        return walk(org, _everybody(clause, delta=True), held)
    return walk(org, _everybody(clause), held)


def _everybody(clause: str, *, delta: bool = False) -> Listing:
    """Returns the list of users. Without the statuses it leaves out all who are deactivated."""
    params = {"filter": clause}
    return Listing(scope=ACCOUNTS, path="/api/v1/users", bucket=Bucket.USERS, params=params, delta=delta, must_answer=True)


def _any_of(statuses: Iterable[Status]) -> str:
    return " or ".join(f'status eq "{status.value}"' for status in statuses)


async def _nobody(org: Org) -> str:
    """The reason why an empty list is incomplete; empty where it is complete."""
    try:
        shown = record_texts((await org.get("/api/v1/users", Bucket.USERS, {"limit": 1})).body)
    except Unauthorised:
        raise
    except ConnectorError as error:
        return f"the list of users is empty, and whether the org shows any user is unknown: {error}"
    return "" if shown else NOBODY


async def _inside(org: Org, only: Only, held: ResumePoint | None) -> Walk:
    """Users inside by type or by group, whose names are looked up first."""
    try:
        types = await _types(org, only)
        groups = await _groups(org, only)
    except Unauthorised:
        raise
    except ConnectorError as error:
        yield ScopeEnd(ACCOUNTS, str(error))
        return
    inside = _Inside(frozenset(only.statuses), types, once=bool(groups))
    if groups:
        walked = _members_of(org, groups, inside, held)
    else:
        walked = walk(org, replace(_everybody(_any_of(only.statuses or tuple(Status))), shape=inside.part), held)
    async with aclosing(walked) as items:
        async for item in items:
            yield item


class _Inside:
    """Tells users inside from those outside, and knows whom it has let through."""

    def __init__(self, statuses: frozenset[Status], types: frozenset[str], *, once: bool) -> None:
        self._statuses, self._types, self._once = statuses, types, once
        self._seen: set[str] = set()

    async def part(self, body: bytes) -> bytes:
        """The page without the users outside. Raises BadResponse for a row that does not say whether it is inside."""
        return b"[" + b",".join(bytes(text) for text in record_texts(body) if self._lets_through(text)) + b"]"

    def _lets_through(self, text: bytes | msgspec.Raw) -> bool:
        try:
            row = msgspec.json.decode(text, type=_Placed)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise BadResponse("a user of the list does not say whether it is inside what `only` names", detail=str(error)) from error
        outside = (self._statuses and row.status not in self._statuses) or (self._types and row.type.id not in self._types)
        again = self._once and row.id in self._seen
        if self._once:
            self._seen.add(row.id)
        return not (outside or again)


async def _members_of(org: Org, groups: Sequence[str], inside: _Inside, held: ResumePoint | None) -> Walk:
    """Reads the members of some groups, one group after another, each once."""
    if held is not None:
        # Who was let through before is not known any more: the rest could repeat them.
        problem = "the members of several groups cannot be gone on with in the middle: read again from the beginning" if held.cursor else ""
        yield ScopeEnd(ACCOUNTS, problem)
        return
    paths = [f"/api/v1/groups/{segment(group)}/users" for group in groups]
    number, watermark = 0, ""
    for path, following in zip(paths, [*paths[1:], None], strict=True):
        listing = Listing(scope=ACCOUNTS, path=path, bucket=Bucket.GROUPS, shape=inside.part, must_answer=not number)
        async with aclosing(walk(org, listing)) as items:
            async for item in items:
                if isinstance(item, RawPage):
                    number += 1
                    yield replace(item, number=number, cursor=item.cursor or following)
                elif item.problem:
                    yield replace(item, problem=f"{path}: {item.problem}")
                    return
                else:
                    watermark = watermark or item.watermark
    yield ScopeEnd(ACCOUNTS, watermark=watermark)


async def _types(org: Org, only: Only) -> frozenset[str]:
    known = await org.rows("/api/v1/meta/types/user", Bucket.OTHER, _Named) if only.user_types else []
    return frozenset(_the_one(name, known, "only.user_types") for name in only.user_types)


async def _groups(org: Org, only: Only) -> Sequence[str]:
    found: dict[str, None] = {}
    for name in only.groups:
        search = f"profile.name eq {literal(name)} or id eq {literal(name)}"
        known = await org.rows("/api/v1/groups", Bucket.GROUPS, _Named, {"search": search})
        found[_the_one(name, known, "only.groups")] = None
    return tuple(found)


def _the_one(name: str, known: Sequence[_Named], setting: str) -> str:
    found = [one.id for one in known if one.is_called(name)]
    if len(found) != 1:
        way_out = f"name one of {', '.join(found)} instead" if found else "correct it"
        raise Rejected(f"{setting} names {quoted(name)}, which {len(found)} of the org are called: {way_out}")
    return found[0]
