"""Links and ledger follow the journal: the newest entry counts, and projecting twice changes nothing."""

import contextlib
import itertools

import duckdb
import pytest

from reconcile.apply.journal import EntryKind, Journal
from reconcile.apply.ledger import project_journal
from reconcile.plan.model import Because, LinkChange, Operation, Outcome, OutcomeKind, Plan, Situation, Verb
from reconcile.store.connection import Store
from reconcile.store.file import FILE

from .guard_worlds import change


def link(anchor: str, account: str, *, forget: bool = False) -> LinkChange:
    return LinkChange(target="okta", anchor=anchor, account_id=account, because="found by employeeNumber", forget=forget)


@pytest.fixture
def projected(tmp_path):
    """Writes links into the journal and gives what the store then remembers."""
    numbers = itertools.count()

    def take(*nights: list[LinkChange]) -> dict[str, str]:
        with contextlib.closing(Journal(tmp_path)) as journal:
            for changes in nights:
                run = f"run-{next(numbers)}"
                journal.begin(run, "digest")
                journal.link(run, changes)
                journal.end(run)
            with Store.open(tmp_path, write=True) as store:
                project_journal(store, journal)
                assert project_journal(store, journal) == 0
            with duckdb.connect(str(tmp_path / FILE), read_only=True) as kept:
                return dict(kept.execute("SELECT anchor, account_id FROM link").fetchall())

    return take


def test_a_link_is_remembered(projected):
    assert projected([link("1", "a"), link("2", "b")]) == {"1": "a", "2": "b"}


def test_newest_link_of_a_person_counts(projected):
    assert projected([link("1", "a")], [link("1", "a", forget=True), link("1", "b")]) == {"1": "b"}


def test_a_forgotten_link_is_gone(projected):
    assert projected([link("1", "a"), link("2", "b")], [link("1", "a", forget=True)]) == {"2": "b"}


def test_forgetting_another_account_forgets_nothing(projected):
    assert projected([link("1", "a")], [link("1", "z", forget=True)]) == {"1": "a"}


def test_a_link_that_replaced_another_and_was_forgotten_leaves_none(projected):
    assert projected([link("1", "b"), link("1", "a"), link("1", "a", forget=True)]) == {}


def test_projecting_after_each_run_gives_what_projecting_once_gives(projected):
    projected([link("1", "a")])
    assert projected([link("1", "a", forget=True)], [link("1", "c"), link("3", "d")]) == {"1": "c", "3": "d"}


def ended(account: str, verb: Verb = Verb.SUSPEND) -> Operation:
    why = Because(situation=Situation.UNQUALIFIED, rule="okta: who", detail="")
    return Operation(id=account, target="okta", verb=verb, anchor=f"of {account}", account_id=account, who="", name="", because=why)


@pytest.fixture
def suspended(tmp_path):
    """Writes what became of accounts into the journal and gives the own suspensions that the store then has: account to state."""
    numbers = itertools.count()

    def take(*facts: tuple[str, EntryKind]) -> dict[str, str]:
        with contextlib.closing(Journal(tmp_path)) as journal, Store.open(tmp_path, write=True) as store:
            run = f"run-{next(numbers)}"
            journal.begin(run, "digest")
            for account, kind in facts:
                outcome = Outcome(operation_id=account, kind=OutcomeKind.DONE, account_id=account)
                journal.conclude(run, ended(account), outcome, (kind,))
            for _ in range(2):
                project_journal(store, journal)
            # The target shows each account as this job left it.
            store._connection.execute("DELETE FROM store.record_version").fetchall()
            store._connection.execute(
                "INSERT INTO store.record_version SELECT target, account_id, state, '', '{}', '', 1, NULL FROM store.rest"
            ).fetchall()
            with store.schemas.step():
                store.do("make_own_suspensions", target="okta")
                return dict(store._connection.execute("SELECT account_id, state FROM own_suspension ORDER BY 1").fetchall())

    return take


def test_account_that_this_job_suspended_or_deactivated_is_remembered(suspended):
    assert suspended(("a", EntryKind.SUSPENDED), ("b", EntryKind.DEACTIVATED)) == {"a": "suspended", "b": "deactivated"}


def test_account_that_is_active_again_or_deleted_is_no_own_suspension(suspended):
    suspended(("a", EntryKind.SUSPENDED), ("b", EntryKind.DEACTIVATED))
    assert suspended(("a", EntryKind.ENDED)) == {"b": "deactivated"}
    assert suspended(("b", EntryKind.ENDED), ("b", EntryKind.DEACTIVATED), ("b", EntryKind.ENDED)) == {}


def test_account_that_was_suspended_and_then_deactivated_is_deactivated(suspended):
    assert suspended(("a", EntryKind.SUSPENDED), ("a", EntryKind.DEACTIVATED)) == {"a": "deactivated"}


def test_store_of_an_earlier_version_opens_without_own_suspensions(tmp_path):
    with Store.open(tmp_path, write=True) as store:
        store._connection.execute("DROP TABLE store.schema_version").fetchall()
        store._connection.execute("DROP TABLE store.rest").fetchall()
    with Store.open(tmp_path, write=True) as store:
        assert store._connection.execute("SELECT * FROM store.rest").fetchall() == []


def test_size_of_a_run_is_stored_once(tmp_path):
    removals = [change(Verb.REMOVE_MEMBER, number, "g") for number in range(3)]
    plan = Plan(
        run_date="2026-03-02",
        planner="0",
        snapshots={},
        mapping="",
        scopes=(),
        census=(),
        operations=(change(Verb.DEACTIVATE, 1), *removals),
        findings=(),
        verdicts=(),
    )
    with contextlib.closing(Journal(tmp_path)) as journal, Store.open(tmp_path, write=True) as store:
        for run in ("one", "two"):
            journal.begin(run, "digest")
            journal.record_planned_size(run, plan)
            project_journal(store, journal)
            project_journal(store, journal)
        found = store.rows("past_run_sizes", target="app", run_date="2026-03-03", days=30)
        assert found == [("2026-03-02", "deactivate", 2), ("2026-03-02", "remove_member", 6)]
        elsewhere = store.rows("past_run_sizes", target="other", run_date="2026-03-03", days=30)
        assert elsewhere == [("2026-03-02", "", 0)]
