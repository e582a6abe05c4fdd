"""Projects the journal into links, the ownership ledger, own suspensions and run sizes. Idempotent.

The store remembers which journal it follows, and up to which entry. A journal that was deleted, emptied, exchanged or restored from a
backup would be followed from the wrong place, and what it says would silently never arrive: it is refused.
"""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

from reconcile.apply.journal import Journal
from reconcile.apply.journal_facts import facts_after, mark_of
from reconcile.errors import JournalReplaced, StoreBusy
from reconcile.store.connection import Store
from reconcile.store.faults import StoreOlder
from reconcile.store.file import FILE

BATCH = 100_000
"""Facts that are taken over at once."""

_COLUMNS = ("sequence", "kind", "run", "target", "anchor", "account_id", "entitlement_id", "because", "since")
_RUN_SIZE = ("run", "run_date", "target", "verb", "operations")


def project_journal(store: Store, journal: Journal) -> int:
    """Projects what is new in the journal into the store. Returns how many facts there were. Raises JournalReplaced."""
    done = _position(store, journal)
    forgotten = journal.systems.forgotten()
    count = 0
    while facts := facts_after(journal, done, BATCH):
        store.do("make_journal_facts")
        done = facts[-1].sequence
        kept = [each for each in facts if each.sequence > forgotten.get(each.target, 0)]
        if kept:
            store.append("journal_fact", dict(zip(_COLUMNS, zip(*map(astuple, kept), strict=True), strict=True)))
        with store.transaction():
            store.do(
                "drop_links",
                "put_links",
                "drop_grants",
                "put_grants",
                "drop_own_suspensions",
                "put_own_suspensions",
                "drop_names",
                "put_names",
            )
            store.do("put_account_notes", "drop_old_answers", "put_lessons")
            _set_position(store, journal, done)
        count += len(facts)
    _project_run_sizes(store, journal)
    return count


def adopt(store: Store, journal: Journal) -> None:
    """Follows this journal from its end on: what the store remembers stays, and what the journal said before is not taken over.

    The numbers of its entries are others than those that snapshots stated.
    """
    with store.transaction():
        _set_position(store, journal, journal.last_entry())
        store.do("forget_places_of_snapshots")


def refuse_replaced(state: Path, journal: Journal) -> None:
    """Raises JournalReplaced where the store of a state folder followed another journal. A store that a run is writing is not asked: that run asks."""
    if (store := _store_to_ask(state)) is not None:
        with store:
            _followed(store, journal)


def follows_a_journal(state: Path) -> bool:
    """Whether the store of a state folder took a journal over. A store that a run is writing is not asked."""
    if (store := _store_to_ask(state)) is None:
        return False
    with store:
        return any(journal for _, journal, _ in store.rows("journal_position"))


def _store_to_ask(state: Path) -> Store | None:
    if not (state / FILE).exists():
        return None
    try:
        return Store.open(state, write=False)
    except StoreBusy:
        return None


def refuse_older(store: Store, journal: Journal) -> None:
    """Raises StoreOlder where the store lacks the newest read of a system that the journal knows of: a plan would take what runs did since for gone."""
    known = journal.systems.reads()
    for system, number, _, taken_at in store.rows("latest_snapshots"):
        newest, moment = known.get(system, (0, ""))
        if number < newest:
            raise StoreOlder(journal.path.with_name(FILE), system, taken_at, moment)


def _followed(store: Store, journal: Journal) -> tuple[int, str]:
    """The entry up to which this journal was taken over, and the id of the journal that the store follows. Raises JournalReplaced where it is another."""
    rows = store.rows("journal_position")
    sequence, followed, mark = rows[0] if rows else (0, "", "")
    if followed and (followed, mark) != (journal.id, mark_of(journal, sequence)):
        raise JournalReplaced(journal.path, restored=followed == journal.id)
    return int(sequence), followed


def _position(store: Store, journal: Journal) -> int:
    """The entry up to which this journal was taken over. Raises JournalReplaced where the store followed another."""
    sequence, followed = _followed(store, journal)
    if not followed:
        with store.transaction():
            _set_position(store, journal, sequence)
    return sequence


def _set_position(store: Store, journal: Journal, sequence: int) -> None:
    store.do("clear_journal_position", "set_journal_position", sequence=sequence, journal=journal.id, mark=mark_of(journal, sequence))


def _project_run_sizes(store: Store, journal: Journal) -> None:
    known = {row[0] for row in store.rows("runs_with_size")}
    with store.transaction():
        for row in journal.runs.sizes():
            if row[0] not in known:
                store.do("put_run_size", **dict(zip(_RUN_SIZE, row, strict=True)))
