"""The answer of a system before it is checked: status, headers and body."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

import msgspec

from connectors.errors import BadResponse, Uncertain

FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Sums with moments outside of these years leave the calendar."""
LONGEST_DATE = 100
"""Characters of a date that are looked at."""


@dataclass(frozen=True, slots=True)
class Headers:
    """Header lines as they came: a name may repeat (RFC 9110, section 5.3)."""

    pairs: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> list[str]:
        """Every value of the header, in order."""
        return [value for key, value in self.pairs if key.lower() == name.lower()]

    def first(self, name: str) -> str:
        """The first value of the header; empty where it is absent."""
        return next(iter(self.all(name)), "")

    def date(self) -> datetime:
        """The server's own clock (RFC 9110, section 6.6.1); ours where it does not say."""
        return http_date(self.first("date")) or datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `what` says what was asked, for messages: `GET /api/v1/users of okta`."""

    status: int
    headers: Headers
    body: bytes
    what: str = "the request"

    @property
    def request_id(self) -> str:
        """Returns the id by which the system's own log knows this request."""
        return self.headers.first("x-okta-request-id") or self.headers.first("x-request-id")

    def json(self) -> object:
        """The body as JSON. Raises BadResponse for everything else: a login page or a proxy's error page answers 200, too."""
        with suppress(ValueError, RecursionError):
            return msgspec.json.decode(self.body)
        raise BadResponse(self._not_json(), status=self.status, request_id=self.request_id)

    def confirming(self) -> Self:
        """The answer to a write, whose body is empty or JSON. Raises Uncertain for everything else: a page of a proxy confirms and refuses nothing."""
        with suppress(ValueError, RecursionError):
            if self.body.strip():
                msgspec.json.decode(self.body)
            return self
        # Not inside of an `except`: the error of the decoder holds the body, which may be a secret.
        raise Uncertain(f"{self._not_json()}: whether it was carried out is not known", status=self.status, request_id=self.request_id)

    def _not_json(self) -> str:
        kind = self.headers.first("content-type") or "no content type"
        return f"{self.what} was answered with {len(self.body)} bytes that are not JSON ({kind})"


def http_date(text: str) -> datetime | None:
    """The moment an HTTP date names (RFC 9110, section 5.6.7), in UTC; None where it is none, or one that no clock shows."""
    try:
        moment = parsedate_to_datetime(text[:LONGEST_DATE])
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None
