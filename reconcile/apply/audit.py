"""The audit: an append-only record of who planned, allowed and did what. Each entry carries the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from connectors.cleaning import cleaned
from reconcile.apply.journal_file import JournalFile
from reconcile.caller import user_name

GENESIS = "0" * 64
"""Stands in the first entry in place of the hash of one before."""
MOST_FACTS = 16_384
"""Characters of the facts of one entry; of longer facts their length and their hash are kept alone."""


class AuditEvent(StrEnum):
    """The kinds of entry."""

    PLANNED = "planned"
    """A plan was made. Facts: its purpose."""
    APPROVED = "approved"
    """A person approved a plan. Facts: by, why, until, and the operations that they hold or reject."""
    WITHDRAWN = "withdrawn"
    """The rejection of a row was taken back, or ended because its cause is gone. Facts: operation, why."""
    OVERRIDDEN = "overridden"
    """A guard of a plan was overridden. Facts: guard, by, why, until."""
    DECIDED = "decided"
    """A link decision was added with `reconcile decide`. Facts: the row of decisions.csv."""
    HELD = "held"
    RELEASED = "released"
    APPLIED = "applied"
    """A live run began. Facts of this and of what follows in a run: the purpose of its plan, its operations by target and verb, its outcomes."""
    RESUMED = "resumed"
    ENDED = "ended"
    ABANDONED = "abandoned"
    PRUNED = "pruned"
    """Old plans, reports, pages and closed rows were removed. Facts: how many of each."""
    FORGOTTEN = "forgotten"
    """A person who is gone was forgotten. Facts: how much was removed, or, by the number of each entry that lost its facts, the hash of what it says now."""
    REBOUND = "rebound"
    """A system was bound anew, or the store to another journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry, as it is kept."""

    sequence: int
    at: str
    """RFC 3339, UTC."""
    event: str
    """A value of AuditEvent; as text, because an entry that was tampered with is read as well."""
    who: str
    """The user of the operating system. A name that the user gave with `--by` is in the facts."""
    plan: str
    """Digest of the plan, or empty."""
    run: str
    """Id of the live run, or empty."""
    facts: str
    """Canonical JSON: keys sorted, no spaces, ASCII."""
    previous: str
    """Hash of the entry before."""
    hash: str

    def expected_hash(self) -> str:
        """The hash that belongs to what the entry says."""
        said = [self.sequence, self.at, self.event, self.who, self.plan, self.run, self.facts, self.previous]
        return hashlib.sha256(canonical(said).encode()).hexdigest()

    def said(self) -> object:
        """The facts as values; as they are where an entry that was tampered with holds no JSON."""
        try:
            return json.loads(self.facts)
        except (ValueError, RecursionError):
            return self.facts


class Audit:
    """The audit in a journal."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def record(self, event: AuditEvent, *, plan: str = "", run: str = "", facts: Mapping[str, object] | None = None) -> AuditEntry:
        """Appends an entry about what the user of this process does, within the transaction that is under way, if one is."""
        with self._file.transaction():
            before = self.head()
            entry = AuditEntry(
                sequence=before.sequence + 1 if before else 1,
                at=self._file.clock.stamp(),
                event=event.value,
                who=user_name(),
                plan=plan,
                run=run,
                facts=_facts(facts or {}),
                previous=before.hash if before else GENESIS,
                hash="",
            )
            entry = replace(entry, hash=entry.expected_hash())
            self._file.do("add_audit_entry", **asdict(entry))
        return entry

    def run_event(self, event: AuditEvent, run: str) -> AuditEntry:
        """Appends an entry about a live run: with the purpose and the sizes of its plan, and the outcomes that it has so far."""
        plan = self._file.rows("plan_of_run", run=run)[0][0]
        purpose = [row[0] for row in self._file.rows("purpose_of_plan", digest=plan)]
        sizes = {f"{target} {verb}": count for target, verb, count in self._file.rows("sizes_of_run", run=run)}
        outcomes = dict(self._file.rows("outcome_counts_of_run", run=run))
        facts = {"purpose": purpose[0] if purpose else "", "operations": sizes, "outcomes": outcomes}
        return self.record(event, plan=plan, run=run, facts=facts)

    def head(self) -> AuditEntry | None:
        """The newest entry; None before the first."""
        found = self._file.rows("newest_audit_entry")
        return _entry(found[0]) if found else None

    def entries(self) -> list[AuditEntry]:
        """Every entry, in the order of their numbers."""
        return [_entry(row) for row in self._file.rows("audit_entries")]


def canonical(value: object) -> str:
    """The one JSON text of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _facts(facts: Mapping[str, object]) -> str:
    text = cleaned(canonical(facts))
    if len(text) <= MOST_FACTS:
        return text
    return canonical({"characters": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()})


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    names = ("sequence", "at", "event", "who", "plan", "run", "facts", "previous", "hash")
    return AuditEntry(**dict(zip(names, row, strict=True)))


NO_FACTS = canonical({"forgotten": True})
"""Facts of an entry whose own were removed for a person who is gone."""
