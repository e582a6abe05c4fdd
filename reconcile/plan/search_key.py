"""The keys that found no account for a person, to be searched again before the account is created."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchKey:
    """A value by which no account of a person was found."""

    attribute: str
    """Attribute of the accounts."""
    value: str
    held_by: tuple[str, ...] = ()
    """Ids of accounts that held it in the snapshot and are not the person's all the same."""
