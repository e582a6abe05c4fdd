"""Rehearses one plan, from the copy of the project's state to what the twins hold in the end."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from connectors.contract import Target
from connectors.costs import Costed
from connectors.http.traffic import Traffic, measured
from reconcile.errors import ConfigurationChanged
from reconcile.plan.forecast import Forecast
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan, Run
from reconcile.plan.operation_rows import concerned, queryable
from reconcile.plan.rehearsal import Amount, Rehearsal, RehearsedRow, RehearsedTarget
from reconcile.project.config import ConfiguredConnector
from reconcile.store.connection import Store
from reconcile.usecases.forecast import minutes_of, with_forecasts_of
from reconcile.usecases.rehearsal.crash import crash_after
from reconcile.usecases.rehearsal.end_state import Difference, Fact, Subject, untrue_facts, wanted_facts
from reconcile.usecases.rehearsal.session import RehearsedSession, drop_password
from reconcile.usecases.rehearsal.twins import Conditions, Twin, running_twins, snapshot_of
from reconcile.usecases.rehearsal.workplace import copy_state, workplace
from reconcile.usecases.running import Told
from reconcile.usecases.seats import SeatUses, seat_uses
from reconcile.usecases.session import Session

SHOWN_ROWS = 20
"""Rows of one list that a rehearsal names."""


def rehearse(session: Session, plan: Plan, conditions: Conditions, told: Told) -> Rehearsal:
    """Applies a plan to twins of its targets. Takes the project's lock only while its state is copied.

    Raises PlanOutdated, NoTwin, TwinCannotHold, NotOfThisPlan, NoSuchDialect, UnfinishedRun, ChildFailed, RunLocked.
    """
    targets = concerned(plan)
    conditions.refuse_unknown(targets)
    if gone := [name for name in targets if name not in session.project.connectors]:
        raise ConfigurationChanged(gone[0])
    state, clock = session.project.state, session.project.clock
    with workplace(state, clock) as folder, contextlib.ExitStack() as stack:
        with session.locked():
            session.refuse_outdated(plan)
            copy_state(state, folder, plan.digest, clock)
        with Store.open(folder, write=True) as store:
            seats = seat_uses(store, plan, session.project.file.seats)
            connectors = {name: session.project.connectors[name] for name in targets}
            twins = stack.enter_context(running_twins(store, connectors, folder, conditions))
        return _Rehearsing(session, plan, conditions, twins, folder, seats).carried_out(told)


@dataclass(frozen=True, slots=True)
class _Rehearsing:
    """A rehearsal under way: its twins run, and its state lies in a folder of its own."""

    session: Session
    plan: Plan
    conditions: Conditions
    twins: Mapping[str, Twin]
    folder: Path
    seats: SeatUses

    def carried_out(self, told: Told) -> Rehearsal:
        """Applies the plan under the conditions, then reads and plans again without them."""
        rehearsed = RehearsedSession.of(self.session, self.folder, self._connectors)
        self._arm()
        with measured() as traffic:
            crashed = self.conditions.crash and crash_after(self.session.project, self.folder, self.plan, self._connectors)
            run = self._run(rehearsed, told)
        requests = {name: len(each.server.requests()) for name, each in self.twins.items()}
        for twin in self.twins.values():
            twin.server.clear_faults()
        incomplete = {each.system: each.incomplete for each in rehearsed.extract(lambda _system, _pages: None, whole=True)}
        following = rehearsed.plan()
        judging = _Judging(self.session, self.plan, run, self.twins, traffic, incomplete, requests, crashed, self.seats)
        return judging.judged(self.folder, following)

    @property
    def _connectors(self) -> Mapping[str, ConfiguredConnector]:
        return {name: each.connector for name, each in self.twins.items()}

    def _arm(self) -> None:
        for name, twin in self.twins.items():
            for fault in (*self.conditions.faults.get("", ()), *self.conditions.faults.get(name, ())):
                twin.server.add_fault(fault)

    def _run(self, rehearsed: RehearsedSession, told: Told) -> Run:
        """The run; where another process had it, the rest of it."""
        if not self.conditions.crash:
            return rehearsed.rehearse(self.plan, told)
        return rehearsed.resume(told, drop_password) if rehearsed.unfinished() else rehearsed.last_run(self.plan)


@dataclass(frozen=True, slots=True)
class _Judging:
    """The end of a rehearsal, before it is compared with the plan."""

    session: Session
    plan: Plan
    run: Run
    twins: Mapping[str, Twin]
    traffic: Traffic
    incomplete: Mapping[str, Sequence[str]]
    requests: Mapping[str, int]
    crashed: bool
    seats: SeatUses

    def judged(self, folder: Path, following: Plan) -> Rehearsal:
        """Compares the end with the plan."""
        outcomes = {each.operation_id: each for each in self.run.outcomes}
        wanted = wanted_facts(self.plan, outcomes)
        with Store.open(folder, write=False) as store:
            found = {name: list(self._differences(store, name, wanted)) for name in self.twins}
        forecasts = {
            each.target: each for each in with_forecasts_of(self.plan, self.session.project.folder, self.session.project.state).forecasts
        }
        kept_back = {each.operation_id for each in self.run.outcomes if each.kind is OutcomeKind.NOT_APPROVED}
        again = [each for each in following.operations if each.target in self.twins and each.id not in kept_back]
        return Rehearsal(
            plan_digest=self.plan.digest,
            crashed=self.crashed,
            refused=self.plan.refused,
            targets=tuple(self._target(name, outcomes, found[name], forecasts.get(name)) for name in sorted(self.twins)),
            next_operations=len(again),
            next_rows=tuple(_row(each, each.because.detail) for each in again[:SHOWN_ROWS]),
        )

    def _differences(self, store: Store, name: str, wanted: Mapping[tuple[str, Subject], Fact]) -> Iterator[Difference]:
        """The differences of one target; none where its twin was not read completely, for then the store has rows of before the run."""
        target = self.session.target(name)
        if isinstance(target, Target) and not self.incomplete.get(name):
            yield from untrue_facts(wanted, name, snapshot_of(store, name), target.traits)

    def _target(
        self, name: str, outcomes: Mapping[str, Outcome], found: Sequence[Difference], forecast: Forecast | None
    ) -> RehearsedTarget:
        counts: Counter[OutcomeKind] = Counter()
        failed: list[RehearsedRow] = []
        for each in queryable(self.plan.operations).of_target(name):
            outcome = outcomes.get(each.id)
            kind = outcome.kind if outcome else OutcomeKind.HELD
            counts[kind] += 1
            if kind not in (OutcomeKind.DONE, OutcomeKind.ALREADY, OutcomeKind.NOT_APPROVED) and len(failed) < SHOWN_ROWS:
                failed.append(replace(_row(each, outcome.detail if outcome else "not reached"), outcome=kind))
        told = islice(found, SHOWN_ROWS)
        return RehearsedTarget(
            target=name,
            dialect=self.twins[name].dialect,
            outcomes=dict(counts),
            not_applied=tuple(failed),
            differences=len(found),
            different_rows=tuple(_row(each.operation, each.sentence()) for each in told),
            incomplete=tuple(self.incomplete.get(name, ())),
            forecast=Amount(forecast.requests, forecast.minutes, forecast.limit) if forecast else Amount(None, None, ""),
            measured=self._measured(name),
            seats=tuple(self.seats.get(name, ())),
        )

    def _measured(self, name: str) -> Amount:
        """The requests that the twin counted, and the minutes that they take under the real limits; unknown after a crash, which lost a part."""
        calls = self.traffic.of(name).by_limit
        real = self.session.target(name)
        costs = real.costs(0) if isinstance(real, Costed) else None
        if costs is None or self.crashed:
            return Amount(self.requests[name], None, "")
        minutes, limit = max(
            ((minutes_of(calls[each], rate, costs.share), str(each)) for each, rate in costs.limits.items()), default=(None, "")
        )
        return Amount(self.requests[name], minutes, limit if minutes else "")


def _row(operation: Operation, what: str) -> RehearsedRow:
    return RehearsedRow(
        operation=operation.id, verb=operation.verb, who=operation.who or operation.account_id, entitlement=operation.entitlement, what=what
    )
