"""The outcomes of a run as the journal has them, read some hundred at a time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from reconcile.apply.journal_file import JournalFile
from reconcile.plan.model import Outcome, OutcomeKind, Run
from reconcile.plan.outcome_rows import OutcomeRows
from reconcile.plan.server_answer import ServerAnswer

BATCH = 500
"""Outcomes that are in hand at once."""


class RecordedOutcomes(OutcomeRows):
    """The outcomes of a run in its journal, as long as that is open."""

    def __init__(self, journal: JournalFile, run: str) -> None:
        self._journal, self._run = journal, run
        self._has_places = False

    def __len__(self) -> int:
        return sum(self.counts().values())

    def __iter__(self) -> Iterator[Outcome]:
        return self._pages("outcome_page")

    def with_ids(self, ids: Collection[str]) -> dict[str, Outcome]:
        if not self._has_places:
            self._journal.do("make_outcome_places")
            self._journal.do("put_outcome_places", run=self._run)
            self._has_places = True
        rows = self._journal.rows("outcomes_with_ids", run=self._run, ids=json.dumps(list(ids)))
        return {each.operation_id: each for each in map(_outcome, rows)}

    def counts(self) -> Mapping[OutcomeKind, int]:
        return {OutcomeKind(kind): count for kind, count in self._journal.rows("outcome_counts_of_run", run=self._run)}

    def of_kinds(self, kinds: Collection[OutcomeKind]) -> Iterator[Outcome]:
        return self._pages("outcome_page_of_kinds", kinds=json.dumps(list(kinds)))

    def _pages(self, statement: str, **asked: str) -> Iterator[Outcome]:
        after = 0
        while rows := self._journal.rows(statement, run=self._run, after=after, most=BATCH, **asked):
            yield from map(_outcome, rows)
            after = rows[-1][0]


def recorded_run(journal: JournalFile, run: str) -> Run:
    """A live run with the outcomes it has so far, which are read as they are asked for, as long as the journal is open."""
    plan, started, ended = journal.rows("live_run", run=run)[0]
    return Run(id=run, plan_digest=plan, live=True, started=started, ended=ended, outcomes=RecordedOutcomes(journal, run))


def _outcome(row: Sequence[Any]) -> Outcome:
    """An outcome of the number of its entry, its parts and the answer of the system."""
    _, operation, kind, account, entitlement, detail, at, status, code, request, repetition = row
    given = None if status is None else ServerAnswer(status=status, code=code, request_id=request, repetition=repetition)
    return Outcome(
        operation_id=operation,
        kind=OutcomeKind(kind),
        account_id=account,
        entitlement_id=entitlement,
        detail=detail,
        at=at,
        answer=given,
    )
