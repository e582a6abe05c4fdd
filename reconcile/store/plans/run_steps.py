"""The operations that a run reached, with what came of each, in batches that can be undone by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

import polars as pl

from reconcile.plan.model import Operation, Outcome, OutcomeKind
from reconcile.plan.placeholders import resolved
from reconcile.plan.tables import OPERATIONS
from reconcile.store.plans.scratch_plan import ScratchPlan

BATCH = 500
"""Steps that are in hand at once; more where one component has more."""
WRITTEN = 10_000
"""Outcomes that are written at once."""


@dataclass(frozen=True, slots=True)
class RunStep:
    """One operation of a run, with what came of it."""

    operation: Operation
    outcome: Outcome
    """Without its moment and its answer."""
    position: int
    """Position of the operation in its plan."""
    component: int = 0

    @property
    def done(self) -> bool:
        return self.outcome.kind is OutcomeKind.DONE


class RunSteps:
    """The steps of a run of the plan that a scratch plan reads as `operation`."""

    def __init__(self, scratch: ScratchPlan, outcomes: Iterable[Outcome]) -> None:
        self._scratch = scratch
        scratch.do("make_recorded_outcomes")
        rows = iter(outcomes)
        while some := list(islice(rows, WRITTEN)):
            scratch.put("recorded_outcome", _frame(some))
        scratch.do("make_run_outcomes")
        scratch.do("make_run_steps")
        self._merge()

    def batches(self) -> Iterator[list[RunStep]]:
        """Yields the steps in the order of the plan, whole components at a time."""
        batch: list[RunStep] = []
        for _, component in groupby(map(_step, self._scratch.rows("steps_by_component")), key=attrgetter("component")):
            batch += component
            if len(batch) >= BATCH:
                yield self._resolved(batch)
                batch = []
        if batch:
            yield self._resolved(batch)

    def groups_deleted(self) -> frozenset[tuple[str, str]]:
        """The groups that the run deleted, by target and id."""
        return frozenset(self._scratch.rows("groups_deleted"))

    def _resolved(self, batch: Sequence[RunStep]) -> list[RunStep]:
        """Steps in the order of the plan, with the ids of the accounts that texts of their values stand for."""
        asked = {id_ for step in batch for id_ in step.operation.placeholders.values()}
        made = dict(self._scratch.rows("accounts_made", ids=sorted(asked))) if asked else {}
        return [
            replace(step, operation=resolved(step.operation, made)) if made else step for step in sorted(batch, key=attrgetter("position"))
        ]

    def _merge(self) -> None:
        """Makes one component of those that decide about each other."""
        above: dict[int, int] = {}
        for one, other in self._scratch.rows("step_pairs"):
            first, second = sorted((_top(above, one), _top(above, other)))
            if first != second:
                above[second] = first
        self._scratch.do("make_merged_components")
        parts = iter([(each, _top(above, each)) for each in above])
        while some := list(islice(parts, WRITTEN)):
            self._scratch.put("merged_component", pl.DataFrame(some, schema={"component": pl.Int64, "whole": pl.Int64}, orient="row"))
        self._scratch.do("merge_components")


def _top(above: dict[int, int], component: int) -> int:
    """The whole that a component is a part of, or itself. What was passed on the way is put right below it."""
    top = component
    while top in above:
        top = above[top]
    while component != top:
        above[component], component = top, above[component]
    return top


def _step(row: Sequence[Any]) -> RunStep:
    component, position, kind, account_id, entitlement_id, *cells = row
    operation = OPERATIONS.value(cells)
    outcome = Outcome(operation_id=operation.id, kind=OutcomeKind(kind), account_id=account_id, entitlement_id=entitlement_id)
    return RunStep(operation, outcome, position, component)


def _frame(outcomes: Sequence[Outcome]) -> pl.DataFrame:
    columns = {
        "operation": [each.operation_id for each in outcomes],
        "kind": [each.kind.value for each in outcomes],
        "account_id": [each.account_id for each in outcomes],
        "entitlement_id": [each.entitlement_id for each in outcomes],
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
