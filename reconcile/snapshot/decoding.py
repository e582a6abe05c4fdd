"""Reads and decodes the pages of one system, isolated from the errors of others: every page is decoded, every read ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from connectors.bounds import usable_rows
from connectors.cleaning import MARK
from connectors.contract import Check, Quarantined, RawPage, ReadRequest, Rows, ScopeEnd, Source
from connectors.errors import BadResponse, ConnectorError
from connectors.secrets import SecretMissing
from reconcile.unexpected import fault

MOST_PAGES = 1_000_000
"""Pages of one read. A read that goes on longer does not end."""
MOST_BYTES = 64 << 30
"""Bytes of one read, unpacked."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Limits of one read of a system: its size and its duration."""

    hours: float
    pages: int = MOST_PAGES
    size: int = MOST_BYTES


def decoded(source: Source, page: RawPage) -> Rows:
    """The rows of a page, all within the limits. What a connector fails at is a quarantined page of its scope."""
    place = f"page {page.number}"
    try:
        rows = source.decode(page)
    except Exception as error:  # noqa: BLE001 - whatever an answer makes a connector raise, it is that page's
        reason = f"the page cannot be read ({type(error).__name__})"
        rows = Rows(quarantined=[Quarantined(place, "", reason, page.body[:1000].decode(errors="replace"))])
    return usable_rows(rows, place, MARK if MARK.encode() in page.body else "")


async def read_within(source: Source, request: ReadRequest, limits: ReadLimits, take: Callable[[RawPage | ScopeEnd], None]) -> None:
    """Hands every page and scope end of one read to `take`. Raises BadResponse where the read does not end within its limits."""
    pages = size = 0
    try:
        async with asyncio.timeout(limits.hours * 3600), aclosing(_items(source, request)) as items:
            async for item in items:
                if isinstance(item, RawPage):
                    pages, size = pages + 1, size + len(item.body)
                    if pages > limits.pages or size > limits.size:
                        most = f"{limits.pages:,} pages and {limits.size:,} bytes"
                        raise BadResponse(f"{source.name}: the read did not end within {most}; it is treated as incomplete")
                take(item)
    except TimeoutError:
        raise BadResponse(
            f"{source.name}: the read took more than {limits.hours:g} hours. "
            f"If the system needs longer, set longest_hours under [reading.{source.name}]"
        ) from None


async def _items(source: Source, request: ReadRequest) -> AsyncGenerator[RawPage | ScopeEnd, None]:
    """The items of one read. An error of the operating system while they are read is the system's; one while they are kept is this machine's."""
    try:
        async for item in source.pages(request):
            yield item
    except OSError as error:
        raise BadResponse(f"{source.name} cannot be read", detail=error.strerror or type(error).__name__) from None


async def checks_of(source: Source) -> Sequence[Check]:
    """The connector's own checks; where they fail in a way that it does not know, one that says so."""
    try:
        return await source.check()
    except (ConnectorError, SecretMissing):
        raise
    except Exception as error:  # noqa: BLE001 - as above: the other systems are checked all the same
        return [Check(f"{source.name} can be checked", failure(source.name, error))]


def failure(system: str, error: Exception) -> str:
    """The sentence for an error that no connector should raise."""
    return f"{system}: {fault(error)}"
