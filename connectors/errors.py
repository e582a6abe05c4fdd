"""Errors between this job and a system: one class a situation. The docstring of a class is its sentence.

Nothing in an error may hold a secret: no request headers, no request body; what a server repeats of them is taken out
(`connectors.cleaning`). `detail` is what the system said, cut short.
"""

from __future__ import annotations

from connectors.cleaning import cleaned

LONGEST_SENTENCE, LONGEST_DETAIL, LONGEST_REQUEST_ID = 2_000, 500, 100
"""Characters that are kept of each part of an error."""


class ConnectorError(Exception):
    """The system did not do what was asked."""

    def __init__(self, what: str, *, detail: str = "", status: int | None = None, request_id: str = "") -> None:
        # Cleaned before it is cut: no half of a secret stays.
        self.what = cleaned(what)[:LONGEST_SENTENCE]
        self.detail = cleaned(detail)[:LONGEST_DETAIL]
        self.status = status
        self.request_id = cleaned(request_id)[:LONGEST_REQUEST_ID]
        super().__init__(self.what, self.detail)

    def __str__(self) -> str:
        said = f": {self.detail}" if self.detail else ""
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{self.what}{status}{said}"


class Unreachable(ConnectorError):
    """The system could not be reached, or stopped answering, and nothing was changed by this request."""


class Uncertain(ConnectorError):
    """The request was sent and its outcome is unknown: it may or may not have been carried out. Read back before deciding."""


class Unauthorised(ConnectorError):
    """The system does not accept the credentials at all: nothing more can be done in this run."""


class Forbidden(ConnectorError):
    """The credentials are good and do not allow this."""


class RateLimited(ConnectorError):
    """The system kept refusing for its rate limit after every permitted wait."""


class NotFound(ConnectorError):
    """The system says that this does not exist."""


class PreconditionFailed(ConnectorError):
    """The record to be changed is no longer as it was when the change was planned."""


class Conflict(ConnectorError):
    """The system already has something with this name, or is busy with this object."""


class Busy(Conflict):
    """The system is busy with this object: a later repetition may succeed."""


class Rejected(ConnectorError):
    """The system understood the request and refuses its content; repeating it will not help."""


class BadResponse(ConnectorError):
    """The system's answer violates its protocol; it proves nothing."""
