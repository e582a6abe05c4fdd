"""Verifies the audit of a state folder: its entries, the head that a notice sent last, and that the store followed this journal."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconcile.apply.audit import AuditEntry
from reconcile.apply.audit_check import AuditFault, AuditProblem, first_problem
from reconcile.apply.audit_head import kept_head
from reconcile.apply.journal import Journal
from reconcile.apply.ledger import refuse_replaced
from reconcile.clock import SYSTEM, Clock
from reconcile.errors import JournalReplaced


@dataclass(frozen=True, slots=True)
class Verified:
    """An audit that was verified."""

    entries: Sequence[AuditEntry]
    heads: tuple[str, ...]
    """Hashes that were looked for."""
    problem: AuditProblem | None
    """Fault of what is not as it was recorded; the first where there are several."""


def verified(state: Path, project: str, heads: tuple[str, ...] = (), clock: Clock = SYSTEM) -> Verified:
    """The audit, compared with heads; where none is given, with the one that a notice sent last. Raises ForeignJournal."""
    sent = kept_head(state)
    sought = heads or ((sent,) if sent else ())
    with contextlib.closing(Journal(state, clock)) as journal:
        journal.claim(project)
        entries = journal.audit.entries()
        after = len(entries) + 1
        try:
            refuse_replaced(state, journal)
        except JournalReplaced as error:
            return Verified(entries, sought, AuditProblem(after, AuditFault.JOURNAL_REPLACED, told=str(error)))
    problem = first_problem(entries, sought)
    if problem is None and sent is None and not heads:
        problem = AuditProblem(after, AuditFault.HEAD_UNREADABLE)
    return Verified(entries, sought, problem)
