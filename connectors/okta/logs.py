"""Reads the System Log of an org."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from connectors.errors import BadResponse
from connectors.event_log import LogEvent
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import record_texts
from connectors.okta.times import okta_time


class _Named(msgspec.Struct):
    id: str | None = None
    alternateId: str | None = None  # noqa: N815 - Okta's spelling
    displayName: str | None = None  # noqa: N815 - Okta's spelling


class _Outcome(msgspec.Struct):
    result: str | None = None


class _DebugData(msgspec.Struct):
    requestId: str | None = None  # noqa: N815 - Okta's spelling


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
            request_id=(debug and debug.requestId) or (self.transaction and self.transaction.id) or "",
        )


async def events(org: Org, since: datetime, until: datetime) -> AsyncGenerator[LogEvent, None]:
    """Every event published between two moments, the oldest first. Raises ConnectorError: what is missing from a log must not look as if it never happened.

    With an end the query is bounded and ends at the page without a next one; without it Okta's log never ends (System Log API, polling).
    An event that is published late, with an earlier time, can be missed.
    """
    params: dict[str, str | int] = {"since": okta_time(since), "until": okta_time(until), "sortOrder": "ASCENDING", "limit": 1000}
    async with aclosing(org.pages("/api/v1/logs", Bucket.LOGS, params)) as pages:
        async for answer, _ in pages:
            for text in record_texts(answer.body):
                try:
                    event = msgspec.json.decode(text, type=_EventRow).event()
                except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
                    raise BadResponse(f"{answer.what}: an event cannot be read", detail=str(error)) from error
                yield event
