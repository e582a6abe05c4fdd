"""Taking over into the store what the journal knows: the links and grants that runs made. Safe to repeat after any crash."""

from __future__ import annotations

from typing import assert_never

from reconcile.journal import EntryKind, Fact, Journal
from reconcile.store import Store


def settle(store: Store, journal: Journal) -> int:
    """Brings links and ledger up to the journal; how many facts were new."""
    count = 0
    with store.transaction():
        last = store.value("settled_sequence")
        for fact in journal.facts_after(last):
            _take(store, fact)
            last, count = fact.sequence, count + 1
        if count:
            store.do("set_settled", sequence=last)
    return count


def _take(store: Store, fact: Fact) -> None:
    place = {"target": fact.target, "account_id": fact.account_id}
    match fact.kind:
        case EntryKind.LINK:
            store.do("put_link", **place, anchor=fact.anchor, run=fact.run, because=fact.detail)
        case EntryKind.UNLINK:
            store.do("drop_link", **place, anchor=fact.anchor)
        case EntryKind.GRANT:
            store.do("put_grant", **place, entitlement_id=fact.entitlement_id, run=fact.run)
        case EntryKind.REVOKE:
            store.do("drop_grant", **place, entitlement_id=fact.entitlement_id)
        case EntryKind.INTENT | EntryKind.OUTCOME:
            return
        case _:
            assert_never(fact.kind)
