"""Which changes of an account live runs made, by the moments of their outcomes and of the reads."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.apply.journal import Journal
from reconcile.apply.ledger import adopt
from reconcile.apply.run_list import accounts_ended, creations_without_account, own_changes
from reconcile.clock import Clock, stamp
from reconcile.decide.restore.request import OwnChange
from reconcile.plan.change import ChangeKind
from reconcile.plan.digest import digested
from reconcile.plan.journal_place import JournalPlace
from reconcile.plan.model import Outcome, OutcomeKind, Plan, Verb
from reconcile.snapshot.history import snapshot_at
from reconcile.store.connection import Store
from reconcile.store.plans.files import save
from reconcile.usecases.own_runs import runs_within

from .guard_worlds import change

BEFORE, READ_AT, LATER = (JournalPlace(f"2026-03-02T0{hour}:00:00+00:00") for hour in (1, 2, 3))
LATEST = JournalPlace("9999")


def test_what_a_run_did_in_the_second_of_a_read_was_done_before_that_read(tmp_path):
    moment, ended = datetime(2026, 3, 2, 2, 0, 0, 700_000, tzinfo=UTC), change(Verb.DEACTIVATE, 1)
    with contextlib.closing(Journal(tmp_path, Clock(lambda: moment))) as journal:
        journal.begin("run", "plan")
        journal.intend("run", ended)
        journal.conclude("run", ended, Outcome(operation_id=ended.id, kind=OutcomeKind.DONE, account_id="a1", at=stamp(moment)), ())
        for until in (READ_AT, LATER, LATEST):
            runs = runs_within(tmp_path, journal, BEFORE, until, ["a1"])
            assert runs.of(("app", "a1", ""), BEFORE, READ_AT, ChangeKind.STATE) == "run", until
        assert not runs_within(tmp_path, journal, BEFORE, BEFORE, ["a1"]).outcomes


def test_request_of_a_killed_run_is_its_own_from_the_intent_on_whatever_came_of_it(tmp_path):
    now = [datetime(2026, 3, 2, 1, 30, tzinfo=UTC)]
    ended, failed = change(Verb.DEACTIVATE, 1), change(Verb.DEACTIVATE, 2)

    def by_whom(since: JournalPlace, until: JournalPlace, account: str = "a1") -> str:
        runs = runs_within(tmp_path, journal, since, until, ["a1", "a2"])
        return runs.of(("app", account, ""), since, until, ChangeKind.STATE)

    with contextlib.closing(Journal(tmp_path, Clock(lambda: now[0]))) as journal:
        journal.begin("run", "plan")
        journal.intend("run", ended)
        journal.intend("run", failed)
        assert own_changes(journal, "app", BEFORE, ["a1"]) == {
            ("app", "a1", ""): [OwnChange(Verb.DEACTIVATE, "app: who", "run", certain=False)]
        }
        assert (by_whom(BEFORE, READ_AT), by_whom(READ_AT, LATER)) == ("run", "")
        now[0] += timedelta(hours=5)
        for operation, account, kind in ((ended, "a1", OutcomeKind.UNKNOWN), (failed, "a2", OutcomeKind.FAILED)):
            journal.conclude("run", operation, Outcome(operation_id=operation.id, kind=kind, account_id=account, at=stamp(now[0])), ())
        assert (by_whom(BEFORE, READ_AT), by_whom(READ_AT, LATER), by_whom(LATER, LATEST)) == ("run", "", "run")
        assert by_whom(BEFORE, READ_AT, "a2") == ""
        assert own_changes(journal, "app", BEFORE, ["a2"]) == {}


def test_order_of_entries_says_which_run_changed_an_account_also_after_a_clock_that_was_set_back(tmp_path):
    moment, ended = datetime(2026, 3, 5, 2, tzinfo=UTC), change(Verb.DEACTIVATE, 1)
    with contextlib.closing(Journal(tmp_path, Clock(lambda: moment))) as journal:
        before = replace(BEFORE, entry=journal.last_entry())
        journal.begin("run", "plan")
        journal.intend("run", ended)
        journal.conclude("run", ended, Outcome(operation_id=ended.id, kind=OutcomeKind.DONE, account_id="a1", at=stamp(moment)), ())
        read, later = (replace(place, entry=journal.last_entry()) for place in (READ_AT, LATER))
        runs = runs_within(tmp_path, journal, before, read, ["a1"])
        assert [runs.of(("app", "a1", ""), *span, ChangeKind.STATE) for span in ((before, read), (read, later))] == ["run", ""]
        assert runs.of(("app", "a1", ""), BEFORE, READ_AT, ChangeKind.STATE) == "", "a read of an earlier version goes by the moments"
        assert [bool(own_changes(journal, "app", place, ["a1"])) for place in (before, read)] == [True, False]
        assert [accounts_ended(journal, "app", "g1", place) for place in (before, read)] == [{"a1"}, set()]


def test_each_of_two_runs_is_named_for_what_it_wrote_though_the_rows_of_both_have_one_id(tmp_path):
    """What changes an account has the same id in every plan: the title of one night was told as done by others once the next wrote a city."""
    with contextlib.closing(Journal(tmp_path)) as journal:
        for run, after in (("first", {"title": "Lead"}), ("second", {"city": "Brno"})):
            written = change(Verb.UPDATE, 1, before=dict.fromkeys(after), after=after)
            empty: dict[str, Any] = {"scopes": (), "census": (), "findings": (), "verdicts": ()}
            plan = digested(Plan(run_date="2026-03-02", snapshots={}, mapping="", planner="0", operations=(written,), **empty))
            save(plan, tmp_path)
            journal.begin(run, plan.digest)
            journal.intend(run, written)
            done = Outcome(operation_id=written.id, kind=OutcomeKind.DONE, account_id="a1", at=READ_AT.at)
            journal.conclude(run, written, done, ())
        runs = runs_within(tmp_path, journal, BEFORE, LATEST, ["a1"])
        named = [runs.of(("app", "a1", ""), BEFORE, LATEST, ChangeKind.ATTRIBUTE, name) for name in ("title", "city", "phone")]
        assert named == ["first", "second", ""]


def test_another_journal_takes_the_places_of_snapshots_back(tmp_path):
    with Store.open(tmp_path, write=True) as store, contextlib.closing(Journal(tmp_path)) as journal:
        store.do("keep_snapshot", system="app", number=1, digest="", columns=[], open_ended=True, taken_at=BEFORE.at, entry=5)
        read_at = datetime.fromisoformat(LATER.at)
        assert snapshot_at(store, "app", read_at).place == replace(BEFORE, entry=5)
        adopt(store, journal)
        assert snapshot_at(store, "app", read_at).place == BEFORE


def test_what_comes_after_a_run_comes_after_its_first_entry(tmp_path):
    now = [datetime(2026, 3, 5, 2, tzinfo=UTC)]
    with contextlib.closing(Journal(tmp_path, Clock(lambda: now[0]))) as journal:
        for run in ("ahead", "later"):
            journal.begin(run, "plan")
            journal.intend(run, change(Verb.DEACTIVATE, 1))
            now[0] -= timedelta(days=2)
        assert {each.run for each in own_changes(journal, "app", journal.runs.began("ahead"), ["a1"])["app", "a1", ""]} == {"later"}


def test_creation_is_without_an_answer_until_one_names_an_account_or_refuses(tmp_path):
    created = [replace(change(Verb.CREATE, number), account_id="") for number in range(1, 6)]
    kinds = (None, OutcomeKind.UNKNOWN, OutcomeKind.DONE, OutcomeKind.FAILED, OutcomeKind.UNKNOWN)
    with contextlib.closing(Journal(tmp_path)) as journal:
        journal.begin("run", "plan")
        for operation, kind, account in zip(created, kinds, ("", "", "a3", "", "a5"), strict=True):
            journal.intend("run", operation)
            if kind:
                journal.conclude("run", operation, Outcome(operation_id=operation.id, kind=kind, account_id=account, at=BEFORE.at), ())
        assert [each.operation for each in creations_without_account(journal)] == [created[0].id, created[1].id]
