"""Extracts, plans and applies a world with the code of the product, in one process and in memory."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from connectors.contract import (
    WHOLE,
    AccountState,
    Capability,
    Check,
    Entitlement,
    EntitlementKind,
    Quarantined,
    RawPage,
    ReadRequest,
    Record,
    Rows,
    Scope,
    ScopeEnd,
    ScopeKind,
    SystemIdentity,
    Traits,
    Value,
)
from connectors.memory.connector import MemoryTarget
from connectors.memory.state import MemoryAccount
from mappings.load import Mappings
from mappings.rules import Identities, TargetMapping
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.apply.known_accounts import KnownAccounts
from reconcile.apply.ledger import project_journal
from reconcile.apply.preview import preview
from reconcile.clock import SYSTEM, Clock
from reconcile.decide.planner import Planner, protection_now
from reconcile.decide.protection.protected import Protection
from reconcile.plan.explanation import Explanation
from reconcile.plan.model import Outcome, Plan, Verb
from reconcile.project.config import InDoubt, Project, ProjectFile, ProjectSettings, Protected, Reading
from reconcile.project.decisions import LinkDecision
from reconcile.project.limits import GroupLimits, Guards, Limit
from reconcile.snapshot.extract import Extract
from reconcile.store.connection import Store
from reconcile.store.stages import Stage
from reconcile.usecases.why import explanation_of
from tests.support.bulk import planned_in_bulk
from tests.support.companies.memory_store import attach_store, working_store
from tests.support.companies.world import EMAIL, LOGIN, TARGET, UNIQUE, HrSource, World
from tests.support.outcomes import outcomes_of
from tests.support.words import words

TRAITS = Traits(
    login=LOGIN,
    email=EMAIL,
    immutable=frozenset({LOGIN}),
    renamable=frozenset({LOGIN}),
    unique=UNIQUE,
    can=Capability(suspend=True, delete=True),
)
NO_LIMIT = Limit()
OPEN_GUARDS = Guards(
    **{verb.value: NO_LIMIT for verb in Verb},
    attribute=NO_LIMIT,
    groups=GroupLimits(add_member=NO_LIMIT, remove_member=NO_LIMIT),
    privileged=NO_LIMIT,
    lose_app=NO_LIMIT,
)
_numbers = itertools.count()


class HrFile:
    """The rows of one source of people, exported on some day."""

    def __init__(self, source: HrSource, exported: date, *, broken: bool) -> None:
        self.name = source.name
        self._source, self._exported, self._broken = source, exported, broken

    async def identity(self) -> SystemIdentity:
        return SystemIdentity()

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:  # noqa: ARG002 - always everything
        scope = Scope(ScopeKind.FILE, f"{self.name}.csv")
        rows = self._source.rows[: len(self._source.rows) // 2] if self._broken else self._source.rows
        body = {"rows": [[row.id, row.columns] for row in rows], "unreadable": self._source.unreadable, "exported": str(self._exported)}
        yield RawPage(scope, 1, json.dumps(body).encode())
        yield ScopeEnd(scope, "the file ends in the middle of a line." if self._broken else "")

    def decode(self, page: RawPage) -> Rows:
        body = json.loads(page.body)
        records = [
            Record(id_, AccountState.UNKNOWN, "", json.dumps(columns)) for id_, columns in body["rows"] if id_ not in body["unreadable"]
        ]
        return Rows(records=records, quarantined=[Quarantined("line 9", id_, "too few fields", "") for id_ in body["unreadable"]])

    async def attribute_names(self) -> Sequence[str] | None:
        return sorted({name for row in self._source.rows for name in row.columns})

    async def check(self) -> Sequence[Check]:
        return []

    async def close(self) -> None:
        pass


class Watched(MemoryTarget):
    """Remembers how the accounts stood after every single write."""

    def __init__(self, **world: Any) -> None:
        super().__init__(TARGET, TRAITS, **world)
        self.history: list[Mapping[str, MemoryAccount]] = [dict(self.accounts)]

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        return self._note(await super().create_account(attributes))

    async def update_account(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        return self._note(await super().update_account(account_id, changes, seen))

    async def activate_account(self, account_id: str, seen: Record | None = None) -> Record:
        return self._note(await super().activate_account(account_id, seen))

    async def deactivate_account(self, account_id: str, seen: Record | None = None) -> Record:
        return self._note(await super().deactivate_account(account_id, seen))

    async def suspend_account(self, account_id: str, seen: Record | None = None) -> Record:
        return self._note(await super().suspend_account(account_id, seen))

    async def delete_account(self, account_id: str) -> None:
        await super().delete_account(account_id)
        self.history.append(dict(self.accounts))

    def _note(self, record: Record) -> Record:
        self.history.append(dict(self.accounts))
        return record


def target_of(world: World) -> Watched:
    """The target as the world says it is."""
    target = Watched(
        accounts=[MemoryAccount(each.id, AccountState(each.state), dict(each.values)) for each in world.accounts],
        entitlements=[Entitlement(each.id, EntitlementKind.GROUP, each.name, read_only=each.read_only) for each in world.groups],
        members=world.members,
    )
    target.broken = dict.fromkeys(_scopes(world), "the connection was lost.")
    return target


def _scopes(world: World) -> Iterator[Scope]:
    for word in world.broken:
        kind, _, name = word.partition(" ")
        if kind in set(ScopeKind):
            yield Scope(ScopeKind(kind), name)


def project_of(world: World, folder: Path, in_doubt: InDoubt = InDoubt.FREEZE_AFFECTED) -> Project:
    """The project that the world's rules make."""
    identities = Identities.model_validate({"name": "name", "source": [source.rules for source in world.sources], **world.identities})
    protected = Protected.model_validate(
        {"people": world.protected_people, "accounts": {TARGET: world.protected_accounts}, **world.protected}
    )
    words = ("anchor", "account_id", "decision")
    said = {"target": TARGET, "by": "Rae", "why": "asked them", "date": world.day}
    link_decisions = tuple(LinkDecision.model_validate({**said, **dict(zip(words, each, strict=True))}) for each in world.link_decisions)
    file = ProjectFile(project=ProjectSettings(name="small", in_doubt=in_doubt), connectors={}, guards=OPEN_GUARDS, protected=protected)
    mappings = Mappings(identities, (TargetMapping.model_validate(world.mapping),), world.lookups)
    return Project(folder, file, {}, mappings, "the mapping's digest", link_decisions)


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1").fetchall()
    return connection


