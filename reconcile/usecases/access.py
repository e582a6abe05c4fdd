"""Access to one project for the time of a command: its lock, its journal, its connectors."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Self

from connectors.contract import Source, Target
from connectors.registry import build, connector_types
from mappings.expressions import Language
from reconcile.apply.journal import Journal
from reconcile.apply.ledger import project_journal, refuse_older, refuse_replaced
from reconcile.apply.step_log import open_journal
from reconcile.clock import SYSTEM, Clock
from reconcile.errors import ConfigurationChanged
from reconcile.plan.model import Plan
from reconcile.plan.operation_rows import concerned
from reconcile.plan.origin import BoundSystem
from reconcile.project.config import Project, load_project
from reconcile.store.connection import Store
from reconcile.store.language import language
from reconcile.usecases.first_rows import seen_columns
from reconcile.usecases.run_lock import run_lock


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """A project, with the language of its expressions and the day of the command."""

    project: Project
    language: Language
    today: date
    """The date when the command began, in the project's time zone: one that ends after midnight decides and applies for the same day."""

    @classmethod
    def open(cls, folder: Path, clock: Clock = SYSTEM) -> Self:
        """The project of a folder, its expressions bound to the columns that were last seen. Raises BadConfiguration, NoProject."""
        words = language()
        project = replace(load_project(folder, words, seen_columns), clock=clock)
        return cls(project, words, project.today())

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One run at a time in a state folder. Raises RunLocked."""
        with run_lock(self.project.state, self.project.clock):
            yield

    @contextlib.contextmanager
    def _journal(self) -> Iterator[Journal]:
        """The project's journal. Raises ForeignJournal."""
        log = self.project.file.log.file
        with closing(open_journal(self.project.state, self.project.clock, self.project.folder / log if log else None)) as journal:
            journal.claim(self.project.file.project.name)
            yield journal

    def _bound(self) -> Mapping[str, BoundSystem]:
        with self._journal() as journal:
            return journal.systems.bound()

    def _refuse_replaced_journal(self) -> None:
        """Raises JournalReplaced, before the answer of an empty journal is taken for one."""
        with self._journal() as journal:
            refuse_replaced(self.project.state, journal)

    def _project_journal(self, *, to_plan: bool = False) -> None:
        """Takes over what is new in the journal; `to_plan`: for a plan of the newest reads. Raises JournalReplaced, StoreOlder."""
        with Store.open(self.project.state, write=True) as store, self._journal() as journal:
            project_journal(store, journal)
            if to_plan:
                refuse_older(store, journal)

    def _used(self) -> list[str]:
        mappings = self.project.mappings
        return sorted({source.connector for source in mappings.identities.source} | {mapping.target for mapping in mappings.targets})

    def _build(self, name: str) -> Source:
        configured = self.project.connectors[name]
        return build(connector_types()[configured.type], name, configured.settings, self.project.folder)

    def target(self, name: str) -> Source:
        """A connector by its name, which nothing is asked of yet."""
        return self._build(name)

    def _targets(self) -> dict[str, Target]:
        built = {mapping.target: self._build(mapping.target) for mapping in self.project.mappings.targets}
        return {name: each for name, each in built.items() if isinstance(each, Target)}

    @contextlib.asynccontextmanager
    async def _opened(self, names: Sequence[str] | Mapping[str, object]) -> AsyncIterator[dict[str, Source]]:
        sources = {name: self._build(name) for name in names}
        try:
            yield sources
        finally:
            for source in sources.values():
                await source.close()

    @contextlib.asynccontextmanager
    async def _opened_targets(self, plan: Plan) -> AsyncIterator[dict[str, Target]]:
        """The targets that a plan is about. Raises ConfigurationChanged."""
        needed = concerned(plan)
        known = self._targets()
        if gone := [name for name in needed if name not in known]:
            raise ConfigurationChanged(gone[0])
        async with self._opened(needed) as sources:
            yield {name: source for name, source in sources.items() if isinstance(source, Target)}
