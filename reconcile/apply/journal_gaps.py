"""Operations that a run intended and of which its journal holds no outcome: what is known of them without their plan."""

from __future__ import annotations

from typing import NamedTuple

from reconcile import clock
from reconcile.apply.journal import EntryKind, Journal
from reconcile.plan.model import OutcomeKind, Verb

RESTS = {Verb.SUSPEND: EntryKind.SUSPENDED, Verb.DEACTIVATE: EntryKind.DEACTIVATED}
"""What is remembered of an account that may have been put to rest: this job did it, so that this job may undo it."""


class Unanswered(NamedTuple):
    """An operation whose request may have gone out."""

    operation_id: str
    target: str
    anchor: str
    account_id: str
    entitlement_id: str
    detail: str
    """Its verb and its rule."""
    at: str
    """When it was intended (RFC 3339, UTC)."""


def unanswered(journal: Journal, run: str) -> tuple[Unanswered, ...]:
    """Each intended operation of a run without an outcome, in the order they were intended."""
    rows = journal.rows(
        "SELECT operation, target, anchor, account, entitlement, detail, min(at) FROM entry WHERE run = ? AND kind = 'intent'"
        " AND operation NOT IN (SELECT operation FROM entry WHERE run = ? AND kind = 'outcome') GROUP BY operation ORDER BY min(sequence)",
        (run, run),
    )
    return tuple(Unanswered(*row) for row in rows)


def conclude_unanswered(journal: Journal, run: str, gap: Unanswered, why: str) -> None:
    """Writes down that nobody knows what came of it. A membership that may have been given without its plan is not claimed."""
    columns = "INSERT INTO entry (run, kind, operation, target, anchor, account, entitlement, outcome, detail, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    subject = (gap.operation_id, gap.target, gap.anchor, gap.account_id, gap.entitlement_id)
    journal.do(columns, (run, EntryKind.OUTCOME, *subject, OutcomeKind.UNKNOWN, f"{why}, and its plan is lost", clock.stamp()))
    verb = gap.detail.partition(" by ")[0]
    if verb in RESTS:
        journal.do(columns, (run, RESTS[Verb(verb)], *subject, "", gap.detail, clock.stamp()))
