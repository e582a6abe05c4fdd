"""Lists the live runs of a journal: which plan, by whom, when, and how its operations ended."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconcile.apply.journal import Journal
from reconcile.apply.plan_register import PlanPurpose
from reconcile.decide.restore.request import OwnChange, OwnKey
from reconcile.plan.model import OutcomeKind, Verb

SUCCEEDED = frozenset({OutcomeKind.DONE, OutcomeKind.ALREADY, OutcomeKind.NOT_APPROVED})
"""Outcomes that leave nothing to repair."""


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
    at: str
    """Moment of the outcome, long after the intent where the run was killed; that of the intent where there is none yet."""
    run: str
    plan_digest: str
    operation: str
    verb: Verb

    def is_within(self, since: str, until: str) -> bool:
        """Whether it began, or its outcome was known, after one moment and not after the other."""
        return since < self.begun <= until or since < self.at <= until


def outcomes_within(journal: Journal, since: str, until: str, accounts: Sequence[str]) -> list[OwnOutcome]:
    """Returns what live runs did to accounts within a time, in the order of the moments."""
    rows = journal.rows("outcomes_within", since=since, until=until, accounts=json.dumps(accounts))
    names = ("target", "account", "entitlement", "begun", "at", "run", "plan_digest", "operation")
    return [OwnOutcome(**dict(zip(names, row, strict=True)), verb=Verb(intended.partition(" by ")[0])) for *row, intended in rows]


def own_changes(journal: Journal, target: str, since: str, accounts: Sequence[str]) -> dict[OwnKey, list[OwnChange]]:
    """Returns what live runs did to accounts of one target since a moment, by account and entitlement, in order."""
    found: dict[OwnKey, list[OwnChange]] = defaultdict(list)
    for account, entitlement, intended, run in journal.rows("own_changes", target=target, since=since, accounts=json.dumps(accounts)):
        verb, _, rule = intended.partition(" by ")
        found[target, account, entitlement].append(OwnChange(Verb(verb), rule, run))
    return dict(found)


def accounts_ended(journal: Journal, target: str, entitlement: str, since: str) -> frozenset[str]:
    """Returns the accounts that live runs took out of an entitlement, deactivated or deleted since a moment, and did not give back."""
    return frozenset(id_ for (id_,) in journal.rows("accounts_taken_out", target=target, entitlement=entitlement, since=since))


def listed_runs(journal: Journal, most: int) -> Iterator[ListedRun]:
    """Yields the live runs, the newest first."""
    names = ("id", "plan_digest", "started", "ended", "purpose", "untrusted", "operations", "by")
    for row in journal.rows("runs_newest_first", most=most):
        counts = {OutcomeKind(kind): count for kind, count in journal.rows("outcome_counts_of_run", run=row[0])}
        facts = {**dict(zip(names, row, strict=True)), "untrusted": bool(row[names.index("untrusted")])}
        yield ListedRun(**facts, outcomes={kind: counts[kind] for kind in OutcomeKind if kind in counts})
