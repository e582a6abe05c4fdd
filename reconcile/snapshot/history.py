"""The content of a system at a moment in the past, from the snapshots of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.contract import AccountState, Membership, Record
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """What one snapshot of a system held. Where it was read in part, the rest is as the snapshot before it had it."""

    number: int
    records: tuple[Record, ...]
    memberships: tuple[Membership, ...]


def as_of(store: Store, system: str, moment: datetime) -> ResumePoint | None:
    """What the last snapshot of the system until a moment held; None where there was none yet."""
    number = store.value("snapshot_at", system=system, moment=moment.astimezone(UTC).isoformat(timespec="seconds"))
    if number is None:
        return None
    rows = store.rows("records_as_of", system=system, number=number)
    records = tuple(Record(id_, AccountState(state), *rest) for id_, state, *rest in rows)
    return ResumePoint(number, records, tuple(Membership(*row) for row in store.rows("memberships_as_of", system=system, number=number)))
