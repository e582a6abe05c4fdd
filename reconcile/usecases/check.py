"""The use case `check`: every system reached, every mapping judged, and the mappings tried on the rows that are there. Writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date

from connectors.contract import Check, Record, Source, Target, Traits
from mappings.expressions import Language
from mappings.load import identity_places
from reconcile.decide.planner import Planner
from reconcile.decide.preview import ExpressionPreview, specimens
from reconcile.plan.origin import BoundSystem
from reconcile.project.config import Project, load_project
from reconcile.snapshot.binding import bound_before, identity_check
from reconcile.snapshot.decoding import checks_of
from reconcile.snapshot.sentinels import sentinel_checks
from reconcile.store.connection import Store
from reconcile.store.declared import keep_declared
from reconcile.store.holding import store_holding
from reconcile.usecases.abilities import AbilityHere, abilities_here
from reconcile.usecases.check_rows import DataChecked, check_last_extract, check_rows
from reconcile.usecases.first_rows import RowsTold, ask_of_rows, last_reads, seen_columns
from reconcile.usecases.mapping_fit import fits
from reconcile.usecases.reporting_checks import reporting_checks

Opened = Callable[[Sequence[str]], AbstractAsyncContextManager[dict[str, Source]]]


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of `check`."""

    systems: Mapping[str, Sequence[Check]]
    """The checks of every system, by connector."""
    expressions: Sequence[ExpressionPreview]
    """The preview of every expression."""
    data: Sequence[Check] = ()
    """Results of trying the mappings on the rows."""
    unbound: Sequence[str] = ()
    """Sources whose columns are unknown, so that their expressions were only checked by themselves."""
    not_checked: Sequence[str] = ()
    """The checks that could not be run, with the reason."""
    read: Mapping[str, str] = field(default_factory=dict)
    """By system, when the rows that were looked at were read; empty where they were asked for now."""
    abilities: Mapping[str, Sequence[AbilityHere]] = field(default_factory=dict)
    """By target that lets us in, everything that it can and cannot do."""


