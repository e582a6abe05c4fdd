"""What the approval policy asks for: which plans need approval, of how many people, and when a second pair of eyes."""

import contextlib
from dataclasses import replace

import pytest

from reconcile.apply.journal import Journal
from reconcile.apply.plan_register import PlanPurpose
from reconcile.decide.approval import ApprovalFacts, Usual, missing_approval, usual_of
from reconcile.plan.approval import Approval, RowDecision, not_approved, standing_approvals
from reconcile.plan.model import Plan, Verb, Verdict
from reconcile.project.approval_policy import ApprovalNeed, ApprovalPolicy

from .guard_worlds import deactivations

NOW = "2026-03-02T12:00:00+00:00"
FACTS = ApprovalFacts(now=NOW)
RISK = ApprovalPolicy(needed=ApprovalNeed.RISK)
ALWAYS = ApprovalPolicy(needed=ApprovalNeed.ALWAYS)


def plan(*operations, **more):
    said = {"snapshots": {}, "mapping": "", "scopes": (), "census": (), "findings": (), "verdicts": (), **more}
    return Plan(run_date="2026-03-02", planner="0", operations=operations, **said)


def approval(by, until="2026-03-03T12:00:00+00:00", **more):
    return Approval(plan_digest="", by=by, why="looked at it", made="2026-03-02T08:00:00+00:00", until=until, **more)


def approved(made, *approvals):
    return replace(made, approvals=standing_approvals(approvals))


DEACTIVATIONS = tuple(deactivations(3))


def test_policy_of_never_asks_for_nothing():
    assert not missing_approval(plan(*DEACTIVATIONS), ApprovalPolicy(), FACTS)


def test_policy_of_always_asks_for_every_plan_that_does_something():
    assert "needs the approval of 1 person" in missing_approval(plan(*DEACTIVATIONS), ALWAYS, FACTS)
    assert not missing_approval(plan(), ALWAYS, FACTS)


@pytest.mark.parametrize("verb", [Verb.DELETE, Verb.DELETE_GROUP, Verb.RESET_FACTORS, Verb.RESET_PASSWORD])
def test_what_cannot_be_undone_is_a_risk(verb):
    missing = missing_approval(plan(replace(DEACTIVATIONS[0], verb=verb)), RISK, FACTS)
    assert "cannot be undone" in missing


def test_privileged_access_and_a_guard_are_risks_and_plain_changes_are_none():
    assert not missing_approval(plan(*DEACTIVATIONS), RISK, FACTS)
    assert "privileged access" in missing_approval(plan(replace(DEACTIVATIONS[0], privileged=True)), RISK, FACTS)
    verdict = Verdict(guard="app.deactivate", passed=False, count=3, accounts=3, population=4, message="too many.")
    assert "the guard app.deactivate refuses it" in missing_approval(plan(*DEACTIVATIONS, verdicts=(verdict,)), RISK, FACTS)


@pytest.mark.parametrize(
    ("most", "floor", "known", "asked"), [(2, 0, True, True), (3, 0, True, False), (2, 3, True, False), (2, 0, False, False)]
)
def test_more_than_on_any_earlier_day_is_a_risk_once_enough_days_are_known(most, floor, known, asked):
    target = DEACTIVATIONS[0].target
    facts = replace(FACTS, usual=Usual({(target, "deactivate"): most}, known, floor))
    assert bool(missing_approval(plan(*DEACTIVATIONS), RISK, facts)) is asked


def test_usual_is_the_largest_day_of_the_last_ones_and_two_runs_of_a_day_count_together():
    rows = [(f"r{day}", f"2026-02-{day:02}", "", "", 0) for day in range(1, 7)]
    rows += [("r1", "2026-02-01", "app", "update", 90), ("r5", "2026-02-05", "app", "update", 4), ("s5", "2026-02-05", "app", "update", 3)]
    rows += [("r6", "2026-02-06", "app", "update", 5), ("today", "2026-03-02", "app", "update", 500)]
    usual = usual_of(rows, "2026-03-02", nights=5, floor=1)
    assert (usual.most, usual.known) == ({("app", "update"): 7}, True)
    assert not usual_of(rows[3:6], "2026-03-02", nights=5, floor=1).known


