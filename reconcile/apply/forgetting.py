"""Takes a person who is gone out of the journal: that something was done stays, to whom does not."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from reconcile.apply.audit import NO_FACTS, AuditEntry, AuditEvent
from reconcile.apply.audit_check import forgotten_entries
from reconcile.apply.journal import Journal

LISTED = 100
"""Entries that one audit entry lists: their hashes fit into its facts."""
SHORTEST = 3
"""Characters of a text that is found only as a whole value."""
_REASONS = ("forget_hold_reasons", "forget_rejection_reasons", "forget_approval_reasons", "forget_override_reasons")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Rows of the journal that no longer name a person, or would not."""

    rows: int
    """Entries, holds, rejections and reasons."""
    audit_entries: int


class _Undone(Exception):
    """Ends a transaction whose changes are not kept."""


def forget(
    journal: Journal, anchors: Collection[str], accounts: Collection[tuple[str, str]], texts: Sequence[str], *, live: bool
) -> Forgotten:
    """Takes a person out of every table. Without `live` nothing is kept, and only counted. `rewrite_journal` has to follow.

    `accounts`: target and id. `texts`: values that identify the person wherever they stand.
    """
    found = Forgotten(0, 0)
    try:
        with journal.transaction():
            before = _changes(journal)
            _forget_rows(journal, anchors, accounts, texts)
            rows = _changes(journal) - before
            found = Forgotten(rows, _forget_facts(journal, {*texts, *anchors, *(id_ for _, id_ in accounts)}))
            _keep(live=live)
    except _Undone:
        pass
    return found


def rewrite_journal(journal: Journal) -> None:
    """Writes the journal's file anew, without what was removed from it."""
    for name in ("overwrite_what_is_removed", "rewrite_journal", "empty_journal_log"):
        journal.rows(name)


def _keep(*, live: bool) -> None:
    if not live:
        raise _Undone


def _changes(journal: Journal) -> int:
    return int(journal.rows("count_of_changes")[0][0])


def _forget_rows(journal: Journal, anchors: Iterable[str], accounts: Iterable[tuple[str, str]], texts: Sequence[str]) -> None:
    subjects = [(anchor, "", "") for anchor in anchors] + [("", target, account) for target, account in accounts]
    for statement, (anchor, target, account) in product(("forget_entries_of", "forget_holds", "forget_rejections"), subjects):
        journal.do(statement, anchor=anchor, target=target, account=account)
    for statement, text in product(("forget_entries_that_say", *_REASONS), texts):
        journal.do(statement, text=text)


def _forget_facts(journal: Journal, texts: Collection[str]) -> int:
    """Takes the facts out of audit entries that name the person, and lists those entries in new ones. Returns how many there were."""
    gone = forgotten_entries(journal.audit.entries())
    named = [each for each in journal.audit.entries() if str(each.sequence) not in gone and _names(each, texts)]
    if named:
        journal.do("let_audit_facts_go")
        for each in named:
            journal.do("forget_audit_facts", sequence=each.sequence, facts=NO_FACTS)
        journal.do("journal_audit_is_not_changed")
    for first in range(0, len(named), LISTED):
        some = islice(named, first, first + LISTED)
        left = {str(each.sequence): replace(each, facts=NO_FACTS).expected_hash() for each in some}
        journal.audit.record(AuditEvent.FORGOTTEN, facts={"entries": left})
    return len(named)


def _names(entry: AuditEntry, texts: Collection[str]) -> bool:
    """Whether the facts of an entry hold one of the texts, as a value or inside one.

    Those of an entry about people who were forgotten hold numbers and hashes, which a short id may equal. The audit cannot be verified without them.
    """
    if entry.event == AuditEvent.FORGOTTEN:
        return False
    facts = _folded(entry.said())
    return any(f'"{quoted}"' in facts or (len(text) > SHORTEST and quoted in facts) for text in texts if (quoted := _folded(text)[1:-1]))


def _folded(value: object) -> str:
    """The JSON text of a value to compare without regard to case. Letters are not escaped: an escape has one case alone."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).casefold()
