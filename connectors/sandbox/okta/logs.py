"""Answers of `GET /api/v1/logs`: bounded queries that end, and polling queries that never do."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import quote_plus

import msgspec

from connectors.sandbox.okta.calls import Call
from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.events import log_time
from connectors.sandbox.okta.expressions import TEXT, Dialect, Field, compiled
from connectors.sandbox.wire import WireAnswer

WEEK = 7 * 86_400
"""Range of a query that states none."""
LINK_ORDER = ("since", "until", "filter", "limit", "sortOrder", "after")
"""The query parameters that paging links repeat, in their order there."""
CURSOR = re.compile(r"(\d+)_(\d+)")
Place: TypeAlias = tuple[int, int]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
_PATHS = (
    "eventType",
    "actor.id",
    "outcome.result",
    "transaction.id",
    "debugContext.debugData.requestId",
    "debugContext.debugData.requestUri",
)


def _field(path: str) -> Field[dict[str, Any]]:
    def read(event: dict[str, Any]) -> object:
        value: Any = event
        for name in path.split("."):
            value = (value or {}).get(name)
        return value

    return Field(read, TEXT | {"ew"})


FILTER: Dialect[dict[str, Any]] = Dialect(
    fields={
        **{path: _field(path) for path in _PATHS},
        "target.id": Field(lambda event: [target["id"] for target in event["target"] or ()], TEXT),
        "target.type": Field(lambda event: [target["type"] for target in event["target"] or ()], TEXT),
    },
    case_sensitive=True,
    unsupported="E0000031",
)
"""A part of what `filter` understands; `published` is not in it, there either."""


def list_events(call: Call) -> WireAnswer:
    """`GET /api/v1/logs`: 100 a page unless asked for, 1000 at most.

    Without `until` and ascending it is a polling query: `next` is always there, and after an empty page names the same place.
    """
    limit = call.limit(default=100, maximum=1000)
    descending = call.query.get("sortOrder", "ASCENDING").upper() == "DESCENDING"
    polling = "until" not in call.query and not descending
    start, found = _start(call), _placed(call)
    if descending:
        rows = [(place, event) for place, event in reversed(found) if start is None or place < start]
    else:
        rows = [(place, event) for place, event in found if start is None or place > start]
    page = rows[:limit]
    links = [("self", dict(call.query))]
    if len(rows) > limit or polling:
        links.append(("next", {**call.query, "after": _cursor(call, page)}))
    value = ", ".join(f'<{_link(call, query)}>; rel="{relation}"' for relation, query in links)
    body = msgspec.json.encode([event for _, event in page])
    return WireAnswer(status=200, headers=[("Content-Type", "application/json"), ("Link", value)], body=body)


def _placed(call: Call) -> list[tuple[Place, dict[str, Any]]]:
    """The events that are asked for, each with its place: its time, and which of that time it is."""
    placed, counts = [], Counter[int]()
    for event in _chosen(call):
        moment = _thousandths(event["published"])
        counts[moment] += 1
        placed.append(((moment, counts[moment]), event))
    return placed


def _thousandths(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _chosen(call: Call) -> list[dict[str, Any]]:
    now = call.org.settings.clock()
    until = _moment(call, "until", log_time(now + 1))
    since = _moment(call, "since", log_time(now - WEEK))
    found = [event for event in call.org.log.visible() if since <= event["published"] < until]
    return list(filter(compiled(call.query["filter"], FILTER), found)) if "filter" in call.query else found


def _moment(call: Call, name: str, usual: str) -> str:
    text = call.query.get(name, usual)
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise OktaError("E0000030")
    return f"{text[:19]}.{(match[1] or '.')[1:].ljust(3, '0')}Z"


def _start(call: Call) -> Place | None:
    after = call.query.get("after", "")
    match = CURSOR.fullmatch(after)
    if after and match is None:
        raise OktaError("E0000029", causes=["Invalid cursor."])
    return (int(match[1]), int(match[2])) if match else None


def _cursor(call: Call, page: list[tuple[Place, dict[str, Any]]]) -> str:
    """A time and a counter; where nothing came, the cursor that was sent, or the beginning."""
    if page:
        moment, number = page[-1][0]
        return f"{moment}_{number}"
    return call.query.get("after", "0_0")


def _link(call: Call, query: dict[str, str]) -> str:
    pairs = [f"{name}={quote_plus(query[name])}" for name in LINK_ORDER if name in query]
    return f"{call.wire.base_url}{call.wire.path}?{'&'.join(pairs)}"
