"""Checks the audit: finds the first entry that was changed, removed, inserted or moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconcile.apply.audit import GENESIS, AuditEntry


class AuditFault(StrEnum):
    """The ways in which an audit is not what was recorded."""

    CHANGED = "changed"
    """An entry whose hash does not fit what it says."""
    MISSING = "missing"
    """A number without an entry."""
    OUT_OF_CHAIN = "out of chain"
    """An entry that does not carry the hash of the entry before: it was inserted or moved, or the one before was exchanged."""
    HEAD_MISSING = "head missing"
    """No entry has the hash of a head that was given: entries at the end were removed, or all of them were made anew."""


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """The first bad entry."""

    sequence: int
    """Number of the entry; of a missing head, the number after the newest entry."""
    fault: AuditFault
    entry: AuditEntry | None = None


def first_problem(entries: Sequence[AuditEntry], heads: Iterable[str] = ()) -> AuditProblem | None:
    """The first bad entry of an audit in the order of its numbers; None where every entry, and each of the heads, is there."""
    before = GENESIS
    for expected, entry in enumerate(entries, 1):
        if entry.sequence != expected:
            return AuditProblem(expected, AuditFault.MISSING)
        if entry.previous != before:
            return AuditProblem(expected, AuditFault.OUT_OF_CHAIN, entry)
        if entry.hash != entry.expected_hash():
            return AuditProblem(expected, AuditFault.CHANGED, entry)
        before = entry.hash
    known = {entry.hash for entry in entries}
    if any(head not in known for head in heads):
        return AuditProblem(len(entries) + 1, AuditFault.HEAD_MISSING)
    return None
