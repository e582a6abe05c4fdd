"""Reads the System Log of an org."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from connectors.errors import BadResponse
from connectors.event_log import LogEvent, LogPage
from connectors.http.links import links
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import record_texts
from connectors.okta.times import okta_time

LOGS = "/api/v1/logs"
_UNREADABLE = (msgspec.DecodeError, ValueError, OverflowError, RecursionError)
DAYS = 90
"""Days for which Okta keeps its log (System Log API)."""
ABOUT_ACCOUNTS = " or ".join(
    f'eventType sw "{each}"' for each in ("user.lifecycle.", "user.account.", "group.user_membership.", "application.user_membership.")
)
"""The events that tell who changed what a snapshot shows; sign-ins, which are most of a log, are not read."""


class _Named(msgspec.Struct):
    id: str | None = None
    alternateId: str | None = None  # noqa: N815 - Okta's spelling
    displayName: str | None = None  # noqa: N815 - Okta's spelling


class _Outcome(msgspec.Struct):
    result: str | None = None


class _DebugData(msgspec.Struct):
    requestId: str | None = None  # noqa: N815 - Okta's spelling
    changedAttributes: object = None  # noqa: N815 - Okta's spelling
    """Names with commas between them; anything else than a text says nothing."""

    def attributes(self) -> tuple[str, ...]:
        text = self.changedAttributes if isinstance(self.changedAttributes, str) else ""
        return tuple(name for each in text.split(",") if (name := each.strip()))


class _DebugContext(msgspec.Struct):
    debugData: _DebugData | None = None  # noqa: N815 - Okta's spelling


class _EventRow(msgspec.Struct):
    uuid: str
    published: Annotated[datetime, msgspec.Meta(tz=True)]
    eventType: str  # noqa: N815 - Okta's spelling
    actor: _Named | None = None
    outcome: _Outcome | None = None
    target: list[_Named] | None = None
    transaction: _Named | None = None
    debugContext: _DebugContext | None = None  # noqa: N815 - Okta's spelling

    def event(self) -> LogEvent:
        debug = self.debugContext.debugData if self.debugContext else None
        return LogEvent(
            uuid=self.uuid,
            published=self.published.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            type=self.eventType,
            result=(self.outcome and self.outcome.result) or "",
            actor=(self.actor and self.actor.id) or "",
            targets=tuple(target.id for target in self.target or () if target.id),
            actor_name=(self.actor and (self.actor.alternateId or self.actor.displayName)) or "",
            attributes=debug.attributes() if debug else (),
            request_id=(debug and debug.requestId) or (self.transaction and self.transaction.id) or "",
        )


async def events(org: Org, since: datetime, until: datetime) -> AsyncGenerator[LogEvent, None]:
    """Every event published between two moments, the oldest first. Raises ConnectorError: what is missing from a log must not look as if it never happened.

    With an end the query is bounded and ends at the page without a next one; without it Okta's log never ends (System Log API, polling).
    An event that is published late, with an earlier time, can be missed.
    """
    params: dict[str, str | int] = {"since": okta_time(since), "until": okta_time(until), "sortOrder": "ASCENDING", "limit": 1000}
    async with aclosing(org.pages(LOGS, Bucket.LOGS, params)) as pages:
        async for answer, _ in pages:
            for text in record_texts(answer.body):
                try:
                    event = _event(text)
                except _UNREADABLE as error:
                    raise BadResponse(f"{answer.what}: an event cannot be read", detail=str(error)) from error
                yield event


async def log_pages(org: Org, since: datetime, cursor: str) -> AsyncGenerator[LogPage, None]:
    """The log from a cursor on, or from a moment: a polling query, which is ordered by when Okta stored an event, so that none comes too late to be seen.

    It has no last page; an empty one is the present. Raises ConnectorError.
    """
    params: dict[str, str | int] = {"since": okta_time(since), "filter": ABOUT_ACCOUNTS, "sortOrder": "ASCENDING", "limit": 1000}
    seen: set[str] = set()
    while True:
        # Only the query of the cursor is used: a place that was kept long ago may not name another server.
        answer = await (org.get(f"{LOGS}?{cursor}", Bucket.LOGS) if cursor else org.get(LOGS, Bucket.LOGS, params))
        texts = record_texts(answer.body)
        found = [event for text in texts if (event := _readable(text))]
        following = links(answer.headers.all("link")).get("next", "").partition("?")[2]
        if texts and (not following or following in seen):
            raise BadResponse(f"{answer.what}: no further place in the log is named", request_id=answer.request_id)
        seen.add(following)
        cursor = following or cursor
        yield LogPage(found, cursor, len(texts) - len(found))
        if not texts:
            return


def _readable(text: bytes | msgspec.Raw) -> LogEvent | None:
    """The event, or None where it cannot be read: one odd event would otherwise stand in the way of all later ones, every night."""
    try:
        return _event(text)
    except _UNREADABLE:
        return None


def _event(text: bytes | msgspec.Raw) -> LogEvent:
    return msgspec.json.decode(text, type=_EventRow).event()
