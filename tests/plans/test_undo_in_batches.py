"""An undo is made some hundred steps at a time, and plans what it would plan of all steps together."""

import gc
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Opening
from reconcile.decide.undo.batches import UndoTerms
from reconcile.errors import FileUnusable
from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.digest import digested
from reconcile.plan.model import Cause, Operation, Outcome, OutcomeKind, Plan, Run, Verb
from reconcile.plan.waits import WaitCause, Waiting
from reconcile.store.plans import run_steps
from reconcile.store.plans.files import load, save
from reconcile.store.plans.run_steps import BATCH, RunSteps
from reconcile.store.plans.scratch_plan import ScratchPlan
from reconcile.usecases.undo import undo_in_scratch
from tests.support.examples import examples
from tests.support.undoing import inverse, inverse_at_once

from .small_plans import link, operation, plan_of

STATES = {
    Verb.DEACTIVATE: ("active", "deactivated"),
    Verb.SUSPEND: ("active", "suspended"),
    Verb.REACTIVATE: ("suspended", "active"),
    Verb.DELETE: ("deactivated", ""),
}
MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)
GROUPS = (Verb.CREATE_GROUP, Verb.UPDATE_GROUP, Verb.DELETE_GROUP)
VERBS = (Verb.CREATE, Verb.UPDATE, Verb.RENAME, Verb.RESET_PASSWORD, *STATES, *MEMBERSHIPS, *GROUPS)
NAMES = ("login", "mail")
VALUES = st.sampled_from(["ann", "ANN", "bob", "cid"])


@st.composite
def steps(draw: st.DrawFn) -> tuple[list[Operation], list[Outcome]]:
    """Operations on few accounts, most of which wait for earlier ones, and how some of them ended."""
    made: list[Operation] = []
    outcomes = []
    for number in range(draw(st.integers(1, 14))):
        verb = draw(st.sampled_from(VERBS))
        needed = draw(st.lists(st.sampled_from(made), max_size=2, unique_by=lambda each: each.id)) if made else []
        made.append(draw(operations(number, verb, tuple(sorted(each.id for each in needed)))))
        kind = draw(st.sampled_from([OutcomeKind.DONE] * 6 + list(OutcomeKind)))
        account = made[-1].account_id or (f"made{draw(st.integers(0, 2))}" if verb not in GROUPS and kind is not OutcomeKind.MOVED else "")
        outcomes.append(Outcome(operation_id=made[-1].id, kind=kind, account_id=account))
    return made, [each for each in outcomes if draw(st.integers(0, 9))]


@st.composite
def operations(draw: st.DrawFn, number: int, verb: Verb, needed: tuple[str, ...]) -> Operation:
    if verb in GROUPS:
        # No account is among those of groups.
        return operation(
            number, verb, target="rope", anchor="", account_id="", who="", name="", entitlement_id=draw(GROUP), depends_on=needed
        )
    existing = verb is not Verb.CREATE and draw(st.integers(0, 4)) > 0
    account = f"acc{draw(st.integers(0, 3))}" if existing else ""
    about = {"anchor": f"N{account[3:] or number}", "account_id": account, "depends_on": needed, "deactivated": draw(st.booleans())}
    identity = {"account": {name: draw(VALUES) for name in NAMES}}
    if verb in STATES:
        before, after = STATES[verb]
        return operation(
            number,
            verb,
            before={"state": draw(st.sampled_from([before, "staged", "unknown"]))},
            after={"state": after},
            **about,
            **identity,
        )
    if verb in MEMBERSHIPS:
        held = verb is Verb.REMOVE_MEMBER
        return operation(number, verb, before={"member": held}, after={"member": not held}, entitlement_id=draw(GROUP), **about, **identity)
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    values = {side: {name: draw(VALUES) for name in names} for side in ("before", "after")}
    opening = draw(st.sampled_from([Opening.SILENT, Opening.LATER])) if verb is Verb.CREATE else Opening.SILENT
    return operation(number, verb, opening=opening, **values, **about, **identity)


GROUP = st.sampled_from(["g1", "g2"])


