"""The plan that undoes a run, judged beside the newest snapshots and bound to what it is judged by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from reconcile.decide.act.accounts import accounts_asked_for
from reconcile.decide.fragment import TargetContext
from reconcile.decide.guards.evaluate import judge
from reconcile.decide.guards.facts import LOSING, GuardFacts, guard_facts_of
from reconcile.decide.planner import Planned, Planner
from reconcile.decide.undo.left_since import left_since, read_anew, undecided_finding, why_ended, why_left
from reconcile.plan.digest import digested
from reconcile.plan.model import Census, Finding, Plan, Verb
from reconcile.plan.operation_rows import concerned
from reconcile.snapshot.binding import refuse_another
from reconcile.store.connection import Store

TAKING = LOSING | {Verb.REMOVE_MEMBER, Verb.DELETE}
"""The verbs that take access from a person."""


def leavers_since(
    store: Store, planner: Planner, planned: Planned, run_plan: Plan, back: Plan
) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """Returns the rows of an undo that would give something back to people who left since the run, and a finding for each of their accounts.

    None where the sources state what the run knew already: what it did to people is then what is undone.
    """
    sources = {each.connector for each in planner.project.mappings.identities.source}
    if not read_anew(run_plan, planned.plan, sources):
        return frozenset(), ()
    ended = _ended_of_undecided(store, planned, back, sources)
    for view in planned.targets:
        ids = sorted({each.account_id for each in back.operations if each.target == view.name})
        with store.of_target(view.name):
            for each in accounts_asked_for(store, (), ids):
                if why := why_ended(each.situation, each.expected):
                    ended[view.name, each.account_id] = why
    held, findings = left_since(back.operations, ended)
    return held, (*findings, *(undecided_finding(each, people=planned.people) for each in _undecided(planned, back)))


def _undecided(planned: Planned, back: Plan) -> Sequence[str]:
    """The targets of an undo that were not decided, because they were not read completely or all people are frozen."""
    return sorted(set(concerned(back)) - {view.name for view in planned.targets})


def _ended_of_undecided(store: Store, planned: Planned, back: Plan, sources: Collection[str]) -> dict[tuple[str, str], str]:
    """The accounts in such targets of people who left by what the sources state of the person."""
    undecided = frozenset(_undecided(planned, back))
    rows = [each for each in back.operations if each.target in undecided and each.anchor]
    if not rows or not planned.people:
        return {}
    states: dict[str, str] = dict(store.rows("states_of_people", anchors=sorted({each.anchor for each in rows})))
    proven = all(scope.complete for scope in planned.plan.scopes if scope.system in sources)
    found = {(each.target, each.account_id): why_left(states.get(each.anchor), absence_proven=proven) for each in rows}
    return {place: why for place, why in found.items() if why}


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
    now, guard_facts = planned.plan, [_facts(plan, store, planner, view, today) for view in planned.targets]
    for name in concerned(plan):
        refuse_another(name, plan.systems[name], now.systems.get(name))
    census = tuple(_with_before(each, now.census) for each in plan.census)
    return digested(
        replace(
            plan,
            census=census,
            verdicts=judge(planner.project.file.guards, census, plan.operations, guard_facts),
            run_date=now.run_date,
            snapshots=now.snapshots,
            mapping=now.mapping,
            configuration=now.configuration,
            systems=now.systems,
        )
    )


def _facts(back: Plan, store: Store, planner: Planner, view: TargetContext, today: date) -> GuardFacts:
    operations = [operation for operation in back.operations if operation.target == view.name]
    with store.of_target(view.name):
        return guard_facts_of(store, view, planner.project.file.guards, operations, today, earlier=planner.earlier)


def _with_before(census: Census, now: Iterable[Census]) -> Census:
    """The target as the run saw it, with how many accounts there were before the runs of today."""
    return replace(census, before=next((each.before for each in now if each.target == census.target), None))
