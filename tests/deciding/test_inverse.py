"""The inverse of a run, operation by operation: what it does, in which order, and what it says it cannot do."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.undo.inverse import Wanted
from reconcile.decide.undo.inverse import inverse as inverse_of_steps
from reconcile.decide.undo.left_since import left_since, read_anew, why_ended
from reconcile.plan.model import (
    Because,
    FindingKind,
    LinkChange,
    Operation,
    Outcome,
    OutcomeKind,
    Plan,
    Run,
    Severity,
    Situation,
    Verb,
)
from reconcile.plan.next_run import on_next_run
from reconcile.store.plans.run_steps import RunStep
from tests.support.undoing import inverse

WHY = Because(situation=Situation.CONFIRMED, rule="app: attributes", detail="So it is.")


def operation(id_: str, verb: Verb, account: str, before: Mapping[str, Any], after: Mapping[str, Any], **rest: Any) -> Operation:
    person = {"anchor": f"E{account[1:]}", "who": f"{account}@x", "name": ""}
    created = "" if verb is Verb.CREATE else account
    return Operation(id=id_, target="app", verb=verb, account_id=created, before=before, after=after, because=WHY, **{**person, **rest})


def plan_of(*operations: Operation, **rest: Any) -> Plan:
    nothing = {"scopes": (), "census": (), "findings": (), "verdicts": (), "links": ()}
    return Plan(run_date="2026-03-02", planner="0", snapshots={}, mapping="m", operations=operations, **{**nothing, **rest})


def undone(*operations: Operation, kinds: Mapping[str, OutcomeKind] | None = None, **rest: Any) -> Plan:
    """The inverse of a run in which everything was done but what `kinds` says."""
    outcomes = tuple(
        Outcome(operation_id=each.id, kind=(kinds or {}).get(each.id, OutcomeKind.DONE), account_id=each.account_id or f"new {each.id}")
        for each in operations
    )
    return inverse(plan_of(*operations, **rest), Run(id="R1", plan_digest="d", live=True, started="", ended="", outcomes=outcomes))


def test_only_the_rows_that_were_chosen_are_undone_and_the_others_are_counted():
    steps = (
        state("1", Verb.DEACTIVATE, "active", "deactivated"),
        operation("2", Verb.DEACTIVATE, "a2", {"state": "active"}, {"state": "deactivated"}),
        operation("3", Verb.RESET_PASSWORD, "a2", {}, {}),
    )
    outcomes = tuple(Outcome(operation_id=each.id, kind=OutcomeKind.DONE, account_id=each.account_id) for each in steps)
    run, plan = Run(id="R1", plan_digest="d", live=True, started="", ended="", outcomes=outcomes), plan_of(*steps)
    first, second = inverse(plan, run).operations
    only = inverse(plan, run, {first.id})
    assert only.operations == (first,)
    told = [each.message for each in only.findings]
    assert [each for each in told if "left out by --only" in each] == [
        "1 row of app left out by --only: the accounts stay as they are in these rows."
    ]
    assert sum("1 account can be used again" in each for each in told) == 1
    assert not any("password of" in each for each in told)
    assert any("password of" in each.message for each in inverse(plan, run, {second.id}).findings)


def test_what_is_left_out_for_a_reason_takes_what_waits_for_it_along_and_is_not_told_as_undone():
    steps = (member("1", Verb.REMOVE_MEMBER), state("2", Verb.DEACTIVATE, "active", "deactivated"))
    outcomes = tuple(Outcome(operation_id=each.id, kind=OutcomeKind.DONE, account_id=each.account_id) for each in steps)
    run, plan = Run(id="R1", plan_digest="d", live=True, started="", ended="", outcomes=outcomes), plan_of(*steps)
    woken, _ = inverse(plan, run).operations
    asked = [RunStep(step, outcome, number) for number, (step, outcome) in enumerate(zip(steps, outcomes, strict=True))]
    without = inverse_of_steps("R1", asked, (), Wanted(without=lambda _: {woken.id}))
    assert without.operations == ()
    assert without.steps == []
    assert list(without.left_out.findings()) == []


def test_who_left_since_gets_nothing_back_and_loses_what_the_run_gave():
    ended = {("app", "a1"): "the sources give this person no account"}
    operations = (
        state("1", Verb.REACTIVATE, "deactivated", "active"),
        member("2", Verb.ADD_MEMBER),
        member("3", Verb.REMOVE_MEMBER),
        member("4", Verb.ADD_MEMBER, account="a2"),
    )
    ids, findings = left_since(operations, ended)
    assert ids == {"1", "2"}
    (finding,) = findings
    assert (finding.account_id, finding.kind) == ("a1", FindingKind.NOT_UNDONE)
    assert "the sources give this person no account" in finding.message


def test_a_source_counts_only_where_it_states_something_else_since_the_run():
    run_plan, now = plan_of(), replace(plan_of(), snapshots={"hr": "b", "app": "z"})
    assert not read_anew(replace(run_plan, snapshots={"hr": "b", "app": "a"}), now, {"hr"})
    assert read_anew(replace(run_plan, snapshots={"hr": "a", "app": "z"}), now, {"hr"})


@pytest.mark.parametrize(
    ("situation", "expected", "ended"),
    [
        (Situation.UNQUALIFIED, Eligibility.NONE, True),
        (Situation.SOURCE_MISSING, None, True),
        (Situation.CONFIRMED, Eligibility.SUSPENDED, True),
        (Situation.CONFIRMED, Eligibility.ACTIVE, False),
        (Situation.UNASSIGNED, None, False),
        (Situation.AMBIGUOUS, Eligibility.ACTIVE, False),
    ],
)
def test_only_a_person_who_surely_should_have_no_account_left(situation, expected, ended):
    assert bool(why_ended(situation, expected)) is ended


def test_a_chosen_row_that_waits_for_one_that_was_not_chosen_is_left_out():
    steps = (member("1", Verb.REMOVE_MEMBER), state("2", Verb.DEACTIVATE, "active", "deactivated"))
    outcomes = tuple(Outcome(operation_id=each.id, kind=OutcomeKind.DONE, account_id=each.account_id) for each in steps)
    run, plan = Run(id="R1", plan_digest="d", live=True, started="", ended="", outcomes=outcomes), plan_of(*steps)
    _, addition = inverse(plan, run).operations
    only = inverse(plan, run, {addition.id})
    assert only.operations == ()
    assert any("2 rows of app left out by --only (1 of them were chosen" in each.message for each in only.findings)


def state(id_: str, verb: Verb, before: str, after: str, **rest: Any) -> Operation:
    return operation(id_, verb, "a1", {"state": before}, {"state": after}, **rest)


def member(id_: str, verb: Verb, account: str = "a1", **rest: Any) -> Operation:
    adding = verb is Verb.ADD_MEMBER
    return operation(id_, verb, account, {"member": not adding}, {"member": adding}, entitlement_id="g1", entitlement="all", **rest)


def told(plan: Plan) -> list[str]:
    return [each.message for each in plan.findings if each.kind is FindingKind.NOT_UNDONE and each.severity is Severity.ATTENTION]


@pytest.mark.parametrize(
    ("verb", "before", "after", "back", "then"),
    [
        (Verb.DEACTIVATE, "active", "deactivated", Verb.REACTIVATE, "active"),
        (Verb.DEACTIVATE, "unknown", "deactivated", Verb.REACTIVATE, "active"),
        (Verb.SUSPEND, "active", "suspended", Verb.REACTIVATE, "active"),
        (Verb.REACTIVATE, "deactivated", "active", Verb.DEACTIVATE, "deactivated"),
        (Verb.REACTIVATE, "staged", "active", Verb.DEACTIVATE, "deactivated"),
        (Verb.REACTIVATE, "suspended", "active", Verb.SUSPEND, "suspended"),
    ],
)
def test_a_change_of_state_is_turned_round(verb, before, after, back, then):
    plan = undone(state("1", verb, before, after))
    (found,) = plan.operations
    assert (found.verb, found.before, found.after, found.account_id) == (back, {"state": after}, {"state": then}, "a1")
    assert found.because.rule == "app: undo R1"
    assert found.because.detail == f"Undoes {verb.value} in R1: So it is."
    assert bool(told(plan)) == (before != then)


def test_what_the_next_run_would_have_made_of_a_row_is_not_said_of_its_undoing():
    done = state("1", Verb.DEACTIVATE, "active", "deactivated")
    lockdown = replace(done.because, detail=f"lockdown, asked for by root: lost. {on_next_run('makes it active again', 'E1')}")
    (found,) = undone(replace(done, because=lockdown)).operations
    assert found.because.detail == "Undoes deactivate in R1: lockdown, asked for by root: lost."


@pytest.mark.parametrize("before", ["suspended", "staged"])
def test_an_account_that_did_not_work_before_is_not_made_to_work(before):
    plan = undone(state("1", Verb.DEACTIVATE, before, "deactivated"))
    assert plan.operations == ()
    assert told(plan)[0].startswith(f"The account of E1 was {before} before it was deactivated. It stays deactivated")


def test_a_created_account_loses_what_it_was_given_and_is_deactivated_never_deleted():
    create = operation("1", Verb.CREATE, "a1", {}, {"login": "a1@x"})
    added = member("2", Verb.ADD_MEMBER, account="new 1", anchor="E1", depends_on=("1",))
    plan = undone(create, added)
    first, second = plan.operations
    assert (first.verb, second.verb, second.account_id) == (Verb.REMOVE_MEMBER, Verb.DEACTIVATE, "new 1")
    assert second.depends_on == ()
    (note,) = plan.findings
    assert note.message == "1 account that R1 created in app can only be deactivated, not deleted, and stay linked to their people: a1@x."


def test_a_leaver_has_the_memberships_again_once_the_account_works():
    plan = undone(member("1", Verb.REMOVE_MEMBER), state("2", Verb.DEACTIVATE, "active", "deactivated"))
    first, second = plan.operations
    assert (first.verb, second.verb) == (Verb.REACTIVATE, Verb.ADD_MEMBER)
    assert second.depends_on == (first.id,)


def test_a_returner_has_the_values_from_before_while_the_account_still_works():
    plan = undone(
        state("1", Verb.REACTIVATE, "deactivated", "active"),
        operation("2", Verb.UPDATE, "a1", {"title": None}, {"title": "clerk"}, depends_on=("1",)),
    )
    first, second = plan.operations
    assert (first.verb, dict(first.before), dict(first.after)) == (Verb.UPDATE, {"title": "clerk"}, {"title": None})
    assert (second.verb, second.depends_on) == (Verb.DEACTIVATE, (first.id,))


def test_an_exchange_goes_back_the_way_it_came():
    plan = undone(
        operation("1", Verb.UPDATE, "a1", {"badge": "a"}, {"badge": "aside"}),
        operation("2", Verb.UPDATE, "a2", {"badge": "b"}, {"badge": "a"}, depends_on=("1",)),
        operation("3", Verb.UPDATE, "a1", {"badge": "aside"}, {"badge": "b"}, depends_on=("1", "2")),
    )
    steps = [(each.account_id, each.before["badge"], each.after["badge"]) for each in plan.operations]
    assert steps == [("a1", "b", "aside"), ("a2", "a", "b"), ("a1", "aside", "a")]


def test_what_a_new_account_took_cannot_come_back_nor_what_waits_for_it():
    """E3 is new and took what E2 gave up for what E1 gave up."""
    plan = undone(
        operation("1", Verb.UPDATE, "a1", {"mail": "one@x", "title": "x"}, {"mail": "zero@x", "title": "y"}),
        operation("2", Verb.UPDATE, "a2", {"mail": "Two@x"}, {"mail": "one@x"}, depends_on=("1",)),
        operation("3", Verb.CREATE, "a3", {}, {"mail": "two@x"}, depends_on=("2",)),
    )
    assert [(each.verb, dict(each.after)) for each in plan.operations] == [
        (Verb.DEACTIVATE, {"state": "deactivated"}),
        (Verb.UPDATE, {"title": "x"}),
    ]
    assert told(plan) == [
        "E1 cannot have mail 'one@x' back: another account took it in R1 and keeps it. Give that one another value first.",
        "E2 cannot have mail 'Two@x' back: another account took it in R1 and keeps it. Give that one another value first.",
    ]


@pytest.mark.parametrize("ours", [True, False])
def test_a_membership_that_comes_back_is_ours_where_it_was(ours):
    (found,) = undone(member("1", Verb.REMOVE_MEMBER, ours=ours)).operations
    assert (found.verb, found.ours) == (Verb.ADD_MEMBER, ours)


@pytest.mark.parametrize("kind", [each for each in OutcomeKind if each is not OutcomeKind.DONE])
def test_only_what_was_done_is_undone(kind):
    plan = undone(state("1", Verb.DEACTIVATE, "active", "deactivated"), kinds={"1": kind})
    assert plan.operations == ()
    assert bool(told(plan)) == (kind is OutcomeKind.UNKNOWN)


def test_an_account_that_was_only_half_made_is_told():
    plan = undone(operation("1", Verb.CREATE, "a1", {}, {"login": "a1@x"}), kinds={"1": OutcomeKind.FAILED})
    assert plan.operations == ()
    assert told(plan) == ["The account new 1 that R1 made for E1 was never finished. It stays as it is; look at it."]


def test_a_deleted_account_stays_deleted_and_that_is_told():
    plan = undone(state("1", Verb.DELETE, "deactivated", "deleted"))
    assert plan.operations == ()
    assert told(plan) == ["The account a1 of E1 was deleted, which cannot be undone."]


def test_links_are_forgotten_and_remembered_the_other_way_round():
    link = LinkChange(target="app", anchor="E1", account_id="a1", because="found by badge")
    gone = LinkChange(target="app", anchor="E2", account_id="a2", because="both sides are gone", forget=True)
    assert [(each.anchor, each.forget, each.because) for each in undone(links=(link, gone)).links] == [
        ("E1", True, "undoes R1: found by badge"),
        ("E2", False, "undoes R1: both sides are gone"),
    ]


def test_an_undone_undoing_is_what_was_planned_first():
    plan = plan_of(operation("1", Verb.UPDATE, "a1", {"title": "x"}, {"title": "y"}), state("2", Verb.DEACTIVATE, "active", "deactivated"))
    for _ in range(2):
        outcomes = tuple(Outcome(operation_id=each.id, kind=OutcomeKind.DONE, account_id="a1") for each in plan.operations)
        plan = inverse(plan, Run(id="R", plan_digest="d", live=True, started="", ended="", outcomes=outcomes))
    assert {(each.verb, tuple(each.after.items())) for each in plan.operations} == {
        (Verb.UPDATE, (("title", "y"),)),
        (Verb.DEACTIVATE, (("state", "deactivated"),)),
    }


def test_an_exchange_whose_last_step_is_unknown_is_left_as_it_is():
    plan = undone(
        operation("1", Verb.UPDATE, "a1", {"badge": "a"}, {"badge": "aside"}),
        operation("2", Verb.UPDATE, "a2", {"badge": "b"}, {"badge": "a"}, depends_on=("1",)),
        operation("3", Verb.UPDATE, "a1", {"badge": "aside"}, {"badge": "b"}, depends_on=("1", "2")),
        kinds={"3": OutcomeKind.UNKNOWN},
    )
    assert plan.operations == ()
    assert [each.split(" badge ")[0] for each in told(plan)[:2]] == ["E1 cannot have", "E2 cannot have"]
    assert told(plan)[2] == "Whether R1 did this for E1 is not known (update), so it is not undone. Look at the account."


def test_step_before_an_unknown_one_is_left_although_its_value_is_free():
    plan = undone(
        operation("1", Verb.UPDATE, "a1", {"badge": "a"}, {"badge": "aside"}),
        operation("2", Verb.UPDATE, "a1", {"badge": "aside"}, {"badge": "b"}, depends_on=("1",)),
        kinds={"2": OutcomeKind.UNKNOWN},
    )
    assert plan.operations == ()
