"""The use cases of a repair: undo one run, or restore an earlier time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from connectors.contract import Target
from reconcile.apply.plan_register import PlanPurpose
from reconcile.apply.recorded_outcomes import recorded_run
from reconcile.decide.planner import related
from reconcile.decide.protection.protected import with_holds
from reconcile.decide.undo.batches import UndoTerms
from reconcile.errors import ExitCode, NoSuchPlan, NoSuchRun, ReconcileError, UnfinishedRun
from reconcile.plan.digest import SHOWN
from reconcile.plan.model import Plan, Run
from reconcile.plan.operation_rows import concerned
from reconcile.snapshot.binding import Binding
from reconcile.snapshot.history import snapshot_at
from reconcile.store.connection import Store
from reconcile.store.plans.files import load, save_streamed
from reconcile.store.plans.scratch import scratch_folder, stored_operations
from reconcile.usecases.later_runs import LaterRuns
from reconcile.usecases.leavers_since import leavers_since
from reconcile.usecases.names_since import NamesSince
from reconcile.usecases.plan_making import PlanMaking
from reconcile.usecases.plan_predicate import only_where, rows_where
from reconcile.usecases.reread import Reread, fewer_members, reread
from reconcile.usecases.restore import RestoreRequest, plan_of_restore
from reconcile.usecases.undo import beside_earlier, undo_in_scratch


class PlanOfRunGone(ReconcileError):
    """The plan of a run is not in the state folder any more."""

    exit_code = ExitCode.USAGE

    def __init__(self, run: str, plan: str) -> None:
        self.run, self.plan = run, plan
        super().__init__(
            f"The run {run}: it cannot be undone, because its plan {plan} is gone; prune and forget remove plans. "
            "`reconcile restore --as-of TIME` goes back to what was read before it."
        )


class Repair(PlanMaking):
    """The plans that put something back in one project. None of them is the newest plan: each is applied only where it is named."""

    def undo(self, run: str = "", only: str = "") -> Plan:
        """The plan that undoes the run whose name begins so, or the newest; judged by the guards and saved as any plan is.

        `only`: a predicate over the columns of that plan; empty for all of its rows.
        Raises JournalReplaced, NoSuchRun, UnfinishedRun, PlanOfRunGone, PlanDamaged, NotAPlanPredicate.
        """
        self._refuse_replaced_journal()
        with self._journal() as journal:
            if unfinished := journal.runs.unfinished():
                raise UnfinishedRun(unfinished[0])
            found = journal.runs.ids(run)
            if len(found if run else found[:1]) != 1:
                raise NoSuchRun(run, found)
            done = recorded_run(journal, found[0])
            return self._undone(done, only, LaterRuns(self.project.state, journal, done))

    def _undone(self, done: Run, only: str, later: LaterRuns) -> Plan:
        planner, state = self._planner(), self.project.state
        try:
            plan = load(state, done.plan_digest)
        except NoSuchPlan:
            raise PlanOfRunGone(done.id, done.plan_digest[:SHOWN]) from None
        resolved = self._protection()
        self._project_journal(to_plan=True)
        with scratch_folder(state) as scratch, Store.open(state, write=False) as store:
            planned = related(planner, store, self.today)
            protection = with_holds(resolved, (*planner.holds, *planned.plan.holds_followed))
            names = NamesSince(store, plan, planned.plan).of
            ids = self._chosen(plan, done, only, scratch, UndoTerms(names=names)) if only else None
            leavers = leavers_since(store, planner, planned, plan)
            terms = UndoTerms(ids, leavers.ended, later.of, leavers.undecided, protection, planner.traits, names)
            with undo_in_scratch(plan, done, terms, scratch / "undo") as back:
                about = set(concerned(plan))
                reads = tuple(each for each in planned.plan.scopes if each.system in about)
                judged = beside_earlier(replace(back, scopes=reads), planned, store, planner, self.today)
                return self._kept(save_streamed(judged, state), PlanPurpose.UNDO)

    def _chosen(self, plan: Plan, done: Run, only: str, scratch: Path, terms: UndoTerms) -> frozenset[str]:
        """The ids of the rows that a predicate names among all that would undo a run. Raises NotAPlanPredicate."""
        with undo_in_scratch(plan, done, terms, scratch / "whole") as whole:
            saved = stored_operations(save_streamed(whole, scratch), scratch)
            return frozenset(rows_where(saved, "--only", only, self.language))

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
        self._project_journal(to_plan=True)
        planner = self._planner()
        protection = self._protection()
        with Store.open(self.project.state, write=False) as store, self._journal() as journal:
            if unfinished := journal.runs.unfinished():
                raise UnfinishedRun(unfinished[0])
            choose = partial(only_where, predicate=only, language=self.language, state=self.project.state)
            made = plan_of_restore(planner, store, journal, self.today, request, protection, choose)
        return self._kept(made, PlanPurpose.RESTORE)
