"""Lists the live runs of a journal: which plan, by whom, when, and how its operations ended."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconcile.apply.journal import Journal
from reconcile.apply.plan_register import PlanPurpose
from reconcile.decide.restore.request import OwnChange, OwnKey
from reconcile.plan.journal_place import JournalPlace
from reconcile.plan.model import OutcomeKind, Verb

SUCCEEDED = frozenset({OutcomeKind.DONE, OutcomeKind.ALREADY, OutcomeKind.NOT_APPROVED})
"""Outcomes that leave nothing to repair."""
_LAST = 2**63 - 1
"""A number after that of every entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRun:
    """One live run."""

    id: str
    plan_digest: str
    purpose: str
    """The purpose of its plan (`PlanPurpose`); empty where the plan was not made with this journal."""
    by: str
    """The user of the operating system; empty where the run is older than the audit."""
    started: str
    """RFC 3339, UTC; `ended` too."""
    untrusted: bool
    """Whether something was not read completely for its plan; not known, and so false, of a run of an earlier version."""
    ended: str
    """Empty where it is under way or was interrupted."""
    operations: int
    outcomes: Mapping[OutcomeKind, int]

    @property
    def unfinished(self) -> int:
        """Number of operations without an outcome."""
        return self.operations - sum(self.outcomes.values())

    @property
    def succeeded(self) -> bool:
        """Whether it ended, everything was read for it, and every operation was carried out, or left out by a reviewer: exit code 0 or 10."""
        return bool(self.ended) and not self.untrusted and not self.unfinished and self.outcomes.keys() <= SUCCEEDED

    @property
    def of_night(self) -> bool:
        """Whether it carried out what the sources ask for, and not only what a person asked for once. A plan that is not known counts as that."""
        return self.purpose in ("", PlanPurpose.CURRENT)


@dataclass(frozen=True, slots=True)
class OwnOutcome:
    """One change that a live run made, or may have made, of an account."""

    target: str
    account: str
    entitlement: str
    """Empty for what is about the account itself."""
    begun: str
    """Moment of the first intent; RFC 3339, UTC, as `at`."""
    intent: int
    """Number of its entry."""
    at: str
    """Moment of the outcome, long after the intent where the run was killed; that of the intent where there is none yet."""
    number: int
    """Number of its entry."""
    run: str
    plan_digest: str
    operation: str
    verb: Verb

    def is_within(self, since: JournalPlace, until: JournalPlace) -> bool:
        """Whether it began, or its outcome was known, after one read and not after the other."""
        if since.entry is None or until.entry is None:
            since, until = JournalPlace(since.at), JournalPlace(until.at)
        entries = ((self.intent, self.begun), (self.number, self.at))
        return any(since.is_before(number, at) and not until.is_before(number, at) for number, at in entries)


def outcomes_within(journal: Journal, since: JournalPlace, until: JournalPlace, accounts: Sequence[str]) -> list[OwnOutcome]:
    """Returns what live runs did to accounts within a time, and between two entries where they are known, in order."""
    entries = {"after": _LAST if since.entry is None else since.entry, "before": until.entry or 0}
    rows = journal.rows("outcomes_within", since=since.at, until=until.at, accounts=json.dumps(accounts), **entries)
    names = ("target", "account", "entitlement", "begun", "intent", "at", "number", "run", "plan_digest", "operation")
    return [OwnOutcome(**dict(zip(names, row, strict=True)), verb=Verb(intended.partition(" by ")[0])) for *row, intended in rows]


def creations_without_account(journal: Journal) -> list[OwnOutcome]:
    """Returns the creations that were sent and of which no answer, and so no account, is known, in order."""
    names = ("target", "begun", "intent", "run", "plan_digest", "operation")
    rows = [dict(zip(names, row, strict=True)) for row in journal.rows("creations_without_account")]
    return [OwnOutcome(**row, account="", entitlement="", at=row["begun"], number=row["intent"], verb=Verb.CREATE) for row in rows]


def own_changes(journal: Journal, target: str, since: JournalPlace, accounts: Sequence[str]) -> dict[OwnKey, list[OwnChange]]:
    """Returns what live runs did to accounts of one target since a read or a run, by account and entitlement, in order."""
    found: dict[OwnKey, list[OwnChange]] = defaultdict(list)
    asked = {"target": target, "since": since.at, "after": since.entry, "accounts": json.dumps(accounts)}
    for account, entitlement, intended, run, certain in journal.rows("own_changes", **asked):
        verb, _, rule = intended.partition(" by ")
        found[target, account, entitlement].append(OwnChange(Verb(verb), rule, run, certain=bool(certain)))
    return dict(found)


def accounts_ended(journal: Journal, target: str, entitlement: str, since: JournalPlace) -> frozenset[str]:
    """Returns the accounts that live runs took out of an entitlement, deactivated or deleted since a read, and did not give back."""
    asked = {"target": target, "entitlement": entitlement, "since": since.at, "after": since.entry}
    return frozenset(id_ for (id_,) in journal.rows("accounts_taken_out", **asked))


def listed_runs(journal: Journal, most: int) -> Iterator[ListedRun]:
    """Yields the live runs, the newest first."""
    names = ("id", "plan_digest", "started", "ended", "purpose", "untrusted", "operations", "by")
    for row in journal.rows("runs_newest_first", most=most):
        counts = {OutcomeKind(kind): count for kind, count in journal.rows("outcome_counts_of_run", run=row[0])}
        facts = {**dict(zip(names, row, strict=True)), "untrusted": bool(row[names.index("untrusted")])}
        yield ListedRun(**facts, outcomes={kind: counts[kind] for kind in OutcomeKind if kind in counts})
