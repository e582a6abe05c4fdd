"""A read that lost many members is believed where live runs took them, and only so far."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconcile.apply.journal import Journal
from reconcile.apply.run_list import accounts_ended
from reconcile.clock import Clock, stamp
from reconcile.plan.journal_place import JournalPlace
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb
from reconcile.project.config import Reading
from reconcile.snapshot.shrinking import is_shrunk

from .guard_worlds import change

READING = Reading(shrink_percent=20, shrink_floor=10)
READ_AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "found", "own", "shrunk"),
    [
        (1000, 800, 0, False),
        (1000, 799, 0, True),
        (1000, 100, 900, False),
        (1000, 80, 900, False),
        (1000, 79, 900, True),
        (1000, 0, 900, True),
        (1000, 0, 990, False),
        (1000, 200, 0, True),
    ],
)
def test_of_what_live_runs_left_a_read_may_lose_the_same_share_as_of_anything(before, found, own, shrunk):
    assert is_shrunk(READING, before, found, lambda: own) is shrunk


class Runs:
    """A journal in which each run is one operation."""

    def __init__(self, state: Path) -> None:
        self.moment = READ_AT
        self.journal = Journal(state, Clock(lambda: self.moment))

    def did(self, operation: Operation, kind: OutcomeKind = OutcomeKind.DONE) -> None:
        self.moment += timedelta(minutes=1)
        run = f"run-{self.moment:%H%M}"
        self.journal.begin(run, "plan")
        self.journal.intend(run, operation)
        outcome = Outcome(operation_id=operation.id, kind=kind, account_id=operation.account_id, at=stamp(self.moment))
        self.journal.conclude(run, operation, outcome, ())
        self.journal.end(run)

    def ended(self, entitlement: str = "g1", since: datetime = READ_AT) -> frozenset[str]:
        return accounts_ended(self.journal, "app", entitlement, JournalPlace(since.isoformat(timespec="seconds")))


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    made = Runs(tmp_path)
    with contextlib.closing(made.journal):
        yield made


def test_members_that_a_run_took_and_accounts_that_it_ended_need_not_be_read(runs: Runs) -> None:
    runs.did(change(Verb.REMOVE_MEMBER, 1, "g1"))
    runs.did(change(Verb.DEACTIVATE, 2))
    runs.did(change(Verb.DELETE, 3))
    runs.did(change(Verb.REMOVE_MEMBER, 4, "g2"))
    runs.did(change(Verb.UPDATE, 5))
    assert runs.ended() == {"a1", "a2", "a3"}
    assert runs.ended(since=runs.moment) == frozenset()


def test_what_a_run_gave_back_has_to_be_read_again(runs: Runs) -> None:
    runs.did(change(Verb.REMOVE_MEMBER, 1, "g1"))
    runs.did(change(Verb.ADD_MEMBER, 1, "g1"))
    runs.did(change(Verb.DEACTIVATE, 2))
    runs.did(change(Verb.REACTIVATE, 2))
    runs.did(change(Verb.REACTIVATE, 3))
    assert runs.ended() == frozenset()
    runs.did(change(Verb.DEACTIVATE, 2))
    assert runs.ended() == {"a2"}


def test_a_change_whose_outcome_is_not_known_excuses_no_loss(runs: Runs) -> None:
    runs.did(change(Verb.REMOVE_MEMBER, 1, "g1"), OutcomeKind.UNKNOWN)
    runs.did(change(Verb.DEACTIVATE, 2))
    runs.did(change(Verb.REACTIVATE, 2), OutcomeKind.UNKNOWN)
    runs.did(change(Verb.DEACTIVATE, 3), OutcomeKind.FAILED)
    runs.did(change(Verb.REMOVE_MEMBER, 4, "g1"), OutcomeKind.ALREADY)
    assert runs.ended() == {"a4"}
