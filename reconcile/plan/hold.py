"""Holds: no run changes a person or an account until a given day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold on a person in every target, or on one account. It is not part of the configuration, and ends by itself."""

    anchor: str = ""
    """The person; empty for a hold on an account."""
    target: str = ""
    account_id: str = ""
    until: str
    """The last day on which it holds (YYYY-MM-DD)."""
    by: str
    why: str
    made: str = ""
    """RFC 3339, UTC."""

    @property
    def subject(self) -> str:
        """Returns the name of the held person or account in sentences."""
        return self.anchor or f"{self.account_id} in {self.target}"

    @property
    def reason(self) -> str:
        """Returns the reason why no run changes the subject."""
        return f"held until {self.until} by {self.by}: {self.why.rstrip('.')}"
