"""Everything an org holds, page by page: users of every status, groups, and the members of each group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from datetime import UTC
from itertools import islice

from connectors.contract import RawPage, Scope, ScopeEnd, ScopeKind
from connectors.errors import ConnectorError, Unauthorised, Unreachable
from connectors.links import segment
from connectors.okta.org import Bucket, Org
from connectors.okta.wire import Status, record_texts, rows_of

Walk = AsyncGenerator[RawPage | ScopeEnd, None]

EVERY_STATUS = " or ".join(f'status eq "{status.value}"' for status in Status)
"""Without it the list leaves out everybody who is deactivated."""

NOBODY = (
    "the list of users is empty, and an org has at least the owner of its token: "
    "the admin who made the token lacks the role, or the resource set, to see users"
)


async def whole_org(org: Org) -> AsyncIterator[RawPage | ScopeEnd]:
    """Users, then groups, then the members of every group that was listed, several groups at once."""
    async with aclosing(_users(org)) as users:
        async for item in users:
            yield item
    groups: dict[str, None] = {}
    async with aclosing(_walk(org, Scope(ScopeKind.ENTITLEMENTS), "/api/v1/groups", {})) as listed:
        async for item in listed:
            if isinstance(item, RawPage):
                groups.update((group.id, None) for group in rows_of(item).entitlements)
            yield item
    async with aclosing(_together((_members(org, group) for group in groups), org.in_flight)) as members:
        async for item in members:
            yield item


async def _users(org: Org) -> Walk:
    found = 0
    async with aclosing(_walk(org, Scope(ScopeKind.ACCOUNTS), "/api/v1/users", {"filter": EVERY_STATUS}, first_must_answer=True)) as walk:
        async for item in walk:
            if isinstance(item, RawPage):
                found += len(record_texts(item.body))
                yield item
            else:
                yield item if found or item.problem else ScopeEnd(item.scope, NOBODY, watermark=item.watermark)


def _members(org: Org, group: str) -> Walk:
    return _walk(org, Scope(ScopeKind.MEMBERS, group), f"/api/v1/groups/{segment(group)}/users", {})


async def _walk(org: Org, scope: Scope, path: str, params: Mapping[str, str], *, first_must_answer: bool = False) -> Walk:
    """One scope. A failure ends it with a problem; only credentials that are not accepted, or an org that does not answer at all, end the read."""
    bucket = Bucket.USERS if scope.kind is ScopeKind.ACCOUNTS else Bucket.GROUPS
    number, watermark, problem = 0, "", ""
    try:
        async with aclosing(org.pages(path, bucket, params)) as pages:
            async for answer, cursor in pages:
                number += 1
                watermark = watermark or answer.headers.date().astimezone(UTC).isoformat()
                yield RawPage(scope, number, answer.body, cursor)
    except Unauthorised:
        raise
    except ConnectorError as error:
        if first_must_answer and number == 0 and isinstance(error, Unreachable):
            raise
        problem = f"page {number + 1}: {error}"
    yield ScopeEnd(scope, problem, watermark=watermark)


async def _together(walks: Iterable[Walk], at_once: int) -> Walk:
    """The walks' items as they come, at most so many walks at a time, each at most one page ahead."""
    waiting = iter(walks)
    steps = {asyncio.create_task(_step(walk)): walk for walk in islice(waiting, at_once)}
    try:
        while steps:
            done, _ = await asyncio.wait(steps, return_when=asyncio.FIRST_COMPLETED)
            for step in done:
                walk = steps.pop(step)
                item = step.result()
                following = walk if item is not None else next(waiting, None)
                if following is not None:
                    steps[asyncio.create_task(_step(following))] = following
                if item is not None:
                    yield item
    finally:
        for step in steps:
            step.cancel()
        await asyncio.gather(*steps, return_exceptions=True)
        for walk in steps.values():
            await walk.aclose()


async def _step(walk: Walk) -> RawPage | ScopeEnd | None:
    return await anext(walk, None)