def test_expired_approval_is_no_consent_and_its_rows_stay_held():
    old = approval("Ana", until=NOW, rows={"a": RowDecision.HOLD})
    made = approved(plan(*DEACTIVATIONS), old)
    assert "the approval of Ana expired" in missing_approval(made, ALWAYS, FACTS)
    assert not_approved(made.approvals) == {"a": "held by Ana: looked at it"}


def test_one_person_is_one_in_any_writing_of_the_name_and_the_last_word_counts():
    both = approved(plan(*DEACTIVATIONS), approval("Ana Lind", rows={"a": RowDecision.HOLD}), approval("ana  LIND"))
    assert not not_approved(both.approvals)
    two = ALWAYS.model_copy(update={"people": 2})
    assert "1 of 2 approved (ana  LIND)" in missing_approval(both, two, FACTS)
    assert not missing_approval(approved(both, *both.approvals, approval("Bo")), two, FACTS)


def test_one_person_is_enough_to_hold_a_row_and_a_rejection_is_the_stronger_word():
    said = (approval("Ana", rows={"a": RowDecision.REJECT, "b": RowDecision.HOLD}), approval("Bo", rows={"a": RowDecision.HOLD}))
    assert not_approved(said) == {"a": "rejected by Ana: looked at it", "b": "held by Ana: looked at it"}


@pytest.mark.parametrize(
    ("author", "people", "enough"),
    [
        ("ana", ["Ana"], False),
        ("ana", ["Ana", "Bo"], True),
        ("ana", ["Bo"], True),
        ("", ["Bo"], False),
        ("", ["Bo", "Cy"], True),
        (None, [], True),
    ],
)
def test_changed_configuration_needs_another_person_than_its_author(author, people, enough):
    policy = ApprovalPolicy(four_eyes=True)
    made = approved(plan(*DEACTIVATIONS), *map(approval, people))
    assert (not missing_approval(made, policy, replace(FACTS, author=author))) is enough


@pytest.mark.parametrize(
    ("purpose", "operations", "reviewed"),
    [
        (PlanPurpose.CURRENT, DEACTIVATIONS, True),
        (PlanPurpose.CURRENT, (), False),
        (PlanPurpose.ACTION, DEACTIVATIONS, False),
        (PlanPurpose.UNDO, DEACTIVATIONS, False),
        (PlanPurpose.RESTORE, DEACTIVATIONS, False),
    ],
)
def test_only_a_plan_of_the_mappings_that_changes_something_ends_the_wait_for_a_second_pair_of_eyes(
    tmp_path, purpose, operations, reviewed
):
    assert _is_reviewed(tmp_path, plan(*operations, mapping="edited", digest="d1"), purpose) is reviewed


@pytest.mark.parametrize(
    ("by", "until", "reviewed"), [("Bo", "9999", True), ("Ana", "9999", False), ("Bo", "2026-03-01T12:00:00+00:00", False)]
)
def test_plan_that_changes_nothing_ends_it_where_another_person_approved_it(tmp_path, by, until, reviewed):
    made = approved(plan(mapping="edited", digest="d1"), approval(by, until))
    assert _is_reviewed(tmp_path, made, PlanPurpose.CURRENT) is reviewed


def _is_reviewed(state, made, purpose):
    """Whether a run of the plan ends the wait."""
    with contextlib.closing(Journal(state)) as journal:
        journal.approvals.planned_with("edited", "ana")
        journal.plans.register(made.digest, purpose)
        journal.start("r1", made)
        return journal.approvals.author_of_new("edited") is None
