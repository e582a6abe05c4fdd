"""Taking over into the store what the journal knows: links, grants, whom this job put to rest, and how much runs did. Safe to repeat."""

from __future__ import annotations

from dataclasses import astuple

from reconcile.journal import Journal
from reconcile.store import Store

BATCH = 100_000
"""Facts that are taken over at once."""

_COLUMNS = ("sequence", "kind", "run", "target", "anchor", "account_id", "entitlement_id", "because", "since")
_NIGHT = ("sequence", "run", "run_date", "target", "verb", "operations")


def settle(store: Store, journal: Journal) -> int:
    """Brings links, ledger and resting accounts up to the journal; how many facts were new."""
    count = 0
    while facts := journal.facts_after(store.value("settled_sequence"), BATCH):
        store.do("make_facts")
        store.append("fact", dict(zip(_COLUMNS, zip(*map(astuple, facts), strict=True), strict=True)))
        with store.transaction():
            store.do(
                "drop_links",
                "put_links",
                "drop_grants",
                "put_grants",
                "drop_rests",
                "put_rests",
                "set_settled",
                sequence=facts[-1].sequence,
            )
        count += len(facts)
    _settle_nights(store, journal)
    return count


def _settle_nights(store: Store, journal: Journal) -> None:
    with store.transaction():
        for row in journal.sizes_after(store.value("last_night")):
            store.do("put_night", **dict(zip(_NIGHT, row, strict=True)))
