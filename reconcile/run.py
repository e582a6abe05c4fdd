"""The use cases: check, extract, plan, preview, apply, resume, and the whole night. Each is one screen."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from connectors.contract import Check, RawPage, Record, Source, Target
from connectors.errors import ConnectorError
from connectors.registry import build, connector_types
from connectors.secrets import SecretMissing
from mappings.expressions import Language
from reconcile.apply import Applier, preview
from reconcile.background import Background, background_of
from reconcile.comparison import Comparison, compare
from reconcile.config import Project, load_project, with_mappings_of
from reconcile.decision import TargetView
from reconcile.errors import ConfigurationChanged, NoSuchRun, NoSuchTarget, NothingToResume, PlanRefused, RunLocked, UnfinishedRun
from reconcile.explanation import Explanation
from reconcile.extract import Extract, Extracted, Progress
from reconcile.fit import unable, unknown_attributes
from reconcile.guards import judge
from reconcile.inverse import inverse
from reconcile.journal import Journal
from reconcile.model import Outcome, Plan, Run
from reconcile.overrides import as_it_stands
from reconcile.plan import Planner
from reconcile.plan_file import digested, load, save
from reconcile.rulings import Ruling, add_ruling
from reconcile.sentinels import sentinel_checks
from reconcile.settle import settle
from reconcile.specimens import Specimen, specimens
from reconcile.store import FILE as STORE_FILE
from reconcile.store import Store, language
from reconcile.subjects import meant
from reconcile.why import explain

Told = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found: how every system is, by connector, and what every expression gives."""

    systems: Mapping[str, Sequence[Check]]
    expressions: Sequence[Specimen]


