"""What a run prints for a log or a mail: leavers who still have access first, then each failure by name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan, Run, Verb, Verdict
from reconcile.plan.origin import ReadScope
from reconcile.plan.waits import WaitCause, Waiting
from reconcile.report.ended import ended_counts
from reconcile.report.run_summary import NAMED, document, failure_lines, run_line, summarize
from tests.support import documents as report_json

AT = "2026-11-22T02:31:07.123+00:00"


def run_of(*ended: tuple[int, OutcomeKind, str]) -> Run:
    outcomes = tuple(Outcome(operation_id=f"{number:012x}", kind=kind, detail=detail) for number, kind, detail in ended)
    return Run(id="r-1", plan_digest="3f9c2a11b0de4455", live=True, started=AT, ended=AT, outcomes=outcomes)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (OutcomeKind.FAILED, "failed"),
        (OutcomeKind.UNKNOWN, "unknown"),
        (OutcomeKind.MOVED, "moved since the plan"),
        (OutcomeKind.HELD, "held"),
    ],
)
@pytest.mark.parametrize("verb", [Verb.DEACTIVATE, Verb.SUSPEND])
def test_leaver_whose_account_was_not_ended_is_named_before_everything_else(plan_of, operation, verb, kind, word):
    plan = plan_of(operation(1), operation(2, verb))
    run = run_of((1, OutcomeKind.DONE, ""), (2, kind, "status 403"))
    line = run_line(summarize(plan, run, at=AT), plan, run)
    assert line.startswith(f"{AT}: still have access: user2@example.com in okta ({word}); 2026-11-22 plan 3f9c2a11b0de: ")


def test_leaver_whose_account_was_ended_is_not_named(plan_of, operation):
    plan = plan_of(operation(1, Verb.DEACTIVATE), operation(2, Verb.DELETE), operation(3, Verb.SUSPEND))
    run = run_of((1, OutcomeKind.DONE, ""), (2, OutcomeKind.FAILED, "no"), (3, OutcomeKind.ALREADY, ""))
    assert "still have access" not in run_line(summarize(plan, run, at=AT), plan, run)


def test_refused_run_names_the_leavers_who_keep_access_because_of_it(plan_of, operation):
    refusing = Verdict(guard="okta.deactivate", passed=False, count=1, accounts=1, population=10, message="too many")
    plan = plan_of(operation(1, Verb.DEACTIVATE), verdicts=(refusing,))
    assert run_line(summarize(plan, None, at=AT), plan, None).startswith(
        f"{AT}: still have access: user1@example.com in okta (refused by okta.deactivate); "
    )


def test_run_that_only_plans_names_the_leavers_who_wait_for_review(plan_of, operation):
    plan = plan_of(operation(1, Verb.DEACTIVATE))
    assert "still have access: user1@example.com in okta (waits for review); " in run_line(summarize(plan, None, at=AT), plan, None)


def test_leaver_whom_an_interrupted_run_did_not_reach_is_named(plan_of, operation):
    plan = plan_of(operation(1, Verb.DEACTIVATE))
    run = run_of()
    assert "still have access: user1@example.com in okta (without an outcome); " in run_line(summarize(plan, run, at=AT), plan, run)


def test_leavers_who_are_frozen_are_named_with_what_they_wait_for(plan_of):
    waiting = Waiting(source="hr", subject="hr.csv", cause=WaitCause.UNTRUSTED, people=9, leavers=2, sample=("Ann (1)", "Bo (2)", "Cy (3)"))
    idle = replace(waiting, subject="other.csv", leavers=0)
    plan = plan_of(waiting=(waiting, idle))
    assert run_line(summarize(plan, None, at=AT), plan, None).startswith(
        f"{AT}: still have access: Ann (1), Bo (2) (2 leavers wait for hr.csv); "
    )
    many = plan_of(waiting=(replace(waiting, leavers=8),))
    assert "Ann (1), Bo (2), Cy (3) and 5 more (8 leavers wait for hr.csv)" in run_line(summarize(many, None, at=AT), many, None)


def test_many_leavers_are_named_up_to_a_limit_and_counted_beyond_it(plan_of, operation):
    plan = plan_of(*(operation(number, Verb.DEACTIVATE) for number in range(1, NAMED + 4)))
    line = run_line(summarize(plan, None, at=AT), plan, None)
    assert f"user{NAMED}@example.com in okta (waits for review), and 3 more; " in line
    assert f"user{NAMED + 1}@example.com" not in line


def test_each_failure_is_a_line_and_those_of_leavers_are_first(plan_of, operation):
    plan = plan_of(operation(1), operation(2), operation(3, Verb.DEACTIVATE), operation(4, Verb.ADD_MEMBER, entitlement="sales"))
    run = run_of(
        (1, OutcomeKind.HELD, "it depends on 2"),
        (2, OutcomeKind.FAILED, "title: too long"),
        (3, OutcomeKind.MOVED, "gone"),
        (4, OutcomeKind.UNKNOWN, ""),
    )
    assert failure_lines(summarize(plan, run, at=AT)) == [
        "MOVED SINCE THE PLAN  deactivate user3@example.com, okta: gone",
        "FAILED  update user2@example.com, okta: title: too long",
        "UNKNOWN  add_member user4@example.com (sales), okta",
        "HELD  update user1@example.com, okta: it depends on 2",
    ]


def test_many_failures_are_named_up_to_a_limit_and_counted_beyond_it(plan_of, operation):
    numbers = range(1, NAMED + 3)
    plan = plan_of(*map(operation, numbers))
    run = run_of(*((number, OutcomeKind.FAILED, "no") for number in numbers))
    lines = failure_lines(summarize(plan, run, at=AT))
    assert (len(lines), lines[-1]) == (NAMED + 1, "and 2 more")
    assert len(document(summarize(plan, run, at=AT))["failures"]) == NAMED + 2


def test_names_and_answers_cannot_write_to_the_terminal(plan_of, operation):
    plan = plan_of(operation(1, Verb.DEACTIVATE, who="a\x1b[2Jb\u202ec\x9b\n"))
    run = run_of((1, OutcomeKind.FAILED, "no\x1b]0;x\x07\nFAKE"))
    summary = summarize(plan, run, at=AT)
    for line in (run_line(summary, plan, run), *failure_lines(summary)):
        assert line.isprintable()


def test_programs_get_the_same_facts(plan_of, operation):
    unread = ReadScope(system="okta", scope="accounts", complete=False, rows=0, reason="no answer")
    plan = plan_of(operation(1, Verb.DEACTIVATE), scopes=(unread,))
    run = run_of((1, OutcomeKind.FAILED, "status 403"))
    told = json.loads(report_json.document(plan, run, {"night": document(summarize(plan, run, at=AT))}))["night"]
    assert told == {
        "at": AT,
        "still_active": [{"who": "user1@example.com", "target": "okta", "why": "failed"}],
        "frozen_leavers": [],
        "failures": [
            {
                "operation": f"{1:012x}",
                "verb": "deactivate",
                "who": "user1@example.com",
                "target": "okta",
                "outcome": "failed",
                "detail": "status 403",
                "answer": None,
            }
        ],
        "by_hand": [],
        "not_read": ["okta: accounts: no answer"],
    }


@given(st.lists(st.sampled_from([*OutcomeKind, None]), max_size=12))
def test_operations_of_a_run_are_counted_by_how_they_ended_also_where_all_were_reached(
    operation: Callable[..., Operation], plan_of: Callable[..., Plan], kinds: Sequence[OutcomeKind | None]
) -> None:
    verbs = [Verb.CREATE, Verb.UPDATE]
    rows = [operation(number, verbs[number % 2], target="okta" if number % 3 else "wiki") for number in range(len(kinds))]
    ended = tuple(Outcome(operation_id=row.id, kind=kind) for row, kind in zip(rows, kinds, strict=True) if kind)
    run = Run(id="r", plan_digest="d", live=True, started="", ended="", outcomes=ended)
    counted = ended_counts(plan_of(*rows), run)
    expected = Counter((row.target, row.verb, kind) for row, kind in zip(rows, kinds, strict=True))
    assert Counter({(*place, kind): count for place, tally in counted.items() for kind, count in tally.items() if count}) == expected