def run_of(plan: Plan, outcomes: Sequence[Outcome]) -> Run:
    return Run(id="R1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=tuple(outcomes))


def agreed(plan: Plan, run: Run, only: Collection[str] | None = None) -> Plan:
    """The undo, once it was compared with that of all steps as one batch."""
    back = inverse(plan, run, only)
    assert (back.operations, back.findings) == inverse_at_once(plan, run, only)
    accounts = {(each.target, each.account_id) for each in back.operations}
    links = [each for each in plan.links if only is None or (each.target, each.account_id) in accounts]
    assert list(back.links) == [replace(each, forget=not each.forget, because=f"undoes R1: {each.because}") for each in links]
    assert (back.verdicts, back.names) == ((), ())
    return back


@examples(30)
@given(steps(), st.sets(st.integers(0, 14)))
def test_an_undo_of_batches_is_that_of_all_steps_together(found, chosen):
    made, outcomes = found
    plan = plan_of(made, links=[replace(link(number), account_id=f"acc{number}") for number in range(2)])
    run = run_of(plan, outcomes)
    # Of so few steps all would be one batch.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_steps, "BATCH", 1)
        back = agreed(plan, run)
        agreed(plan, run, {each.id for number, each in enumerate(back.operations) if number in chosen})


def many(count: int) -> list[Operation]:
    return [
        operation(number, Verb.DEACTIVATE, before={"state": "active"}, after={"state": "deactivated"}, account={"login": f"crew{number}"})
        for number in range(count)
    ]


def done(operations: Sequence[Operation]) -> list[Outcome]:
    return [Outcome(operation_id=each.id, kind=OutcomeKind.DONE, account_id=each.account_id) for each in operations]


def test_undo_holds_a_few_hundred_operations_at_once(tmp_path):
    count = 10 * BATCH
    whole = plan_of(many(count))
    save(whole, tmp_path)
    plan, run = load(tmp_path, whole.digest), run_of(whole, done(tuple(whole.operations)))
    del whole
    held = [0]
    gc.collect()
    of_other_tests = _operations_in_memory()

    def ended(_operations):
        held[0] = max(held[0], _operations_in_memory() - of_other_tests)
        return {}

    with undo_in_scratch(plan, run, UndoTerms(ended=ended), tmp_path / "scratch") as back:
        assert len(back.operations) == count
        assert [each.account_id for each in back.operations] == sorted(f"acc{number}" for number in range(count))
    # Those of a batch, what undoes them in three stages, and the batch before.
    assert 0 < held[0] <= 6 * BATCH


def _operations_in_memory() -> int:
    return sum(isinstance(each, Operation) for each in gc.get_objects())


def test_steps_that_decide_about_each_other_are_in_one_batch(tmp_path):
    freeing = operation(1, before={"mail": "ann"}, after={"mail": "cid"})
    taking = operation(2, before={"mail": "bob"}, after={"mail": "ann"}, depends_on=(freeing.id,))
    into_a_group = operation(3, Verb.ADD_MEMBER, depends_on=(operation(4, Verb.CREATE_GROUP).id,))
    group = operation(4, Verb.CREATE_GROUP, account_id="", anchor="")
    of_one_account = operation(5, account_id="acc3", before={"mail": ""}, after={"mail": "x"})
    plan = plan_of(every := [freeing, taking, into_a_group, group, of_one_account])
    save(plan, tmp_path)
    (tmp_path / "scratch").mkdir()
    with closing(ScratchPlan(tmp_path / "scratch", {"operation": load(tmp_path, plan.digest).operations.file})) as scratch:
        (batch,) = RunSteps(scratch, done(every)).batches()
        components = {each.operation.id: each.component for each in batch}
    assert components[freeing.id] == components[taking.id]
    assert components[into_a_group.id] == components[of_one_account.id]
    assert len(set(components.values())) == 3


def test_a_scratch_plan_that_cannot_be_made_names_its_file(tmp_path):
    with pytest.raises(FileUnusable, match=r"scratch\.duckdb"):
        ScratchPlan(tmp_path / "no folder")


def test_what_the_rows_of_a_run_had_in_common_and_who_waited_is_not_said_of_its_undo():
    every = many(3)
    cause = Cause(target="desk", verb=Verb.UPDATE, kind=CauseKind.PEOPLE, name="department", value="Sales", explained=3, of=3)
    waits = Waiting(source="hr", subject="hr.csv", cause=WaitCause.ROW, people=1, leavers=0, sample=("ann",))
    plan = replace(plan_of(every), causes=(cause,), waiting=(waits,))
    back = inverse(plan, run_of(plan, done(every)))
    assert len(back.operations) == len(every)
    assert (back.causes, back.waiting) == ((), ())


def test_a_run_that_reached_nothing_is_undone_by_an_empty_plan():
    plan = plan_of(many(3))
    assert inverse(plan, run_of(plan, ())).operations == ()
    assert digested(inverse(plan, run_of(plan, ()))).findings == ()