@dataclass(slots=True)
class Lab:
    """One world's store and target."""

    world: World
    folder: Path
    target: Watched
    in_doubt: InDoubt = InDoubt.FREEZE_AFFECTED
    most_missing: int = 200
    clock: Clock = SYSTEM
    """When systems are read; what is decided goes by the world's day."""
    journal: str = field(default_factory=lambda: f"journal{next(_numbers)}")

    def extract(self) -> None:
        """Reads everything as it is now."""
        self._read(HrFile(source, self.world.day, broken=source.name in self.world.broken) for source in self.world.sources)

    def extract_before(self) -> None:
        """Reads everything as it was the night before."""
        self.target.broken = {}
        self._read(HrFile(source, self.world.day - timedelta(1), broken=False) for source in self.world.before)
        self.break_off()

    def _read(self, files: Iterable[HrFile]) -> None:
        believed = Reading(shrink_percent=100, most_missing=self.most_missing) if self.world.before else Reading()
        link_decisions = project_of(self.world, self.folder).link_decisions
        with _working() as store:
            reading = Extract(
                store, self.folder, lambda _system: believed, lambda _system, _pages: None, link_decisions=link_decisions, clock=self.clock
            )
            asyncio.run(reading.read({**{file.name: file for file in files}, TARGET: self.target}))

    def break_off(self) -> None:
        """From now on the scopes that the world names as broken are read halfway."""
        self.target.broken = target_of(self.world).broken

    def plan(self, *, threads: int = 1, bulk: bool = False, **asked: Any) -> Plan:
        """The plan of what was read. `asked`: inputs of the planner beside the project."""
        project = project_of(self.world, self.folder, self.in_doubt)
        planner = Planner(project, words(), {TARGET: self.target.traits}, **asked)
        _connection().execute(f"SET threads = {threads}").fetchall()
        with _working() as store:
            plan = planned_in_bulk(planner, store, self.world.day) if bulk else planner.plan(store, self.world.day)
        _connection().execute("SET threads = 1").fetchall()
        return plan

    def stage(self, room: str) -> Stage:
        """The cost of the statements of a room while the plan is made, of the target and of all people together."""
        planner = Planner(project_of(self.world, self.folder), words(), {TARGET: self.target.traits})
        with _working() as store:
            planner.plan(store, self.world.day)
            found = [each for each in store.stages if each.room == room]
        return Stage(TARGET, room, sum(each.statements for each in found), sum(each.rows for each in found), 0.0)

    def why(self, who: str, *, bulk: bool = False) -> Explanation:
        planner = Planner(project_of(self.world, self.folder), words(), {TARGET: TRAITS}, bulk_from=0 if bulk else None)
        with _working() as store:
            return explanation_of(planner, store, self.world.day, who)

    def protection(self) -> Protection:
        """What the world protects now."""
        with _working() as store:
            return protection_now(store, project_of(self.world, self.folder), words(), {TARGET: TRAITS})

    def preview(self, plan: Plan) -> tuple[Outcome, ...]:
        """What a dry run of the plan tells."""
        return asyncio.run(preview(plan, {TARGET: self.target}, self.protection()))

    def apply(self, plan: Plan) -> tuple[Outcome, ...]:
        """Carries the plan out, takes over what came of it, and returns the outcomes."""
        return self.resume(plan, frozenset())

    def resume(self, plan: Plan, sent: Collection[str]) -> tuple[Outcome, ...]:
        """Carries out a plan whose run was interrupted when some of its operations, by id, may have been sent."""
        run, protection = f"run{next(_numbers)}", self.protection()
        with contextlib.closing(Journal(self.folder / self.journal)) as journal:
            journal.begin(run, plan.digest)
            journal.link(run, plan.links)
            for operation in plan.operations:
                if operation.id in sent:
                    journal.intend(run, operation)
            with _working() as store:
                known = KnownAccounts(store)
                asyncio.run(Applier(plan, {TARGET: self.target}, journal, run, protection=protection, known_accounts=known).apply())
            outcomes = outcomes_of(plan, journal, run)
            with _working() as store:
                project_journal(store, journal)
        return outcomes

    def links(self) -> dict[str, str]:
        return dict(_connection().execute("SELECT anchor, account_id FROM store.link ORDER BY anchor").fetchall())

    def granted(self) -> frozenset[tuple[str, str]]:
        return frozenset(_connection().execute("SELECT account_id, entitlement_id FROM store.granted").fetchall())


@contextlib.contextmanager
def lab(world: World, folder: Path) -> Iterator[Lab]:
    """A world with a store of its own, not yet extracted."""
    connection = _connection()
    attach_store(connection)
    try:
        _remember(connection, world)
        yield Lab(world, folder, target_of(world))
    finally:
        connection.execute("DETACH store").fetchall()


def _remember(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    links = [(TARGET, anchor, account_id) for anchor, account_id in world.links.items()]
    granted = [(TARGET, account_id, group) for account_id, group in sorted(world.granted)]
    for row in links:
        connection.execute(
            "INSERT INTO store.link (target, anchor, account_id, run, because) VALUES (?, ?, ?, '20260201T020000Z-00c0de', 'create by app: attributes')",
            row,
        ).fetchall()
    for row in granted:
        connection.execute(
            "INSERT INTO store.granted (target, account_id, entitlement_id, run) VALUES (?, ?, ?, '20260201T020000Z-00c0de')", row
        ).fetchall()


def _working() -> AbstractContextManager[Store]:
    """The store with working tables of its own."""
    return working_store(_connection())
