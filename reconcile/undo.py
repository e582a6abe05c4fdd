"""The plan that undoes a run, judged beside the newest snapshots and bound to what it is judged by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from reconcile.background import Background, background_of
from reconcile.binding import refuse_another
from reconcile.config import Project
from reconcile.decision import TargetView
from reconcile.guards import judge
from reconcile.model import Plan, concerned
from reconcile.plan import Planner, Watch
from reconcile.plan_file import digested
from reconcile.store import Store


def judged(back: Plan, project: Project, store: Store, planner: Callable[[Watch], Planner], today: date) -> Plan:
    """The inverse plan as one of today. Raises SystemChanged where a target is another system than the run was in."""
    backgrounds: list[Background] = []

    def watch(store: Store, view: TargetView) -> None:
        operations = [operation for operation in back.operations if operation.target == view.name]
        backgrounds.append(background_of(store, view, project.file.guards, operations, today))

    now = planner(watch).plan(store, today)
    for name in concerned(back):
        refuse_another(name, back.systems[name], now.systems.get(name))
    return digested(
        replace(
            back,
            verdicts=judge(project.file.guards, back.census, back.operations, backgrounds),
            run_date=now.run_date,
            snapshots=now.snapshots,
            mapping=now.mapping,
            configuration=now.configuration,
            systems=now.systems,
        )
    )
