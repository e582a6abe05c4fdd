"""The use cases that read systems: check, extract, rebind, and following a journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from connectors.contract import Check
from reconcile.apply.journal import FILE as JOURNAL
from reconcile.apply.journal import Journal
from reconcile.apply.ledger import follows_a_journal
from reconcile.apply.run_list import accounts_ended
from reconcile.errors import ForeignJournal, JournalReplaced, NothingToRebind
from reconcile.plan.origin import BoundSystem
from reconcile.snapshot.binding import Binding, answering
from reconcile.snapshot.extract import Extract, Extracted, Progress
from reconcile.snapshot.wide import read_and_copy
from reconcile.store.connection import Store
from reconcile.usecases.access import ProjectAccess
from reconcile.usecases.check import Checked, Checking
from reconcile.usecases.rebind import Choice, Followed, Rebinding, follow, known_of, rebind


@dataclass(frozen=True, slots=True)
class Reading(ProjectAccess):
    """The use cases that read the systems of a project."""

    def check(self) -> Checked:
        """Checks every system, mapping and row. Raises BadConfiguration where an expression names a column that a source does not have."""
        traits = {name: target.traits for name, target in self._targets().items()}
        found = Checking(self.project, self.language, self.today, traits, self._opened).check()
        return replace(found, systems={**found.systems, **self._wrong_journal()})

    def _wrong_journal(self) -> dict[str, Sequence[Check]]:
        """The check of a journal that is not the project's, or not the store's; empty where it is."""
        problem = self._journal_problem()
        return {"journal": [Check("is the one that the store was kept with", problem)]} if problem else {}

    def _journal_problem(self) -> str:
        journal = self.project.state / JOURNAL
        if not journal.exists():
            # Opening it would make one, and `check` writes nothing.
            return str(JournalReplaced(journal, restored=False)) if follows_a_journal(self.project.state) else ""
        try:
            self._refuse_replaced_journal()
        except (ForeignJournal, JournalReplaced) as wrong:
            return str(wrong)
        return ""

    def extract(self, progress: Progress, *, whole: bool = False) -> list[Extracted]:
        """Reads every system that the mappings use; `whole`: also those that could tell what changed. Raises JournalReplaced.

        Each snapshot states its place in the journal: in another one it would be a wrong place for good.
        """
        self._refuse_replaced_journal()

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
                        entry=journal.last_entry(),
                        ended=partial(accounts_ended, journal),
                    )
                    done = await read_and_copy(extract, sources, self.project.mappings, self.language)
                    journal.systems.record_reads(
                        (system, number, taken_at) for system, number, _, taken_at in store.rows("latest_snapshots")
                    )
                    return done

        return asyncio.run(read())

    def rebind(self, name: str, choice: Choice | None) -> Rebinding:
        """Compares the system that a connector reaches with the one that is known; with a choice, binds what is known anew.

        Raises JournalReplaced, NothingToRebind, and what the connector does where it cannot be asked.
        """
        self._refuse_replaced_journal()
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

    def follow_journal(self) -> Followed:
        """Goes on with the journal that lies in the state folder."""
        with Store.open(self.project.state, write=True) as store, closing(Journal(self.project.state, self.project.clock)) as journal:
            return follow(store, journal, self.project.file.project.name, self.today)
