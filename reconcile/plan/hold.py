"""A hold: a person or an account that no run changes until a day, because a person said so."""

from __future__ import annotations

from dataclasses import dataclass

HELD = "held until "
"""Beginning of the reason why an account is left alone that is held, and not protected by the configuration."""


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
        """Returns why nothing is changed."""
        return f"{HELD}{self.until} by {self.by}: {self.why.rstrip('.')}"
