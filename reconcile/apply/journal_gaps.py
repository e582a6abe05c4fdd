"""Finds and concludes intents without an outcome, for a run whose plan is lost."""

from __future__ import annotations

from typing import NamedTuple

from reconcile.apply.journal import EntryKind, Journal, entry
from reconcile.plan.model import OutcomeKind, Verb

OWN_SUSPENSIONS = {Verb.SUSPEND: EntryKind.SUSPENDED, Verb.DEACTIVATE: EntryKind.DEACTIVATED}
"""Entries for an account that may have been suspended or deactivated: this job did it, and may undo it."""


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
    """Time of the intent (RFC 3339, UTC)."""


def unanswered(journal: Journal, run: str) -> tuple[Unanswered, ...]:
    """Each intended operation of a run without an outcome, in the order they were intended."""
    return tuple(Unanswered(*row) for row in journal.rows("unanswered_intents", run=run))


def conclude_unanswered(journal: Journal, run: str, gap: Unanswered, why: str) -> None:
    """Records the outcome as unknown. A membership that may have been added is not claimed as granted by this job."""
    at = journal.clock.stamp()
    subject = {
        "target": gap.target,
        "operation": gap.operation_id,
        "anchor": gap.anchor,
        "account": gap.account_id,
        "entitlement": gap.entitlement_id,
    }
    journal.do(
        "add_entry", **entry(run, EntryKind.OUTCOME, **subject, at=at, outcome=OutcomeKind.UNKNOWN, detail=f"{why}, and its plan is lost")
    )
    verb = gap.detail.partition(" by ")[0]
    if verb in OWN_SUSPENSIONS:
        journal.do("add_entry", **entry(run, OWN_SUSPENSIONS[Verb(verb)], **subject, at=at, detail=gap.detail))
