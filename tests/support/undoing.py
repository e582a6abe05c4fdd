"""The plan that undoes a run, as values: made through files, a batch of steps at a time; and of all steps together in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from reconcile.decide.undo.batches import UndoTerms
from reconcile.decide.undo.inverse import Wanted
from reconcile.decide.undo.inverse import inverse as inverse_of_steps
from reconcile.decide.undo.irreversible import OfMany, irreversible_findings
from reconcile.plan.digest import digested
from reconcile.plan.model import Finding, Operation, Plan, Run, Verb
from reconcile.plan.operation_rows import in_memory
from reconcile.plan.placeholders import resolved
from reconcile.store.plans.files import load, save
from reconcile.store.plans.run_steps import RunStep
from reconcile.usecases.undo import undo_in_scratch


def inverse(plan: Plan, run: Run, only: Collection[str] | None = None, **terms: Any) -> Plan:
    """What undoes a run of a plan, before a guard has judged it. `only`: the ids of its rows that are wanted; `terms`: those of `UndoTerms`."""
    with tempfile.TemporaryDirectory() as folder:
        whole = digested(plan)
        save(whole, Path(folder))
        saved = replace(load(Path(folder), whole.digest), snapshots=plan.snapshots)
        with undo_in_scratch(saved, run, UndoTerms(only=only, **terms), Path(folder) / "undo") as back:
            return digested(in_memory(back))


def inverse_at_once(plan: Plan, run: Run, only: Collection[str] | None = None) -> tuple[tuple[Operation, ...], tuple[Finding, ...]]:
    """The operations and the findings of `inverse`, of all steps as one batch."""
    outcomes = {each.operation_id: each for each in run.outcomes}
    made = {id_: each.account_id for id_, each in outcomes.items()}
    reached = [(number, each) for number, each in enumerate(plan.operations) if each.id in outcomes]
    steps = [RunStep(resolved(each, made), outcomes[each.id], number) for number, each in reached]
    deleted = {
        (each.operation.target, each.operation.entitlement_id) for each in steps if each.done and each.operation.verb is Verb.DELETE_GROUP
    }
    part = inverse_of_steps(run.id, steps, deleted, Wanted(only))
    many = OfMany()
    many.add(part.steps)
    single = (finding for _, finding in irreversible_findings(run.id, part.steps))
    return part.operations, (*single, *many.findings(run.id), *part.left_out.findings())
