"""Records the requests that reached a sandboxed system, and how each ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "dpop"})
TOKEN_ENDPOINT = re.compile(r"^/oauth2/(.*/)?token$")


class RequestOutcome(StrEnum):
    """Outcome of a request for the client."""

    ANSWERED = "answered"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """One request as the sandbox saw it; headers that hold secrets are never kept."""

    method: str
    path: str
    """Percent-encoded, as sent, without the query."""
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: str
    status: int | None
    """Status that was answered; for a dropped connection the one that would have been, or None if the request was not executed."""
    outcome: RequestOutcome
    at: float
    """`time.monotonic()` when it arrived."""

    @property
    def is_write(self) -> bool:
        """Whether it is a write: everything but GET, HEAD and the fetching of an access token."""
        return self.method not in ("GET", "HEAD") and not (self.method == "POST" and TOKEN_ENDPOINT.match(self.path))


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that may be kept."""
    return {name: value for name, value in headers.items() if name not in SECRET_HEADERS}
