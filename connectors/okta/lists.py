"""Turns a list of an org into the pages and the end of one scope, and reads several lists at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC
from itertools import islice
from typing import TypeAlias

from connectors.contract import RawPage, ResumePoint, Scope, ScopeEnd
from connectors.errors import ConnectorError, Unauthorised, Unreachable
from connectors.okta.client import Bucket, Org

Item: TypeAlias = "RawPage | ScopeEnd"
Walk = AsyncGenerator[Item, None]


async def as_it_came(body: bytes) -> bytes:
    """Leaves a page alone."""
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list, and the scope that it fills."""

    scope: Scope
    path: str
    bucket: Bucket
    params: Mapping[str, str | int] = field(default_factory=dict)
    shape: Callable[[bytes], Awaitable[bytes]] = as_it_came
    """Function that takes out of a page, or adds to it, before it is kept."""
    delta: bool = False
    must_answer: bool = False
    """Whether an org that does not answer this list's first request ends the whole read."""


async def walk(org: Org, listing: Listing, held: ResumePoint | None = None) -> Walk:
    """Reads one scope, from the beginning or behind the page that is held. A failure ends it with a problem; only credentials that are
    not accepted, or an org that does not answer at all, end the read.

    The watermark is the server's clock at the first answer. Behind a held page it is unknown: it stays empty.
    """
    number, watermark, problem = held.number if held else 0, "", ""
    if held is None or held.cursor is not None:
        start = held.cursor if held else None
        try:
            async with aclosing(org.pages(listing.path, listing.bucket, listing.params, start=start)) as pages:
                async for answer, cursor in pages:
                    watermark = watermark or ("" if held else answer.headers.date().astimezone(UTC).isoformat())
                    body = await listing.shape(answer.body)
                    number += 1
                    yield RawPage(listing.scope, number, body, cursor)
        except Unauthorised:
            raise
        except ConnectorError as error:
            if listing.must_answer and number == 0 and isinstance(error, Unreachable):
                raise
            problem = f"page {number + 1}: {error}"
    yield ScopeEnd(listing.scope, problem, watermark=watermark, delta=listing.delta)


async def together(walks: Iterable[Walk], at_once: int) -> Walk:
    """The walks' items as they come, at most so many walks at a time, each at most one page ahead."""
    waiting = iter(walks)
    steps = {asyncio.create_task(_step(one)): one for one in islice(waiting, at_once)}
    try:
        while steps:
            done, _ = await asyncio.wait(steps, return_when=asyncio.FIRST_COMPLETED)
            for step in done:
                one = steps.pop(step)
                item = step.result()
                following = one if item is not None else next(waiting, None)
                if following is not None:
                    steps[asyncio.create_task(_step(following))] = following
                if item is not None:
                    yield item
    finally:
        for step in steps:
            step.cancel()
        await asyncio.gather(*steps, return_exceptions=True)
        for one in steps.values():
            await one.aclose()


async def _step(one: Walk) -> Item | None:
    return await anext(one, None)
