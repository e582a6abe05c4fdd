"""The session of a rehearsal: the use cases of a project on the twins of its targets, and on no other system."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from connectors.actions import TemporaryPassword
from connectors.contract import Source
from reconcile.apply.executor import Applier
from reconcile.errors import UnfinishedRun
from reconcile.plan.model import Operation, Plan, Run
from reconcile.project.config import ConfiguredConnector, Project
from reconcile.project.reporting import Log
from reconcile.snapshot.binding import bound_before
from reconcile.usecases.review import reviewed
from reconcile.usecases.running import Told
from reconcile.usecases.session import Session


class NoRealSystem(Exception):
    """A rehearsal asked for a system that has no twin: a fault of this program."""


@dataclass(frozen=True, slots=True)
class RehearsedSession(Session):
    """The use cases of a project whose targets are twins."""

    twins: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, session: Session, state: Path, connectors: Mapping[str, ConfiguredConnector]) -> RehearsedSession:
        """The session on a state folder of its own, with connectors that reach twins."""
        return cls(_with_twins(session.project, state, connectors), session.language, session.today, frozenset(connectors))

    def rehearse(self, plan: Plan, told: Told) -> Run:
        """Applies the plan to the twins, also one that a guard refuses or that lacks approval: no real account changes. Raises UnfinishedRun, WorldMoved."""
        with self._journal() as journal:
            if unfinished := journal.runs.unfinished():
                raise UnfinishedRun(unfinished[0])
            plan = reviewed(plan, journal)
            unsure = self._refuse_other_systems(plan)
            self._refuse_moved(plan, unsure)
            run = f"rehearsal-{secrets.token_hex(3)}"
            journal.start(run, plan)
            return self._carry_out(plan, journal, run, partial(Applier, told=told, unverified=unsure, password_sink=drop_password))

    def last_run(self, plan: Plan) -> Run:
        """The newest run of a plan."""
        with self._journal() as journal:
            return journal.runs.recorded(str(journal.runs.last_of(plan.digest)))

    def unfinished(self) -> bool:
        """Whether a run began and did not end."""
        with self._journal() as journal:
            return journal.runs.unfinished() is not None

    def _used(self) -> list[str]:
        return sorted(self.twins)

    def _refuse_other_systems(self, plan: Plan) -> Mapping[str, str]:
        # Asked as a live run asks, and compared with what the twins are.
        return Session._refuse_other_systems(self, replace(plan, systems=bound_before(self.project.state)))  # noqa: SLF001 - the same class

    @contextlib.asynccontextmanager
    async def _opened(self, names: Sequence[str] | Mapping[str, object]) -> AsyncIterator[dict[str, Source]]:
        if others := sorted(set(names) - self.twins):
            raise NoRealSystem(others[0])
        async with Session._opened(self, names) as sources:  # noqa: SLF001 - the same class
            yield sources


def _with_twins(project: Project, state: Path, connectors: Mapping[str, ConfiguredConnector]) -> Project:
    settings = project.file.project.model_copy(update={"state": str(state.absolute())})
    # The log of live runs is about live runs.
    file = project.file.model_copy(update={"project": settings, "log": Log()})
    return replace(project, file=file, connectors={**project.connectors, **connectors})


def drop_password(_operation: Operation, _password: TemporaryPassword) -> None:
    """Drops the temporary password of an account in a twin."""
