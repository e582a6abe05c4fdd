"""The answer of a system that an outcome is due to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAnswer:
    """Answer of a system that kept an operation from succeeding, as its support asks for it."""

    status: int = 0
    """Status of HTTP; 0 where there was no answer."""
    code: str = ""
    """The system's own code: Okta's E0000001, SCIM's `uniqueness`."""
    request_id: str = ""
    """Id by which the log of the system knows the request."""
    repetition: str = ""
    """Effect of a second request (`connectors.errors.Repetition`)."""
