"""Checks that a plan still fits what it was made for: the present inputs, the systems that answer, and what they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace

from reconcile.apply.drift import SAMPLE_FROM, refuse_moved
from reconcile.apply.journal import Journal
from reconcile.apply.plan_register import PlanPurpose
from reconcile.decide.planner import protection_now
from reconcile.decide.protection.protected import Protection, with_holds
from reconcile.decide.validity import Present, outdated
from reconcile.errors import PlanOutdated
from reconcile.plan.digest import SHOWN
from reconcile.plan.model import Plan
from reconcile.snapshot.binding import unverified
from reconcile.store.connection import Store
from reconcile.usecases.access import ProjectAccess


class PlanChecks(ProjectAccess):
    """Access to a project with the checks of its plans."""

    def refuse_outdated(self, plan: Plan) -> None:
        """Raises PlanOutdated where the plan is not what would be planned now."""
        with self._journal() as journal:
            self._refuse_outdated(plan, journal)

    def _refuse_outdated(self, plan: Plan, journal: Journal) -> None:
        """Raises PlanOutdated where the plan is not what would be planned now."""
        registered, runs_since = journal.plans.is_registered(plan.digest), journal.plans.runs_since(plan.digest)
        if reasons := outdated(plan, replace(self._present(), registered=registered, runs_since=runs_since)):
            raise PlanOutdated(plan.digest[:SHOWN], reasons)

    def _present(self) -> Present:
        """The inputs that a plan would be computed from now."""
        with Store.open(self.project.state, write=False) as store:
            snapshots = {system: digest for system, _, digest, _ in store.rows("latest_snapshots")}
        return Present(today=self.today.isoformat(), snapshots=snapshots, configuration=self.project.parts)

    def _refuse_moved(self, plan: Plan, unsure: Collection[str]) -> None:
        """Raises WorldMoved where a sample shows that too much of a target has moved since the plan."""

        async def look() -> None:
            async with self._opened_targets(plan) as opened:
                targets = {name: each for name, each in opened.items() if name not in unsure}
                await refuse_moved(plan, targets, self.project.file.apply.moved, self._protection_of(plan), self.project.clock)

        if len(plan.operations) > SAMPLE_FROM:
            asyncio.run(look())

    def _refuse_other_systems(self, plan: Plan) -> Mapping[str, str]:
        """The targets of which it cannot be said tonight which system they are, with the reason.

        Raises SystemChanged where another system answers than the plan was made for, and ConfigurationChanged.
        """

        async def ask() -> Mapping[str, str]:
            async with self._opened_targets(plan) as targets:
                return await unverified(targets, plan.systems, self.project.file.project.name)

        return asyncio.run(ask())

    def _protection(self) -> Protection:
        """Resolves the protection that is in force now."""
        with Store.open(self.project.state, write=False) as store:
            return protection_now(store, self.project, self.language, {name: each.traits for name, each in self._targets().items()})

    def _protection_of(self, plan: Plan) -> Protection:
        """Resolves the protection that is in force now for one plan: with the holds, unless a person asked for what it does."""
        with self._journal() as journal:
            asked = journal.plans.purpose(plan.digest) is PlanPurpose.ACTION
            return with_holds(self._protection(), () if asked else journal.holds.on(self.today))
