"""Errors between this job and a system: one class a situation. The docstring of a class is its sentence.

Nothing in an error may hold a secret: no request headers, no request body; what a server repeats of them is taken out
(`connectors.cleaning`). `detail` is what the system said, cut short.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self

from connectors.cleaning import cleaned

LONGEST_SENTENCE, LONGEST_DETAIL, LONGEST_REQUEST_ID, LONGEST_CODE = 2_000, 500, 100, 60
"""Characters that are kept of each part of an error."""


class Repetition(StrEnum):
    """Effect of a second request after one that ended with an error."""

    USELESS = "permanent"
    """Refused again until something is changed."""
    LATER = "retriable"
    """May succeed, unchanged."""
    AFTER_READING = "read back first"
    """Known only after the system was read again."""


class ConnectorError(Exception):
    """The system did not do what was asked."""

    repetition: ClassVar[Repetition] = Repetition.USELESS

    def __init__(self, what: str, *, detail: str = "", status: int | None = None, request_id: str = "", code: str = "") -> None:
        # Cleaned before it is cut: no half of a secret stays.
        self.what = cleaned(what)[:LONGEST_SENTENCE]
        self.detail = cleaned(detail)[:LONGEST_DETAIL]
        self.status = status
        self.request_id = cleaned(request_id)[:LONGEST_REQUEST_ID]
        self.code = cleaned(code)[:LONGEST_CODE]
        """Code of the error, the system's own, such as Okta's E0000001 or SCIM's `uniqueness`; empty where it has none."""
        self.way_out = ""
        """Way out, in sentences of this job's; empty where the words of the system say it, or nothing helps."""
        super().__init__(self.what, self.detail)

    def with_way_out(self, way_out: str) -> Self:
        """Adds what to do."""
        self.way_out = cleaned(way_out)[:LONGEST_DETAIL]
        return self

    def __str__(self) -> str:
        said = f": {self.detail}" if self.detail else ""
        status = f" (HTTP {self.status})" if self.status else ""
        sentence = f"{self.what}{status}{said}"
        return f"{sentence.rstrip('. ')}. {self.way_out}" if self.way_out else sentence


class Unreachable(ConnectorError):
    """The system could not be reached, or stopped answering, and nothing was changed by this request."""

    repetition = Repetition.LATER


class Uncertain(ConnectorError):
    """The request was sent and its outcome is unknown: it may or may not have been carried out. Read back before deciding."""

    repetition = Repetition.AFTER_READING


class Unauthorised(ConnectorError):
    """The system does not accept the credentials at all: nothing more can be done in this run."""


class Forbidden(ConnectorError):
    """The credentials are good and do not allow this."""


class RateLimited(ConnectorError):
    """The system kept refusing for its rate limit after every permitted wait."""

    repetition = Repetition.LATER


class NotFound(ConnectorError):
    """The system says that this does not exist."""

    repetition = Repetition.AFTER_READING


class PreconditionFailed(ConnectorError):
    """The record to be changed is no longer as it was when the change was planned."""

    repetition = Repetition.AFTER_READING


class Conflict(ConnectorError):
    """The system already has something with this name, or is busy with this object."""


class Busy(Conflict):
    """The system is busy with this object: a later repetition may succeed."""

    repetition = Repetition.LATER


class Rejected(ConnectorError):
    """The system understood the request and refuses its content; repeating it will not help."""


class FalseAnswer(Rejected):
    """The system answered that a change is made, and a read after it shows that nothing changed, or more than was asked."""


class BadResponse(ConnectorError):
    """The system's answer violates its protocol; it proves nothing."""

    repetition = Repetition.AFTER_READING
