"""The message of a bulk request, and the answer to each of its operations (RFC 7644 section 3.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.http.answer import Answer, Headers
from connectors.scim.attributes import folded
from connectors.scim.decode import resource_id

_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
_NUMBERS = range(100, 600)


@dataclass(frozen=True, slots=True)
class Change:
    """One write to one resource."""

    method: str
    path: str
    body: object
    version: str = ""
    """Version that the resource must have; empty where any will do."""

    def operation(self, bulk_id: str) -> dict[str, object]:
        """The operation of a bulk request. Every method carries a bulkId: no other field ties an answer to its operation reliably."""
        stated = {"version": self.version} if self.version else {}
        return {"method": self.method, "bulkId": bulk_id, "path": f"/{self.path}", "data": self.body, **stated}


@dataclass(frozen=True, slots=True)
class BulkLimits:
    """Limits of one bulk request."""

    operations: int
    payload: int
    """Bytes of the body."""


def stated_limits(config: Mapping[str, Any]) -> BulkLimits | None:
    """The limits that a service states in ServiceProviderConfig; None where it does not say that it has bulk requests, or not how large."""
    bulk = folded(config, "bulk")
    if not isinstance(bulk, dict) or folded(bulk, "supported") is not True:
        return None
    operations, payload = (folded(bulk, name) for name in ("maxOperations", "maxPayloadSize"))
    stated = all(isinstance(each, int) and not isinstance(each, bool) and each > 0 for each in (operations, payload))
    return BulkLimits(operations, payload) if stated else None


def message(changes: Sequence[Change]) -> dict[str, object]:
    """The body of a request. Without `failOnErrors` the service goes on after an operation that fails."""
    return {"schemas": [_REQUEST], "Operations": [each.operation(_bulk_id(number)) for number, each in enumerate(changes)]}


def fitting(changes: Sequence[Change], limits: BulkLimits) -> int:
    """The number of changes that one request takes, from the first on; 0 where the first is too long by itself."""
    number, length = 0, len(msgspec.json.encode(message(())))
    for number, each in enumerate(changes):
        length += len(msgspec.json.encode(each.operation(_bulk_id(number)))) + 1
        if number >= limits.operations or length > limits.payload:
            return number
    return min(number + 1, len(changes))


def answers(changes: Sequence[Change], answer: Answer, system: str) -> list[Answer | None]:
    """The answer to each change, in the order of the changes, whatever that of the answers is; None where it cannot be told."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    numbers = {_bulk_id(number): number for number in range(len(changes))}
    for entry in _entries(answer):
        number = numbers.get(str(folded(entry, "bulkId")), _by_location(changes, entry))
        if number is not None and str(folded(entry, "method")).upper() in (changes[number].method, "NONE"):
            found[number].append(entry)
    told = (found.get(number, []) for number in range(len(changes)))
    return [_answer(change, each[0], system) if len(each) == 1 else None for change, each in zip(changes, told, strict=True)]


def _bulk_id(number: int) -> str:
    return f"c{number}"


def _entries(answer: Answer) -> Iterable[Mapping[str, Any]]:
    try:
        said = msgspec.json.decode(answer.body)
    except (ValueError, RecursionError):
        return ()
    entries = folded(said, "Operations") if isinstance(said, dict) else None
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else ()


def _by_location(changes: Sequence[Change], entry: Mapping[str, Any]) -> int | None:
    """The change that an entry without a known id is about: the standard demands the id of a POST alone."""
    location, method = folded(entry, "location"), folded(entry, "method")
    if folded(entry, "bulkId") is not None or not isinstance(location, str) or method is None:
        return None
    return next((number for number, each in enumerate(changes) if each.method != "POST" and location.endswith(f"/{each.path}")), None)


def _answer(change: Change, entry: Mapping[str, Any], system: str) -> Answer | None:
    """The answer that a request of its own would have had."""
    status = _status(folded(entry, "status"))
    if status is None:
        return None
    location, response = folded(entry, "location"), folded(entry, "response")
    place = location if isinstance(location, str) else ""
    body = msgspec.json.encode(response) if isinstance(response, dict) and response else b""
    if change.method == "POST" and 200 <= status < 300:
        # Of a new user only the place is taken: it is read there, and its name shows whether the answer is that of another creation.
        place, body = place or quote(resource_id(response), safe=""), b""
    headers = Headers((("Location", place),) if place else ())
    return Answer(status, headers, body, f"{change.method} {change.path} of {system}, in a bulk request")


def _status(stated: object) -> int | None:
    """The status of an operation: a text (RFC 7644), a number, or an object with a `code` (SCIM 1.1)."""
    if isinstance(stated, dict):
        stated = folded(stated, "code")
    try:
        status = int(stated) if isinstance(stated, str | int) and len(str(stated)) == 3 else 0
    except ValueError:
        return None
    return status if status in _NUMBERS else None
