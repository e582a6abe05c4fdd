"""A target's declaration of its attributes: type, length, pattern, closed values; and a schema that is advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


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


@dataclass(frozen=True, slots=True)
class SchemaAttribute:
    """One attribute of accounts as a target publishes it. Drafts of mappings use it; plans do not."""

    name: str
    """Its name in a mapping."""
    type: str = "string"
    parts: tuple[str, ...] = ()
    """Names inside an object, or inside each object of a list."""
    several: bool = False
    """Whether it is a list of values."""
    required: bool = False
    immutable: bool = False
    unique: bool = False
    allowed: tuple[str, ...] = ()
    """Values that the target suggests; it may take no other."""
    description: str = ""
    optional_part: str = ""
    """The optional extension that it stands in: it is required only of an account that has something of that."""
    read_only: bool = False
    """Whether the target alone sets it."""
    unsettable: str = ""
    """Reason why no attribute rule of a mapping sets it; empty where one can."""


@dataclass(frozen=True, slots=True)
class AccountSchema:
    """The attributes that a target publishes, in its order."""

    attributes: tuple[SchemaAttribute, ...]
    notes: tuple[str, ...] = ()
    """Parts of the schema that were not read, one sentence each."""


@runtime_checkable
class Publishing(Protocol):
    """A target that publishes a schema which is advice: it may hold more attributes, and take fewer values, than it says."""

    async def account_schema(self) -> AccountSchema:
        """The attributes of its accounts. Raises ConnectorError where it does not say."""