@dataclass(frozen=True, slots=True)
class Checking:
    """One check of one project."""

    project: Project
    language: Language
    today: date
    traits: Mapping[str, Traits]
    opened: Opened

    def check(self) -> Checked:
        """Raises BadConfiguration where an expression names a column that a source does not have."""
        reads = last_reads(self.project.state)
        stale = bool(self._people() - reads.keys())
        answers, told, able = asyncio.run(self._ask(stale=stale, unread=self._used() - reads.keys()))
        declared = {name: frozenset(each.names) for name, each in told.items() if each.names is not None}
        load_project(self.project.folder, self.language, lambda state: {**declared, **seen_columns(state)})
        fitting = fits(self.project.folder, self.project.mappings.targets, self.traits, told, self.language)
        systems: dict[str, Sequence[Check]] = {
            name: [*checks, *self._unused(name), *fitting.get(name, ())] for name, checks in answers.items()
        }
        systems |= reporting_checks(self.project)
        unbound = tuple(self._unbound(declared))
        if stale or self._used() - reads.keys():
            rows = {name: told[name].rows for name in sorted(self._people())}
            data = self._of_rows({**rows, **{name: told[name].rows for name in self.traits}}, told)
            return replace(_found(systems, self._specimens(rows if stale else None), data, unbound, {}), abilities=able)
        with Store.open(self.project.state, write=False) as store:
            data = check_last_extract(store, self._planner())
        used = {name: at for name, at in reads.items() if name in self._used()}
        return replace(_found(systems, self._specimens(None), data, unbound, used), abilities=able)

    async def _ask(
        self, *, stale: bool, unread: frozenset[str]
    ) -> tuple[dict[str, Sequence[Check]], dict[str, RowsTold], Mapping[str, Sequence[AbilityHere]]]:
        """Asks every connector for the checks of its system, for the rows of those that are wanted, and for what the targets can do."""
        known = bound_before(self.project.state)
        wanted = (self._people() if stale or unread else frozenset()) | (self._protecting() if unread else frozenset())
        async with self.opened(sorted(self.project.connectors)) as opened:
            sources = {name: opened[name] for name in self.project.connectors}
            answers = await asyncio.gather(*(self._check_one(source, known.get(name)) for name, source in sources.items()))
            told = await asyncio.gather(*(ask_of_rows(each, rows=name in wanted) for name, each in sources.items()))
            found = dict(zip(sources, answers, strict=True))
            able = await self._able(sources, found)
        return found, dict(zip(sources, told, strict=True)), able

    async def _able(self, sources: Mapping[str, Source], found: Mapping[str, Sequence[Check]]) -> Mapping[str, Sequence[AbilityHere]]:
        """Asks the targets what they can do; not one of which nothing is well: it would only be waited for again."""
        asked = {
            mapping.target: source
            for mapping in self.project.mappings.targets
            if isinstance(source := sources[mapping.target], Target) and not all(each.problem for each in found[mapping.target])
        }
        able = await asyncio.gather(*(abilities_here(each) for each in asked.values()))
        return {name: each for name, each in zip(asked, able, strict=True) if each}

    async def _check_one(self, source: Source, known: BoundSystem | None) -> Sequence[Check]:
        """The connector's own checks; only behind those that are well can be asked which system it is, and for sentinels."""
        checks = await checks_of(source)
        if any(each.problem for each in checks):
            return checks
        same = await identity_check(source, known, self.project.file.project.name)
        return [*checks, same, *await sentinel_checks(source, self.project.reading(source.name))]

    def _unused(self, name: str) -> Iterator[Check]:
        if name not in self._used():
            yield Check(f"{name}: no mapping uses it, so it is never read")

    def _unbound(self, declared: Mapping[str, frozenset[str]]) -> Iterator[str]:
        """A sentence for each source whose expressions could not be compared with its columns."""
        known = {**declared, **seen_columns(self.project.state)}
        for name in sorted(self._people() - known.keys()):
            places = identity_places(self.project.mappings.identities, lambda _: None)
            ranks = {str(rank) for rank, each in enumerate(self.project.mappings.identities.source) if each.connector == name}
            count = sum(place.path[0] == "source" and place.path[1] in ranks for place in places)
            yield f"{name}: whether the columns that {count} expressions name are there: no row of it could be read"

    def _specimens(self, rows: Mapping[str, Sequence[Record]] | None) -> list[ExpressionPreview]:
        """Evaluates the expressions for some rows of each source; for those of the last extract where none are given."""
        with Store.open(self.project.state, write=False) if rows is None else store_holding(rows) as store:
            return specimens(store, self.project.mappings, self.language, self.today)

    def _of_rows(self, rows: Mapping[str, Sequence[Record]], told: Mapping[str, RowsTold]) -> DataChecked:
        """Tries the mappings on rows that were read now."""
        unread = {name: told[name].unread for name in sorted(self._used()) if told[name].unread}
        with store_holding(rows) as store:
            for name, each in told.items():
                keep_declared(store, name, each.attributes or {})
            return check_rows(store, self._planner(), unread)

    def _planner(self) -> Planner:
        return Planner(self.project, self.language, self.traits)

    def _people(self) -> frozenset[str]:
        return frozenset(source.connector for source in self.project.mappings.identities.source)

    def _used(self) -> frozenset[str]:
        return self._people() | {mapping.target for mapping in self.project.mappings.targets}

    def _protecting(self) -> frozenset[str]:
        """The targets whose accounts `[protected]` names."""
        protected = self.project.file.protected
        return frozenset(name for name in (*protected.accounts, *protected.accounts_where) if name in self._used())


def _found(
    systems: Mapping[str, Sequence[Check]],
    expressions: Sequence[ExpressionPreview],
    data: DataChecked,
    unbound: Sequence[str],
    read: Mapping[str, str],
) -> Checked:
    empty = sorted({each.file for each in expressions if not each.rows})
    untried = [f"mappings/{file}: what its expressions give: there is no row to try them on" for file in empty]
    return Checked(systems, expressions, data.checks, unbound, (*untried, *data.not_checked), read)
