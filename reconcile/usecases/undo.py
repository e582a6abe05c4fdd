"""The plan that undoes a run: made from its files, judged beside the newest snapshots and bound to what it is judged by."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from reconcile import __version__
from reconcile.decide.fragment import TargetContext
from reconcile.decide.guards.evaluate import judge
from reconcile.decide.guards.facts import SAMPLE, GuardFacts
from reconcile.decide.guards.gathering import guard_facts_of
from reconcile.decide.guards.scratch_rows import ScratchGuardRows
from reconcile.decide.planner import Planned, Planner
from reconcile.decide.undo.batches import UndoTerms, add_undo
from reconcile.plan.digest import digested
from reconcile.plan.model import LOSING, Census, LinkChange, Operation, Plan, Run, Verb
from reconcile.plan.operation_rows import concerned
from reconcile.plan.rows import MappedRows, Rows
from reconcile.snapshot.binding import refuse_another
from reconcile.store.connection import Store
from reconcile.store.plans.run_steps import RunSteps
from reconcile.store.plans.scratch_plan import ScratchOperations, ScratchPlan
from reconcile.store.plans.tables import StoredOperations

TAKING = LOSING | {Verb.REMOVE_MEMBER, Verb.DELETE}
"""The verbs that take access from a person."""


@contextlib.contextmanager
def undo_in_scratch(plan: Plan, run: Run, terms: UndoTerms, folder: Path) -> Iterator[Plan]:
    """The plan that undoes a run of a saved plan, without a digest; no guard has judged it yet. Its rows lie in a scratch plan in a folder, which is made,
    until the context ends.
    """
    operations = plan.operations
    assert isinstance(operations, StoredOperations)
    folder.mkdir(mode=0o700)
    with contextlib.closing(ScratchPlan(folder, {"operation": operations.file})) as scratch:
        accounts = add_undo(scratch, run.id, RunSteps(scratch, run.outcomes), terms)
        operations.tables.refuse_changed()
        links = plan.links if terms.only is None else tuple(each for each in plan.links if (each.target, each.account_id) in accounts)
        back = replace(plan, operations=scratch.operations, findings=scratch.findings, links=_unlinked(run.id, links))
        # What the run's own plan said of its reads, of who waited for them, and of what its rows had in common is not so of this one.
        yield replace(back, planner=__version__, verdicts=(), names=(), scopes=(), waiting=(), causes=(), digest="")


def _unlinked(run: str, links: Rows[LinkChange]) -> Rows[LinkChange]:
    return MappedRows(links, lambda link: replace(link, forget=not link.forget, because=f"undoes {run}: {link.because}"))


def beside_earlier(back: Plan, planned: Planned, store: Store, planner: Planner, today: date) -> Plan:
    """Returns a plan that puts something back as one of today. Raises SystemChanged where a target is another system than the plan is for.

    What it takes counts beside what other runs of the day took; what it gives back is judged by itself, so that an incident that used
    up a limit in several runs can be undone run by run.
    """
    earlier = [each for each in planner.earlier if each.operation.verb in (*TAKING, Verb.CREATE)]
    return judged_beside(back, planned, store, replace(planner, earlier=earlier), today)


def judged_beside(plan: Plan, planned: Planned, store: Store, planner: Planner, today: date) -> Plan:
    """Returns a plan made by other means, judged by the guards beside what the planner knows of its targets and of earlier runs of the day.

    It is bound to what `planned` is bound to. Raises SystemChanged.
    """
    now = planned.plan
    for name in _concerned(plan):
        refuse_another(name, plan.systems[name], now.systems.get(name))
    census = tuple(_with_before(each, now.census) for each in plan.census)
    if isinstance(plan.operations, ScratchOperations):
        judged = [_parted(plan.operations.scratch, name, planned, store, planner, today) for name in _concerned(plan)]
        operations: Iterable[Operation] = [operation for found, _ in judged for operation in found]
        guard_facts = [facts for _, facts in judged]
    else:
        operations, guard_facts = plan.operations, [_facts(plan, store, planner, view, today) for view in planned.targets]
    bound = replace(
        plan,
        census=census,
        verdicts=judge(planner.project.file.guards, census, operations, guard_facts),
        run_date=now.run_date,
        snapshots=now.snapshots,
        mapping=now.mapping,
        configuration=now.configuration,
        systems=now.systems,
    )
    return bound if isinstance(plan.operations, ScratchOperations) else digested(bound)


def _concerned(plan: Plan) -> list[str]:
    """The targets that a plan changes something in, or remembers something of."""
    if not isinstance(plan.operations, ScratchOperations):
        return concerned(plan)
    return sorted({target for target, _ in plan.operations.sizes()} | {each.target for each in plan.links})


def _facts(plan: Plan, store: Store, planner: Planner, view: TargetContext, today: date) -> GuardFacts:
    operations = [operation for operation in plan.operations if operation.target == view.name]
    with store.schemas.of_target(view.name):
        return guard_facts_of(store, view, planner.project.file.guards, operations, today, earlier=planner.earlier)


def _parted(  # noqa: PLR0913, PLR0917 - one thing that is known a parameter
    scratch: ScratchPlan, target: str, planned: Planned, store: Store, planner: Planner, today: date
) -> tuple[Sequence[Operation], GuardFacts]:
    """The operations of a target in a scratch plan that guards look at, and the facts that they need: few where nothing is known of it today."""
    rows = ScratchGuardRows.of(scratch, target, planner.earlier)
    operations = rows.operations()
    view = next((each for each in planned.targets if each.name == target), None)
    if view is None:
        facts = GuardFacts(target=target, bulk=rows.counted(store, SAMPLE))
    else:
        guards = planner.project.file.guards
        with store.schemas.of_target(target):
            facts = guard_facts_of(store, view, guards, operations, today, earlier=planner.earlier, bulk=rows)
    return operations, replace(facts, reactivated=rows.reactivated(SAMPLE))


def _with_before(census: Census, now: Iterable[Census]) -> Census:
    """The target as the run saw it, with how many accounts there were before the runs of today."""
    return replace(census, before=next((each.before for each in now if each.target == census.target), None))
