"""The use cases of a plan that is made: preview, apply, and what follows a run that was interrupted."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from reconcile.apply.action import NoPlaceForPasswords, PasswordSink, gives_passwords
from reconcile.apply.audit import AuditEvent
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.apply.known_accounts import KnownAccounts
from reconcile.apply.preview import preview
from reconcile.apply.stopping import Stopping
from reconcile.decide.validity import outdated
from reconcile.errors import ApprovalMissing, ConfigurationChanged, Interrupted, PlanRefused, RunUnresumable, UnfinishedRun
from reconcile.plan.digest import SHOWN
from reconcile.plan.model import Outcome, Plan, Run
from reconcile.plan.operation_rows import concerned
from reconcile.store.connection import Store
from reconcile.store.plans.files import load, save
from reconcile.usecases.approve import missing
from reconcile.usecases.interruption import Abandoned, abandon, plan_of, unfinished_run, until_stopped
from reconcile.usecases.plan_checks import PlanChecks
from reconcile.usecases.review import load_plan, reviewed

Told = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Running(PlanChecks):
    """The use cases that carry out the plans of a project."""

    def load_plan(self, digest: str = "") -> Plan:
        """A saved plan: the one whose digest begins so, or the newest, with what overrides its guards. Raises JournalReplaced."""
        self._refuse_replaced_journal()
        with self._journal() as journal:
            return load_plan(self.project.state, journal, digest)

    def missing_approval(self, plan: Plan) -> str:
        """Returns what is missing of the approval that the policy asks for, as half a sentence; empty where nothing is."""
        with self._journal() as journal:
            return missing(self.project, journal, reviewed(plan, journal))

    def preview(self, plan: Plan) -> Run:
        """Checks the preconditions of a live run of the plan. Reads, and cannot write. Raises PlanOutdated, SystemChanged."""
        with self._journal() as journal:
            self._refuse_outdated(plan, journal)
        self._refuse_other_systems(plan)
        started = (clock := self.project.clock).stamp()

        async def look() -> tuple[Outcome, ...]:
            async with self._opened_targets(plan) as targets:
                return await preview(plan, targets, self._protection_of(plan), clock)

        return Run(id="", plan_digest=plan.digest, live=False, started=started, ended=clock.stamp(), outcomes=asyncio.run(look()))

    def apply(self, plan: Plan, told: Told, password_sink: PasswordSink | None = None) -> Run:
        """Carries out a plan. The run uses up the overrides that it needs. `password_sink` takes the temporary passwords that it gives.

        Raises NoPlaceForPasswords, PlanOutdated, PlanRefused, ApprovalMissing, UnfinishedRun, ConfigurationChanged, SystemChanged, WorldMoved;
        nothing was written then.
        """
        if password_sink is None and gives_passwords(plan):
            raise NoPlaceForPasswords(plan.digest[:SHOWN])
        with self._journal() as journal:
            if unfinished := journal.runs.unfinished():
                raise UnfinishedRun(unfinished[0])
            self._refuse_outdated(plan, journal)
            plan = reviewed(plan, journal)
            if refusing := [verdict.message for verdict in plan.verdicts if verdict.refuses]:
                raise PlanRefused(refusing)
            if lacking := missing(self.project, journal, plan):
                raise ApprovalMissing(plan.digest[:SHOWN], lacking)
            unsure = self._refuse_other_systems(plan)
            self._refuse_moved(plan, unsure)
            # What a run that is interrupted is finished from.
            save(plan, self.project.state)
            run = f"{self.project.clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
            journal.start(run, plan)
            return self._carry_out(plan, journal, run, partial(Applier, told=told, unverified=unsure, password_sink=password_sink))

    def interrupted_plan(self) -> Plan:
        """The plan of the run that was interrupted. Raises JournalReplaced, NothingToResume, RunUnresumable."""
        self._refuse_replaced_journal()
        with self._journal() as journal:
            run, digest = unfinished_run(journal)
            plan = plan_of(self.project.state, run, digest)
            if gone := [name for name in concerned(plan) if name not in self._targets()]:
                raise RunUnresumable(run, str(ConfigurationChanged(gone[0])))
            return reviewed(plan, journal, run)

    def abandon(self) -> Abandoned:
        """Ends the run that was interrupted without finishing it; sends nothing. Raises JournalReplaced, NothingToResume."""
        self._refuse_replaced_journal()
        with self._journal() as journal:
            ended = abandon(self.project.state, journal)
        self._project_journal()
        return ended

    def resume(self, told: Told, password_sink: PasswordSink | None = None) -> Run:
        """Finishes the run that was interrupted. What it did not begin is held where the plan is outdated by now. Raises NothingToResume, SystemChanged."""
        with self._journal() as journal:
            run, digest = unfinished_run(journal)
            plan = reviewed(load(self.project.state, digest), journal, run)
            unsure = self._refuse_other_systems(plan)
            hold = "; ".join(outdated(plan, self._present()))
            journal.audit.run_event(AuditEvent.RESUMED, run)
            applier = partial(Applier, told=told, unverified=unsure, hold=hold, password_sink=password_sink)
            return self._carry_out(plan, journal, run, applier)

    def _carry_out(self, plan: Plan, journal: Journal, run: str, applier: Callable[..., Applier]) -> Run:
        async def carry_out(stopping: Stopping) -> None:
            async with self._opened_targets(plan) as targets:
                more = {"protection": self._protection_of(plan), "moved_limit": self.project.file.apply.moved, "stopping": stopping}
                with Store.open(self.project.state, write=False) as store:
                    known = KnownAccounts(store, journal.runs.began(run).entry)
                    await applier(plan, targets, journal, run, known_accounts=known, **more).apply()

        async def stoppable() -> None:
            stopping = Stopping()
            await until_stopped(carry_out(stopping), stopping, run)

        try:
            asyncio.run(stoppable())
        except KeyboardInterrupt as stop:
            # Where signals reach no event loop, or came before it.
            raise Interrupted(run) from stop
        journal.end(run)
        self._project_journal()
        return journal.runs.recorded(run)
