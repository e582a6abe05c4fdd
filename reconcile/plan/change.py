"""A change that the reads of a system show: of an account or another record, or of a membership."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connectors.contract import Value


class ChangeKind(StrEnum):
    """Kind of a change."""

    APPEARED = "appeared"
    """The record is there for the first time, or again."""
    GONE = "gone"
    STATE = "state"
    ATTRIBUTE = "attribute"
    JOINED = "joined"
    """The account holds an entitlement that it did not hold."""
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, which happened between two reads of its system."""

    system: str
    record_id: str
    """Id of the account, or of the record of a source."""
    who: str
    """Login, address or name that the record was known by last; its id where it has none."""
    kind: ChangeKind
    name: str = ""
    """The attribute, or the name of the entitlement."""
    entitlement_id: str = ""
    before: Value = None
    after: Value = None
    since: str
    """Time of the last read before it that did not fail (RFC 3339, UTC); empty where there was none."""
    until: str
    """Time of the read that shows it."""
    run: str = ""
    """The live run that did it; empty where none did, so that others did."""
    begun: bool = False
    """Whether the run only began to create the account, and no answer of the system is known: `resume`, or the next run, settles that."""
    actors: tuple[str, ...] = ()
    """Logins or names that the system's own log gives for such a change in that time, where it was read."""
