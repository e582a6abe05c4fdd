"""The use cases of a repair: undo one run, or restore an earlier time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import partial

from connectors.contract import Target
from reconcile.apply.plan_register import PlanPurpose
from reconcile.decide.protection.protected import with_holds, without_protected
from reconcile.decide.undo.inverse import inverse
from reconcile.errors import NoSuchRun, UnfinishedRun
from reconcile.plan.model import Plan
from reconcile.snapshot.binding import Binding
from reconcile.snapshot.history import snapshot_at
from reconcile.store.connection import Store
from reconcile.store.plans.files import load
from reconcile.usecases.plan_predicate import only_where
from reconcile.usecases.reread import Reread, fewer_members, reread
from reconcile.usecases.restore import RestoreRequest, plan_of_restore
from reconcile.usecases.session import Session
from reconcile.usecases.undo import beside_earlier, leavers_since


class Repair(Session):
    """The plans that put something back in one project. None of them is the newest plan: each is applied only where it is named."""

    def undo(self, run: str = "", only: str = "") -> Plan:
        """The plan that undoes the run whose name begins so, or the newest; judged by the guards and saved as any plan is.

        `only`: a predicate over the columns of that plan; empty for all of its rows.
        Raises NoSuchRun, UnfinishedRun, NoSuchPlan, PlanDamaged, NotAPlanPredicate.
        """
        with self._journal() as journal:
            if unfinished := journal.unfinished():
                raise UnfinishedRun(unfinished[0])
            found = journal.runs(run)
            if len(found if run else found[:1]) != 1:
                raise NoSuchRun(run, found)
            done = journal.run(found[0])
        planner = self._planner()
        plan = load(self.project.state, done.plan_digest)
        whole = inverse(plan, done)
        rows = only_where(whole, only, self.language, self.project.state)
        protection = with_holds(self._protection(), planner.holds)
        self._project_journal()
        with Store.open(self.project.state, write=False) as store:
            planned = planner.planned(store, self.today)
            left, findings = leavers_since(store, planner, planned, plan, whole)
            back = inverse(plan, done, rows, left)
            back = without_protected(replace(back, findings=(*back.findings, *findings)), protection, planner.traits)
            return self._kept(beside_earlier(back, planned, store, planner, self.today), PlanPurpose.UNDO)

    def reread(self, request: RestoreRequest) -> RestoreRequest:
        """The request, with what its targets answer when they are asked again for groups of which the last read shows fewer members."""
        names = request.targets & self._targets().keys() or self._targets().keys()

        async def ask(store: Store) -> dict[str, Reread]:
            binding = Binding(store, self.project.file.project.name, self._bound())
            moment = datetime.fromisoformat(request.moment)
            marks = {name: mark for name in sorted(names) if (mark := snapshot_at(store, name, moment))}
            groups = {name: found for name, mark in marks.items() if (found := fewer_members(store, name, mark.number))}
            async with self._opened(groups) as sources:
                return {name: await reread(each, groups[name], binding) for name, each in sources.items() if isinstance(each, Target)}

        with Store.open(self.project.state, write=False) as store:
            return replace(request, reread=asyncio.run(ask(store)))

    def restore(self, request: RestoreRequest, only: str = "") -> Plan:
        """The plan that takes targets back to an earlier moment, judged by the guards and saved as any plan is.

        `only`: a predicate over the columns of that plan; empty for all of its rows.
        Raises NothingExtracted, NoSuchTarget, NothingAsOf, UnfinishedRun, NotAPlanPredicate.
        """
        self._project_journal()
        planner = self._planner()
        protection = with_holds(self._protection(), planner.holds)
        with Store.open(self.project.state, write=False) as store, self._journal() as journal:
            if unfinished := journal.unfinished():
                raise UnfinishedRun(unfinished[0])
            choose = partial(only_where, predicate=only, language=self.language, state=self.project.state)
            made = plan_of_restore(planner, store, journal, self.today, request, protection, choose)
        return self._kept(made, PlanPurpose.RESTORE)
