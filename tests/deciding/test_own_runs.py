"""Which changes of an account live runs made, by the moments of their outcomes and of the reads."""

import contextlib
from datetime import UTC, datetime, timedelta

from reconcile.apply.journal import Journal
from reconcile.apply.run_list import own_changes
from reconcile.clock import Clock, stamp
from reconcile.decide.restore.request import OwnChange
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


def test_request_of_a_killed_run_is_its_own_from_the_intent_on_whatever_came_of_it(tmp_path):
    now = [datetime(2026, 3, 2, 1, 30, tzinfo=UTC)]
    ended, failed = change(Verb.DEACTIVATE, 1), change(Verb.DEACTIVATE, 2)

    def by_whom(since: str, until: str, account: str = "a1") -> str:
        runs = runs_within(tmp_path, journal, since, until, ["a1", "a2"])
        return runs.of(("app", account, ""), since, until, ChangeKind.STATE)

    with contextlib.closing(Journal(tmp_path, Clock(lambda: now[0]))) as journal:
        journal.begin("run", "plan")
        journal.intend("run", ended)
        journal.intend("run", failed)
        assert own_changes(journal, "app", BEFORE, ["a1"]) == {("app", "a1", ""): [OwnChange(Verb.DEACTIVATE, "app: who", "run")]}
        assert (by_whom(BEFORE, READ_AT), by_whom(READ_AT, LATER)) == ("run", "")
        now[0] += timedelta(hours=5)
        for operation, account, kind in ((ended, "a1", OutcomeKind.UNKNOWN), (failed, "a2", OutcomeKind.FAILED)):
            journal.conclude("run", operation, Outcome(operation_id=operation.id, kind=kind, account_id=account, at=stamp(now[0])), ())
        assert (by_whom(BEFORE, READ_AT), by_whom(READ_AT, LATER), by_whom(LATER, "9999")) == ("run", "", "run")
        assert by_whom(BEFORE, READ_AT, "a2") == ""
        assert own_changes(journal, "app", BEFORE, ["a2"]) == {}
