"""The content of a system at a moment in the past, from the snapshots of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.contract import AccountState, Membership, Record
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class SnapshotContent:
    """The content of one snapshot of a system. Where it was read in part, the rest is that of the snapshot before it."""

    number: int
    records: tuple[Record, ...]
    memberships: tuple[Membership, ...]


def as_of(store: Store, system: str, moment: datetime) -> SnapshotContent | None:
    """Returns the content of the system's last snapshot until a moment; None where there was none yet, or where its rows were removed since."""
    number = store.value("snapshot_at", system=system, moment=moment.astimezone(UTC).isoformat(timespec="seconds"))
    if number is None:
        return None
    rows = store.rows("records_as_of", system=system, number=number)
    records = tuple(Record(id_, AccountState(state), *rest) for id_, state, *rest in rows)
    return SnapshotContent(
        number, records, tuple(Membership(*row) for row in store.rows("memberships_as_of", system=system, number=number))
    )
