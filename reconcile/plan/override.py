"""A guard override: the plan, the guard, who allows it, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A one-time guard override for one plan. It is not part of the plan, whose bytes stay as they are."""

    plan_digest: str
    guard: str
    by: str
    why: str
    made: str
    """RFC 3339, UTC."""
    until: str
    """From then on it is worth nothing. RFC 3339, UTC."""
    run: str = ""
    """The live run that used it up; empty while none has."""
