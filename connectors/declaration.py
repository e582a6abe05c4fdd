"""A target's declaration of its attributes: type, length, pattern, closed values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeclaredAttribute:
    """Values that a target declares for one of its attributes. An undeclared rule is empty or None, and everything is taken."""

    type: str = ""
    """`string`, `boolean`, `number`, `integer` or `array`."""
    entries: str = ""
    """Type of an array's entries."""
    required: bool = False
    """Whether no account is created without a value."""
    read_only: bool = False
    """Whether the target alone sets it."""
    shortest: int | None = None
    longest: int | None = None
    """In characters."""
    pattern: str = ""
    """A regular expression that some part of every text matches."""
    whole: bool = False
    """Whether the whole text matches `pattern`, and not some part of it only."""
    allowed: tuple[str | bool | int | float, ...] = ()
    """The only values that it, or each entry of an array, takes."""
    format: str = ""
    """`email` or `country-code`."""
