"""A store in memory that holds some rows, as if they had been read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import Record
from reconcile.store.connection import Store
from reconcile.store.opening import store_in_memory


def store_holding(systems: Mapping[str, Sequence[Record]]) -> Store:
    """A store in memory that holds some rows of some systems."""
    store = Store(store_in_memory())
    for system, records in systems.items():
        store.do("stage_records")
        if records:
            rows = [(each.id, each.state, each.status, each.attributes, each.updated) for each in records]
            columns = ("id", "state", "status", "attributes", "updated")
            store.append("staged_record", dict(zip(columns, zip(*rows, strict=True), strict=True)))
        store.do("open_records", system=system, number=1)
        known = sorted({name for each in records for name in each.values()})
        store.do("keep_snapshot", system=system, number=1, digest="", columns=known, open_ended=False, taken_at="", entry=None)
    return store
