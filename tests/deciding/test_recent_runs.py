"""What counts against the limits of a plan beside the plan itself: the operations of other live runs of its day."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from reconcile.apply.journal import Journal
from reconcile.apply.plan_register import PlanPurpose
from reconcile.apply.recent_runs import recently_applied
from reconcile.clock import Clock, stamp
from reconcile.plan.digest import digested
from reconcile.plan.model import Outcome, OutcomeKind, Plan, Verb
from reconcile.plan.override import Override
from reconcile.store.plans.files import save

from .guard_worlds import change

DAY = date(2026, 3, 2)
NIGHT = datetime(2026, 3, 2, 2, tzinfo=UTC)


class Project:
    """A state folder with a journal, at a moment of the test's choice."""

    def __init__(self, state):
        self.state, self.moment, self.runs = state, NIGHT, 0
        self.journal = Journal(state, Clock(lambda: self.moment))

    def apply(self, *operations, day=DAY, kind=OutcomeKind.DONE, undo=False, overridden=(), saved=True, account_id="", unfinished=False):
        """A live run of a plan in which every operation ends in the same way."""
        self.runs += 1
        run = f"run-{self.runs}"
        plan = digested(plan_of(operations, day))
        if saved:
            save(plan, self.state)
        self.journal.plans.register(plan.digest, PlanPurpose.UNDO if undo else PlanPurpose.CURRENT)
        for guard in overridden:
            made = Override(
                plan_digest=plan.digest, guard=guard, by="Rae", why="so", made=stamp(self.moment), until=stamp(self.moment + timedelta(1))
            )
            self.journal.overrides.add(made)
        self.journal.start(run, plan)
        for operation in operations:
            if unfinished:
                self.journal.intend(run, operation)
                continue
            outcome = Outcome(operation_id=operation.id, kind=kind, account_id=account_id or operation.account_id, at=stamp(self.moment))
            self.journal.conclude(run, operation, outcome, ())
        if not unfinished:
            self.journal.end(run)

    def counted(self, day=DAY):
        return [(each.operation.verb, each.operation.account_id) for each in recently_applied(self.state, self.journal, day)]


def plan_of(operations, day):
    return Plan(
        run_date=day.isoformat(), planner="0", snapshots={"app": "the snapshot"}, mapping="", scopes=(), census=(), operations=operations,
        findings=(), verdicts=(),
    )  # fmt: skip


@pytest.fixture
def project(tmp_path) -> Iterator[Project]:
    made = Project(tmp_path)
    with contextlib.closing(made.journal):
        yield made


def leaver(number):
    return change(Verb.DEACTIVATE, number)


def test_every_run_of_the_day_counts(project):
    project.apply(leaver(1))
    project.moment += timedelta(hours=20)
    project.apply(leaver(2))
    assert project.counted() == [(Verb.DEACTIVATE, "a1"), (Verb.DEACTIVATE, "a2")]
    assert {each.snapshot for each in recently_applied(project.state, project.journal, DAY)} == {"the snapshot"}


def test_runs_at_both_sides_of_midnight_are_one_night(project):
    project.moment = datetime(2026, 3, 2, 23, 50, tzinfo=UTC)
    project.apply(leaver(1))
    project.moment += timedelta(minutes=20)
    assert project.counted(date(2026, 3, 3)) == [(Verb.DEACTIVATE, "a1")]


def test_the_night_before_does_not_count(project):
    project.apply(leaver(1))
    project.moment += timedelta(hours=23)
    assert project.counted(date(2026, 3, 3)) == []


def test_a_run_that_ends_after_midnight_is_of_the_day_before(project):
    project.moment = datetime(2026, 3, 3, 0, 20, tzinfo=UTC)
    project.apply(leaver(1))
    project.moment = datetime(2026, 3, 3, 23, 50, tzinfo=UTC)
    assert project.counted(date(2026, 3, 3)) == []


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (OutcomeKind.DONE, True),
        (OutcomeKind.UNKNOWN, True),
        (OutcomeKind.ALREADY, False),
        (OutcomeKind.MOVED, False),
        (OutcomeKind.FAILED, False),
        (OutcomeKind.HELD, False),
    ],
)
def test_what_may_have_been_written_counts_and_nothing_else(project, kind, counts):
    project.apply(leaver(1), kind=kind)
    assert bool(project.counted()) is counts


def test_an_account_that_was_made_counts_although_its_creation_failed(project):
    project.apply(replace(change(Verb.CREATE, 1), account_id=""), kind=OutcomeKind.FAILED, account_id="a1")
    assert project.counted() == [(Verb.CREATE, "a1")]


def test_a_request_whose_outcome_is_not_known_counts(project):
    project.apply(leaver(1), unfinished=True)
    assert project.counted() == [(Verb.DEACTIVATE, "a1")]


def test_a_run_whose_plan_is_lost_counts_with_all_that_it_set_out_to_do(project):
    project.apply(leaver(1), leaver(2), saved=False)
    assert project.counted() == [(Verb.DEACTIVATE, "")] * 2


def test_what_was_undone_does_not_count_and_neither_does_undoing_it(project):
    project.apply(leaver(1), leaver(2))
    project.apply(replace(leaver(1), id="back", verb=Verb.REACTIVATE), undo=True)
    assert project.counted() == [(Verb.DEACTIVATE, "a2")]


def test_an_account_that_works_as_before_counts_neither_as_ended_nor_as_awakened(project):
    project.apply(leaver(1))
    project.apply(change(Verb.REACTIVATE, 1))
    assert project.counted() == []


def test_account_created_and_ended_on_one_day_is_no_loss(project):
    project.apply(change(Verb.CREATE, 1))
    project.apply(leaver(1))
    assert project.counted() == []


def test_what_an_undo_gives_back_of_an_earlier_day_is_no_gain(project):
    project.apply(change(Verb.REACTIVATE, 1), change(Verb.ADD_MEMBER, 1, "sales"), change(Verb.REMOVE_MEMBER, 1, "it"), undo=True)
    assert project.counted() == [(Verb.REMOVE_MEMBER, "a1")]


def test_an_account_that_is_suspended_and_then_deactivated_counts_once(project):
    project.apply(change(Verb.SUSPEND, 1))
    project.apply(leaver(1))
    assert project.counted() == [(Verb.DEACTIVATE, "a1")]


def test_accounts_that_are_deleted_count(project):
    project.apply(change(Verb.DELETE, 1))
    assert project.counted() == [(Verb.DELETE, "a1")]


def test_the_guards_that_a_run_overrode_are_known(project):
    project.apply(leaver(1), overridden=["app.deactivate"])
    (found,) = recently_applied(project.state, project.journal, DAY)
    assert found.overridden == {"app.deactivate"}
