"""Reads the facts of a journal in order, for the projection into the store."""

from __future__ import annotations

from dataclasses import dataclass

from reconcile.apply.journal import EntryKind
from reconcile.apply.journal_file import JournalFile


@dataclass(frozen=True, slots=True)
class Fact:
    """A link, a grant or an own suspension that a run made or ended, for the projection into the store."""

    sequence: int
    kind: EntryKind
    run: str
    target: str
    anchor: str
    account_id: str
    entitlement_id: str
    detail: str
    at: str
    """RFC 3339, UTC."""


def facts_after(journal: JournalFile, sequence: int, most: int) -> list[Fact]:
    """The facts recorded after an entry, in order; at most `most`."""
    rows = journal.rows("facts_after", sequence=sequence, most=most)
    return [Fact(number, EntryKind(kind), *rest) for number, kind, *rest in rows]


def mark_of(journal: JournalFile, sequence: int) -> str:
    """Identifies an entry: one of the same number in another journal, or in a restored one, has another mark. Empty where there is none."""
    found = journal.rows("mark_of_entry", sequence=sequence)
    return " ".join(found[0]) if found else ""