@dataclass(frozen=True, slots=True)
class Session:
    """One command's project, with what judges its expressions."""

    project: Project
    language: Language

    @classmethod
    def open(cls, folder: Path) -> Session:
        """The project of a folder, its expressions bound to the columns that were last seen. Raises BadConfiguration, NoProject."""
        words = language()
        return cls(load_project(folder, words, _seen_columns), words)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One run at a time in a state folder. Raises RunLocked."""
        self.project.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.project.state / "lock"
        try:
            with FileLock(path, timeout=0, mode=0o600):
                yield
        except Timeout as error:
            raise RunLocked(path) from error

    def check(self) -> Checked:
        """What every connector says of itself and of the system behind it, whether the mappings fit what is there, and what their
        expressions give.

        Raises BadConfiguration where an expression names a column that a source does not have.
        """
        people = {source.connector for source in self.project.mappings.identities.source}
        unread = people - _read_before(self.project.state)

        async def ask() -> tuple[dict[str, Sequence[Check]], dict[str, _Told]]:
            async with self._opened(self.project.connectors) as sources:
                answers = await asyncio.gather(*(self._check_one(source) for source in sources.values()))
                told = await asyncio.gather(*(_ask(each, rows=bool(unread) and name in people) for name, each in sources.items()))
            return dict(zip(sources, answers, strict=True)), dict(zip(sources, told, strict=True))

        answers, told = asyncio.run(ask())
        declared = {name: frozenset(each.names) for name, each in told.items() if each.names is not None}
        load_project(self.project.folder, self.language, lambda state: {**declared, **_seen_columns(state)})
        fits = self._fits(declared)
        systems = {name: [*checks, *fits.get(name, ())] for name, checks in answers.items()}
        return Checked(systems, self._specimens({name: told[name].rows for name in sorted(people)} if unread else None))

    def _fits(self, declared: Mapping[str, frozenset[str]]) -> dict[str, list[Check]]:
        """Whether each target has and can do what its mapping asks for."""
        targets = self._targets()
        return {
            mapping.target: [
                *unknown_attributes(mapping, declared.get(mapping.target)),
                *(unable(mapping, targets[mapping.target].traits) if mapping.target in targets else ()),
            ]
            for mapping in self.project.mappings.targets
        }

    def _specimens(self, rows: Mapping[str, Sequence[Record]] | None) -> list[Specimen]:
        """What the expressions give for some rows of each source; for those of the last extract where none are given."""
        with Store.open(self.project.state, write=False) if rows is None else Store.holding(rows) as store:
            return specimens(store, self.project.mappings, self.language, self.project.today())

    async def _check_one(self, source: Source) -> Sequence[Check]:
        """The connector's own checks; only behind those that are well can sentinels be looked for."""
        checks = await source.check()
        well = not any(each.problem for each in checks)
        return [*checks, *(await sentinel_checks(source, self.project.reading(source.name)) if well else [])]

    def extract(self, progress: Progress, *, whole: bool = False) -> list[Extracted]:
        """Reads every system that the mappings use; `whole`: also those that could tell what changed."""

        async def read() -> list[Extracted]:
            async with self._opened(self._used()) as sources:
                with Store.open(self.project.state, write=True) as store:
                    return await Extract(store, self.project.state, self.project.reading, progress, whole).read(sources)

        return asyncio.run(read())

    def plan(self, run_date: date | None = None, threads: int | None = None, *, deletions: bool = False) -> Plan:
        """The plan of the latest snapshots, saved under its digest; `deletions`: with those that are due."""
        self._settle()
        plan = self._planned(run_date or self.project.today(), threads, deletions=deletions)
        save(plan, self.project.state)
        return self._as_it_stands(plan)

    def compare(self, other: Path, run_date: date | None = None, threads: int | None = None) -> Comparison:
        """The plan, and one of the same snapshots and clock with the mappings of another folder, which is not saved."""
        there = replace(self, project=with_mappings_of(self.project, other, self.language, _seen_columns))
        clock = run_date or self.project.today()
        return compare(self.plan(clock, threads), there._planned(clock, threads))  # noqa: SLF001 - the same class

    def _planned(self, run_date: date, threads: int | None, *, deletions: bool = False) -> Plan:
        planner = Planner(
            self.project, self.language, {name: target.traits for name, target in self._targets().items()}, deletions=deletions
        )
        with Store.open(self.project.state, write=False, threads=threads) as store:
            return planner.plan(store, run_date)

    def why(self, who: str, run_date: date | None = None) -> Explanation:
        """What the newest snapshots, the mappings and the clock make of one person or account. Raises NobodyKnownAs, SeveralKnownAs."""
        self._settle()
        planner = Planner(self.project, self.language, {name: target.traits for name, target in self._targets().items()})
        return explain(planner, lambda: Store.open(self.project.state, write=False), run_date or self.project.today(), who)

    def undo(self, run: str = "") -> Plan:
        """The plan that undoes the run whose name begins so, or the newest; judged by the guards and saved as any plan is.

        Raises NoSuchRun, UnfinishedRun, NoSuchPlan, PlanDamaged.
        """
        with contextlib.closing(Journal(self.project.state)) as journal:
            if unfinished := journal.unfinished():
                raise UnfinishedRun(unfinished[0])
            found = journal.runs(run)
            if len(found if run else found[:1]) != 1:
                raise NoSuchRun(run, found)
            done = journal.run(found[0])
        made = self._judged(inverse(load(self.project.state, done.plan_digest), done))
        save(made, self.project.state)
        return made

    def _judged(self, plan: Plan) -> Plan:
        """The plan as the guards see it beside the newest snapshots."""
        backgrounds: list[Background] = []

        def watch(store: Store, view: TargetView) -> None:
            operations = [operation for operation in plan.operations if operation.target == view.name]
            backgrounds.append(background_of(store, view, self.project.file.guards, operations, self.project.today()))

        self._settle()
        traits = {name: target.traits for name, target in self._targets().items()}
        with Store.open(self.project.state, write=False) as store:
            Planner(self.project, self.language, traits, watch).plan(store, self.project.today())
        return digested(replace(plan, verdicts=judge(self.project.file.guards, plan.census, plan.operations, backgrounds)))

    def decide(self, said: Mapping[str, str]) -> Ruling:
        """Adds a decision about a pair to the project's, once it is clear whom it names.

        Raises NoSuchTarget, NobodyKnownAs, SeveralKnownAs, and BadConfiguration where it contradicts another.
        """
        asked = Ruling.model_validate({**said, "date": self.project.today()})
        targets = self._targets()
        if asked.target not in targets:
            raise NoSuchTarget(asked.target, sorted(targets))
        with Store.open(self.project.state, write=False) as store:
            ruling = meant(store, self.project, self.language, targets[asked.target].traits, asked)
        add_ruling(self.project.folder, ruling)
        return ruling

    def load_plan(self, digest: str = "") -> Plan:
        """A saved plan: the one whose digest begins so, or the newest, with what overrides its guards."""
        return self._as_it_stands(load(self.project.state, digest))

    def _as_it_stands(self, plan: Plan) -> Plan:
        with contextlib.closing(Journal(self.project.state)) as journal:
            return as_it_stands(plan, journal)

    def preview(self, plan: Plan) -> Run:
        """What a live run of the plan would find in the way. Reads, and cannot write."""
        started = _now()

        async def look() -> tuple[Outcome, ...]:
            async with self._opened_targets(plan) as targets:
                return await preview(plan, targets)

        return Run(id="", plan_digest=plan.digest, live=False, started=started, ended=_now(), outcomes=asyncio.run(look()))

    def apply(self, plan: Plan, told: Told) -> Run:
        """Carries out a plan. The run uses up the overrides that it needs. Raises PlanRefused, UnfinishedRun, ConfigurationChanged."""
        with contextlib.closing(Journal(self.project.state)) as journal:
            if unfinished := journal.unfinished():
                raise UnfinishedRun(unfinished[0])
            if refusing := [verdict.message for verdict in as_it_stands(plan, journal).verdicts if verdict.refuses]:
                raise PlanRefused(refusing)
            run = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
            journal.begin(run, plan.digest)
            journal.set_out(run, plan)
            journal.link(run, plan.links)
            return self._carry_out(plan, journal, run, told)

    def interrupted_plan(self) -> Plan:
        """The plan of the run that was interrupted. Raises NothingToResume."""
        with contextlib.closing(Journal(self.project.state)) as journal:
            run, digest = _unfinished(journal)
            return as_it_stands(load(self.project.state, digest), journal, run)

    def resume(self, told: Told) -> Run:
        """Finishes the run that was interrupted. Raises NothingToResume."""
        with contextlib.closing(Journal(self.project.state)) as journal:
            run, digest = _unfinished(journal)
            return self._carry_out(load(self.project.state, digest), journal, run, told)

    def _carry_out(self, plan: Plan, journal: Journal, run: str, told: Told) -> Run:
        async def carry_out() -> None:
            async with self._opened_targets(plan) as targets:
                await Applier(plan, targets, journal, run, told).apply()

        asyncio.run(carry_out())
        journal.end(run)
        self._settle()
        return journal.run(run)

    def _settle(self) -> None:
        with Store.open(self.project.state, write=True) as store, contextlib.closing(Journal(self.project.state)) as journal:
            settle(store, journal)

    def _used(self) -> list[str]:
        mappings = self.project.mappings
        return sorted({source.connector for source in mappings.identities.source} | {mapping.target for mapping in mappings.targets})

    def _build(self, name: str) -> Source:
        configured = self.project.connectors[name]
        return build(connector_types()[configured.type], name, configured.settings, self.project.folder)

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
        needed = sorted({operation.target for operation in plan.operations})
        known = self._targets()
        if gone := [name for name in needed if name not in known]:
            raise ConfigurationChanged(gone[0])
        async with self._opened(needed) as sources:
            yield {name: source for name, source in sources.items() if isinstance(source, Target)}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a system said of its rows."""

    names: Sequence[str] | None = None
    """What it declares that they can have, or else what the first of them has."""
    rows: Sequence[Record] = ()
    """The first of them, where they were wanted."""


async def _ask(source: Source, *, rows: bool) -> _Told:
    """Nothing where it cannot be asked, which its own checks say in full."""
    try:
        declared = await source.attribute_names()
        undeclared = declared is None and not isinstance(source, Target)
        first = await _first_rows(source) if rows or undeclared else ()
    except (ConnectorError, SecretMissing):
        return _Told()
    return _Told(tuple(first[0].values()) if undeclared and first else declared, first)


async def _first_rows(source: Source) -> Sequence[Record]:
    """The rows of the first page that has any."""
    async for item in source.pages():
        if isinstance(item, RawPage) and (records := source.decode(item).records):
            return records
    return ()


def _unfinished(journal: Journal) -> tuple[str, str]:
    unfinished = journal.unfinished()
    if unfinished is None:
        raise NothingToResume
    return unfinished


def _seen_columns(state: Path) -> dict[str, frozenset[str]]:
    """The columns of each connector's rows, as they were when it was last read."""
    if not (state / STORE_FILE).exists():
        return {}
    with Store.open(state, write=False) as store:
        # A system of which no row was ever believed has columns that nobody knows, not none.
        return {system: frozenset(columns) for system, columns, open_ended in store.rows("all_known_columns") if columns and not open_ended}


def _read_before(state: Path) -> frozenset[str]:
    """The systems that were read into the store."""
    if not (state / STORE_FILE).exists():
        return frozenset()
    with Store.open(state, write=False) as store:
        return frozenset(row[0] for row in store.rows("latest_snapshots"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
