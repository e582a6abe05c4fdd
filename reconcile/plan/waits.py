"""The frozen people of a plan, by the read that they wait for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WaitCause(StrEnum):
    """Cause why a source does not state enough about a person."""

    UNTRUSTED = "untrusted"
    """Its latest read as a whole cannot be believed, and its last good one held them."""
    UNSEEN = "unseen"
    """Its latest read does not show them, and some of its records do not say whom they are about."""
    ROW = "row"
    """A row of theirs cannot be used."""
    TARGET = "target"
    """They left, and the target in which they have an account was not read completely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The people who are frozen for one source and cause: everything of theirs stays as it is."""

    source: str
    subject: str
    """Name that a reader knows it by: that of the file, where the file is the cause."""
    cause: WaitCause
    people: int
    leavers: int
    """Number of those people whom a source states as terminated and whose account works."""
    sample: tuple[str, ...]
    """The first of them, the leavers before the others."""
