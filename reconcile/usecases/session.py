"""The use cases: check, extract, plan, preview, apply and resume. Each is one screen."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from reconcile.apply.action import NoPlaceForPasswords, PasswordSink, gives_passwords
from reconcile.apply.audit import AuditEvent
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.apply.overrides import Consent
from reconcile.apply.plan_register import PlanPurpose
from reconcile.apply.preview import preview
from reconcile.apply.recent_runs import recently_applied
from reconcile.apply.run_list import accounts_ended
from reconcile.apply.stopping import Stopping
from reconcile.caller import user_name
from reconcile.decide.act.request import Request
from reconcile.decide.explain.name_lookup import resolve_decision
from reconcile.decide.planner import Planner
from reconcile.decide.validity import outdated
from reconcile.errors import (
    ApprovalMissing,
    ConfigurationChanged,
    Interrupted,
    NoSuchTarget,
    NothingToRebind,
    PlanRefused,
    RunUnresumable,
    UnfinishedRun,
)
from reconcile.plan.compare import Comparison
from reconcile.plan.digest import SHOWN
from reconcile.plan.explanation import Explanation
from reconcile.plan.hold import Hold
from reconcile.plan.model import Outcome, Plan, Run
from reconcile.plan.operation_rows import concerned
from reconcile.plan.origin import BoundSystem
from reconcile.project.config import with_mappings_of
from reconcile.project.decisions import LinkDecision, add_link_decision
from reconcile.snapshot.binding import Binding, answering
from reconcile.snapshot.extract import Extract, Extracted, Progress
from reconcile.snapshot.unlisted import known_by_id
from reconcile.snapshot.wide import read_and_copy
from reconcile.store.connection import Store
from reconcile.store.plans.files import load, save
from reconcile.store.plans.scratch import scratch_folder
from reconcile.usecases.act import plan_of_request
from reconcile.usecases.approve import Selection, approve, missing
from reconcile.usecases.check import Checked, Checking
from reconcile.usecases.comparison import compared
from reconcile.usecases.departments import keep_departments
from reconcile.usecases.first_rows import seen_columns
from reconcile.usecases.forecast import with_forecasts
from reconcile.usecases.group_sizes import keep_group_sizes
from reconcile.usecases.hold import holds_on
from reconcile.usecases.interruption import Abandoned, abandon, plan_of, unfinished_run, until_stopped
from reconcile.usecases.plan_checks import PlanChecks
from reconcile.usecases.planning import IN_MEMORY, USUAL, PlanRequest, make_plan
from reconcile.usecases.rebind import Choice, Rebinding, follow, known_of, rebind
from reconcile.usecases.review import load_plan, reviewed
from reconcile.usecases.seats import keep_seat_uses
from reconcile.usecases.why import explain

ACTION_HOURS = 24
"""Hours for which the request of an action counts as the approval of its plan."""
Told = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Session(PlanChecks):
    """The use cases of one command's project."""

    def check(self) -> Checked:
        """Checks every system, mapping and row. Raises BadConfiguration where an expression names a column that a source does not have."""
        traits = {name: target.traits for name, target in self._targets().items()}
        return Checking(self.project, self.language, self.today, traits, self._opened).check()

    def extract(self, progress: Progress, *, whole: bool = False) -> list[Extracted]:
        """Reads every system that the mappings use; `whole`: also those that could tell what changed."""

        async def read() -> list[Extracted]:
            async with self._opened(self._used()) as sources:
                with Store.open(self.project.state, write=True) as store, self._journal() as journal:
                    asked = (progress, whole, self.project.file.project.name, self._bound(), self.project.link_decisions)
                    extract = Extract(
                        store,
                        self.project.state,
                        self.project.reading,
                        *asked,
                        clock=self.project.clock,
                        ended=partial(accounts_ended, journal),
                    )
                    return await read_and_copy(extract, sources, self.project.mappings, self.language)

        return asyncio.run(read())

    def plan(self, run_date: date | None = None, request: PlanRequest = USUAL) -> Plan:
        """The plan of the latest snapshots, saved under its digest."""
        self._project_journal()
        purpose = PlanPurpose.CURRENT if run_date in (None, self.today) else PlanPurpose.OTHER_DAY
        return self._kept(self._planned(run_date, request), purpose)

    @contextlib.contextmanager
    def compare(self, other: Path, run_date: date | None = None, request: PlanRequest = USUAL) -> Iterator[Comparison]:
        """The plan, and one of the same snapshots and clock with the mappings of another folder, which is not saved."""
        there = replace(self, project=with_mappings_of(self.project, other, self.language, seen_columns))
        self._project_journal()
        here = self._kept(self._planned(run_date, request), PlanPurpose.COMPARISON)
        with scratch_folder(self.project.state) as folder:
            yield compared(here, there._planned(run_date, request, folder), folder)  # noqa: SLF001 - the same class

    def _kept(self, plan: Plan, purpose: PlanPurpose) -> Plan:
        """The plan, saved and written down as made for a purpose, with what people said of it and what applying it takes."""
        save(plan, self.project.state)
        sizes = keep_group_sizes(self.project.state, plan.digest)
        seats = keep_seat_uses(self.project.state, plan, self.project.file.seats)
        keep_departments(self.project.state, plan)
        with self._journal() as journal:
            journal.plans.register(plan.digest, purpose)
            journal.approvals.planned_with(plan.mapping, user_name())
            return with_forecasts(reviewed(plan, journal), self._targets(), sizes, seats)

    def _planned(self, run_date: date | None, request: PlanRequest, kept_in: Path | None = None) -> Plan:
        return make_plan(self._planner(run_date, request), request, run_date or self.today, kept_in)

    def _planner(self, day: date | None = None, request: PlanRequest = IN_MEMORY) -> Planner:
        traits = {name: target.traits for name, target in self._targets().items()}
        with self._journal() as journal:
            earlier = recently_applied(self.project.state, journal, day or self.today)
            holds, rejections = journal.holds.on(day or self.today), journal.approvals.rejections()
        asked = (request.deletions, request.renames, earlier, holds, request.bulk_from, rejections)
        return Planner(self.project, self.language, traits, *asked)

    def why(self, who: str, run_date: date | None = None) -> Explanation:
        """Explains one person or account from the newest snapshots, the mappings and the clock. Raises NobodyKnownAs, SeveralKnownAs."""
        self._project_journal()
        return explain(self._planner(run_date, USUAL), Store.open(self.project.state, write=False), run_date or self.today, who)

    def act(self, request: Request) -> Plan:
        """The plan of a one-off action, judged by the guards and saved as any plan is.

        Raises NothingExtracted, NobodyKnownAs, SeveralKnownAs, NoSuchTarget, NoSuchEntitlement, NotAPredicate.
        """
        self._project_journal()
        # Holds and rejections keep the hands of the night off, not those of a person who asks.
        planner, protection = replace(self._planner(), holds=(), rejections=()), self._protection()
        with Store.open(self.project.state, write=False) as store:
            made = self._kept(plan_of_request(planner, store, self.today, request, protection), PlanPurpose.ACTION)
        # Who asks for an action, and says why, approves it.
        with self._journal() as journal:
            return approve(self.project, self.language, journal, made, Consent(request.by, request.why, ACTION_HOURS), Selection()).plan

    def missing_approval(self, plan: Plan) -> str:
        """Returns what is missing of the approval that the policy asks for, as half a sentence; empty where nothing is."""
        with self._journal() as journal:
            return missing(self.project, journal, reviewed(plan, journal))

    def rebind(self, name: str, choice: Choice | None) -> Rebinding:
        """Compares the system that a connector reaches with the one that is known; with a choice, binds what is known anew.

        Raises NothingToRebind, and what the connector does where it cannot be asked.
        """
        if name not in self._used():
            raise NothingToRebind(name, f"no mapping uses a connector of that name; there is {', '.join(self._used())}")
        with Store.open(self.project.state, write=choice is not None) as store, self._journal() as journal:
            binding = Binding(store, self.project.file.project.name, journal.systems.bound())
            was = binding.known(name)
            if was is None:
                raise NothingToRebind(name, "it was never read")
            asked = Rebinding(name=name, was=was, now=asyncio.run(self._answering(name)), known=known_of(store, name), choice=choice)
            if choice is not None:
                rebind(store, journal, asked, choice)
            return asked

    async def _answering(self, name: str) -> BoundSystem:
        async with self._opened([name]) as sources:
            return await answering(sources[name], self.project.file.project.name)

    def follow_journal(self) -> tuple[int, int]:
        """Goes on with the journal that lies in the state folder; how many links and memberships the store keeps."""
        with Store.open(self.project.state, write=True) as store, closing(Journal(self.project.state, self.project.clock)) as journal:
            return follow(store, journal, self.project.file.project.name)

    def hold(self, who: Sequence[str], hold: Hold, *, release: bool = False) -> None:
        """Holds, or releases, whom some names stand for. Raises NobodyKnownAs, SeveralKnownAs, NothingExtracted."""
        self._project_journal()
        with Store.open(self.project.state, write=False) as store, self._journal() as journal:
            for each in holds_on(store, self._planner(), self.today, who, hold):
                (journal.holds.release if release else journal.holds.add)(each)

    def holds(self) -> tuple[Hold, ...]:
        """The holds that are in force today."""
        with self._journal() as journal:
            return journal.holds.on(self.today)

    def decide(self, said: Mapping[str, str]) -> LinkDecision:
        """Adds a decision about a pair to the project's, once it is clear whom it names.

        Raises NoSuchTarget, NobodyKnownAs, SeveralKnownAs, and BadConfiguration where it contradicts another.
        """
        asked = LinkDecision.model_validate({**said, "date": self.today})
        targets = self._targets()
        if asked.target not in targets:
            raise NoSuchTarget(asked.target, sorted(targets))
        with Store.open(self.project.state, write=False) as store:
            link_decision = resolve_decision(store, self.project, self.language, known_by_id(targets[asked.target]), asked)
        add_link_decision(self.project.folder, link_decision)
        with self._journal() as journal:
            journal.audit.record(AuditEvent.DECIDED, facts=link_decision.model_dump(mode="json"))
        return link_decision

    def load_plan(self, digest: str = "") -> Plan:
        """A saved plan: the one whose digest begins so, or the newest, with what overrides its guards."""
        with self._journal() as journal:
            return load_plan(self.project.state, journal, digest)

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
            if unfinished := journal.unfinished():
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
        """The plan of the run that was interrupted. Raises NothingToResume, RunUnresumable."""
        with self._journal() as journal:
            run, digest = unfinished_run(journal)
            plan = plan_of(self.project.state, run, digest)
            if gone := [name for name in concerned(plan) if name not in self._targets()]:
                raise RunUnresumable(run, str(ConfigurationChanged(gone[0])))
            return reviewed(plan, journal, run)

    def abandon(self) -> Abandoned:
        """Ends the run that was interrupted without finishing it; sends nothing. Raises NothingToResume."""
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
                await applier(plan, targets, journal, run, **more).apply()

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
        return journal.run(run)
