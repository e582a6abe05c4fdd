"""Checks the audit: finds the first entry that was changed, removed, inserted or moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconcile.apply.audit import GENESIS, NO_FACTS, AuditEntry, AuditEvent


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
    HEAD_UNREADABLE = "head unreadable"
    """The file with the head that a notice sent last does not hold one: it was damaged or written over."""
    JOURNAL_REPLACED = "journal replaced"
    """The store followed another journal: this one is new, emptied, exchanged or restored from a backup."""


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """The first bad entry."""

    sequence: int
    """Number of the entry; the number after the newest one where the fault is of no entry."""
    fault: AuditFault
    entry: AuditEntry | None = None
    told: str = ""
    """Sentence about a journal that was replaced."""


def first_problem(entries: Sequence[AuditEntry], heads: Iterable[str] = ()) -> AuditProblem | None:
    """The first bad entry of an audit in the order of its numbers; None where every entry, and each of the heads, is there."""
    before, without_facts = GENESIS, forgotten_entries(entries)
    for expected, entry in enumerate(entries, 1):
        if entry.sequence != expected:
            return AuditProblem(expected, AuditFault.MISSING)
        if entry.previous != before:
            return AuditProblem(expected, AuditFault.OUT_OF_CHAIN, entry)
        said = entry.expected_hash()
        if entry.hash != said and (entry.facts != NO_FACTS or without_facts.get(str(entry.sequence)) != said):
            return AuditProblem(expected, AuditFault.CHANGED, entry)
        before = entry.hash
    known = {entry.hash for entry in entries}
    if any(head not in known for head in heads):
        return AuditProblem(len(entries) + 1, AuditFault.HEAD_MISSING)
    return None


def forgotten_entries(entries: Iterable[AuditEntry]) -> dict[str, object]:
    """The entries whose facts were removed for a person who is gone, by number, each with the hash of what is left.

    Later entries say so, which are in the chain themselves: what is left of an entry can be changed as little as what they say.
    """
    found: dict[str, object] = {}
    for entry in entries:
        if entry.event == AuditEvent.FORGOTTEN and entry.hash == entry.expected_hash():
            said = entry.said()
            listed = said.get("entries") if isinstance(said, dict) else None
            found |= listed if isinstance(listed, dict) else {}
    return found
