"""The use cases that make a plan, explain one, or say what plans are made under: holds and link decisions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from reconcile.apply.audit import AuditEvent
from reconcile.apply.overrides import Consent
from reconcile.apply.plan_register import PlanPurpose
from reconcile.apply.recent_runs import recently_applied
from reconcile.caller import user_name
from reconcile.decide.act.request import Request
from reconcile.decide.explain.name_lookup import resolve_decision
from reconcile.decide.planner import Planner
from reconcile.decide.protection.holds import under_other_anchors
from reconcile.errors import NoSuchTarget
from reconcile.plan.compare import Comparison
from reconcile.plan.explanation import Explanation
from reconcile.plan.hold import Hold
from reconcile.plan.model import Plan
from reconcile.project.config import with_mappings_of
from reconcile.project.decisions import LinkDecision, add_link_decision
from reconcile.snapshot.binding import Binding
from reconcile.snapshot.unlisted import known_by_id
from reconcile.store.connection import Store
from reconcile.store.plans.files import save
from reconcile.store.plans.scratch import scratch_folder
from reconcile.usecases.act import plan_of_request
from reconcile.usecases.approve import Selection, approve
from reconcile.usecases.asked_now import asking_now
from reconcile.usecases.comparison import compared
from reconcile.usecases.departments import keep_departments
from reconcile.usecases.first_rows import seen_columns
from reconcile.usecases.forecast import with_forecasts
from reconcile.usecases.group_sizes import keep_group_sizes
from reconcile.usecases.hold import holds_on, refuse_unheld
from reconcile.usecases.plan_checks import PlanChecks
from reconcile.usecases.planning import IN_MEMORY, USUAL, PlanRequest, make_plan
from reconcile.usecases.review import reviewed
from reconcile.usecases.seats import keep_seat_uses
from reconcile.usecases.why import explain

ACTION_HOURS = 24
"""Hours for which the request of an action counts as the approval of its plan."""


@dataclass(frozen=True, slots=True)
class PlanMaking(PlanChecks):
    """The use cases that make the plans of a project."""

    def plan(self, run_date: date | None = None, request: PlanRequest = USUAL) -> Plan:
        """The plan of the latest snapshots, saved under its digest."""
        self._project_journal(to_plan=True)
        purpose = PlanPurpose.CURRENT if run_date in (None, self.today) else PlanPurpose.OTHER_DAY
        return self._kept(self._planned(run_date, request), purpose)

    @contextlib.contextmanager
    def compare(self, other: Path, run_date: date | None = None, request: PlanRequest = USUAL) -> Iterator[Comparison]:
        """The plan, and one of the same snapshots and clock with the mappings of another folder, which is not saved."""
        there = replace(self, project=with_mappings_of(self.project, other, self.language, seen_columns))
        self._project_journal(to_plan=True)
        here = self._kept(self._planned(run_date, request), PlanPurpose.COMPARISON)
        with scratch_folder(self.project.state) as folder:
            yield compared(here, there._planned(run_date, request, folder), folder)  # noqa: SLF001 - the same class

    def act(self, request: Request) -> Plan:
        """The plan of a one-off action, judged by the guards and saved as any plan is.

        Raises NothingExtracted, NobodyKnownAs, SeveralKnownAs, NoSuchTarget, NoSuchEntitlement, NotAPredicate.
        """
        self._project_journal(to_plan=True)
        # Holds and rejections keep the hands of the night off, not those of a person who asks.
        planner = replace(self._planner(), holds=(), rejections=())
        with Store.open(self.project.state, write=False) as store:
            ask = asking_now(self._opened, Binding(store, self.project.file.project.name, self._bound()))
            made = self._kept(plan_of_request(planner, store, self.today, request, ask), PlanPurpose.ACTION)
        # Who asks for an action, and says why, approves it.
        with self._journal() as journal:
            return approve(self.project, self.language, journal, made, Consent(request.by, request.why, ACTION_HOURS), Selection()).plan

    def why(self, who: str, run_date: date | None = None) -> Explanation:
        """Explains one person or account from the newest snapshots, the mappings and the clock. Raises NobodyKnownAs, SeveralKnownAs."""
        self._project_journal(to_plan=True)
        return explain(self._planner(run_date, USUAL), Store.open(self.project.state, write=False), run_date or self.today, who)

    def hold(self, who: Sequence[str], hold: Hold, *, release: bool = False) -> None:
        """Holds, or releases, whom some names stand for. Raises NobodyKnownAs, SeveralKnownAs, NothingExtracted, NotHeld."""
        self._project_journal()
        with Store.open(self.project.state, write=False) as store, self._journal() as journal:
            asked = holds_on(store, self._planner(), self.today, who, hold)
            in_force = journal.holds.on(self.today)
            if release:
                refuse_unheld(store, asked, in_force)
            for each in under_other_anchors(store, asked, in_force):
                journal.holds.release(each)
            for each in asked:
                (journal.holds.release if release else journal.holds.add)(each)

    def holds(self) -> tuple[Hold, ...]:
        """The holds that are in force today. Raises JournalReplaced."""
        self._refuse_replaced_journal()
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

    def _kept(self, plan: Plan, purpose: PlanPurpose) -> Plan:
        """The plan, saved and written down as made for a purpose, with what people said of it and what applying it takes."""
        state = self.project.state
        save(plan, state)
        with Store.open(state, write=False) as store:
            sizes = keep_group_sizes(store, state, plan.digest)
            seats = keep_seat_uses(store, state, plan, self.project.file.seats)
            keep_departments(store, state, plan)
        with self._journal() as journal:
            journal.plans.register(plan.digest, purpose)
            journal.approvals.planned_with(plan.mapping, user_name())
            if purpose is PlanPurpose.CURRENT:
                journal.approvals.end(plan.rejections_over)
                for each in plan.holds_followed:
                    journal.holds.add(each)
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
