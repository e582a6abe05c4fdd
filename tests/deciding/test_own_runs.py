"""Which changes of an account live runs made, by the moments of their outcomes and of the reads."""

import contextlib
from datetime import UTC, datetime

from reconcile.apply.journal import Journal
from reconcile.clock import Clock, stamp
from reconcile.plan.change import ChangeKind
from reconcile.plan.model import Outcome, OutcomeKind, Verb
from reconcile.usecases.own_runs import runs_within

from .guard_worlds import change

BEFORE, READ_AT, LATER = "2026-03-02T01:00:00+00:00", "2026-03-02T02:00:00+00:00", "2026-03-02T03:00:00+00:00"


def test_what_a_run_did_in_the_second_of_a_read_was_done_before_that_read(tmp_path):
    moment, ended = datetime(2026, 3, 2, 2, 0, 0, 700_000, tzinfo=UTC), change(Verb.DEACTIVATE, 1)
    with contextlib.closing(Journal(tmp_path, Clock(lambda: moment))) as journal:
        journal.begin("run", "plan")
        journal.intend("run", ended)
        journal.conclude("run", ended, Outcome(operation_id=ended.id, kind=OutcomeKind.DONE, account_id="a1", at=stamp(moment)), ())
        for until in (READ_AT, LATER, "9999"):
            runs = runs_within(tmp_path, journal, BEFORE, until, ["a1"])
            assert runs.of(("app", "a1", ""), BEFORE, READ_AT, ChangeKind.STATE) == "run", until
        assert not runs_within(tmp_path, journal, BEFORE, BEFORE, ["a1"]).outcomes
