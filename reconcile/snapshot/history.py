"""The content of a system at a moment in the past, from the snapshots of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.contract import AccountState, Membership, Record
from reconcile.plan.journal_place import JournalPlace
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class SnapshotContent:
    """The content of one snapshot of a system. Where it was read in part, the rest is that of the snapshot before it."""

    number: int
    records: tuple[Record, ...]
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class SnapshotMark:
    """The snapshot of a system that was the latest at a moment."""

    number: int
    taken_at: str
    """Time of the read (RFC 3339, UTC)."""
    of_another_system: bool
    """Whether the connector reached another system then."""
    entry: int | None = None
    """The number of the journal's last entry by then; None where it was not written down."""

    @property
    def place(self) -> JournalPlace:
        """The place of the read among the entries of the journal."""
        return JournalPlace(self.taken_at, self.entry)


def snapshot_at(store: Store, system: str, moment: datetime) -> SnapshotMark | None:
    """Returns the system's last snapshot until a moment; None where there was none yet, or where its rows were removed since."""
    found = store.rows("snapshot_at", system=system, moment=moment.astimezone(UTC).isoformat(timespec="seconds"))
    return SnapshotMark(*found[0]) if found else None


def as_of(store: Store, system: str, moment: datetime) -> SnapshotContent | None:
    """Returns the content of the system's last snapshot until a moment; None where there was none yet, or where its rows were removed since."""
    mark = snapshot_at(store, system, moment)
    if mark is None:
        return None
    number = mark.number
    rows = store.rows("records_as_of", system=system, number=number)
    records = tuple(Record(id_, AccountState(state), *rest) for id_, state, *rest in rows)
    return SnapshotContent(
        number, records, tuple(Membership(*row) for row in store.rows("memberships_as_of", system=system, number=number))
    )
