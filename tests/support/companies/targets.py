"""Runs a company with one or several targets through whole nights. Start here for a rule about memberships, or about several targets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.contract import (
    WHOLE,
    AccountState,
    Capability,
    Check,
    Entitlement,
    EntitlementKind,
    RawPage,
    ReadRequest,
    Record,
    Rows,
    Scope,
    ScopeEnd,
    ScopeKind,
    Source,
    SystemIdentity,
    Traits,
)
from connectors.memory.connector import MemoryTarget
from connectors.memory.state import MemoryAccount
from mappings.load import Mappings, load_mappings
from mappings.problems import BadConfiguration
from mappings.rules import Identities, TargetMapping
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.apply.known_accounts import KnownAccounts
from reconcile.apply.ledger import project_journal
from reconcile.decide.planner import Planner
from reconcile.plan.model import Outcome, Plan, Verb
from reconcile.project.config import Project, ProjectFile, ProjectSettings, Protected, Reading
from reconcile.project.limits import Guards, Limit
from reconcile.snapshot.binding import Binding
from reconcile.snapshot.extract import Extract
from reconcile.store.connection import Store
from reconcile.usecases.asked_now import AskNow, asking_now
from reconcile.usecases.check_rows import DataChecked, check_last_extract
from tests.support.bulk import ONE_IN_FOUR, planned_both_ways
from tests.support.companies.memory_store import attach_store, working_store
from tests.support.outcomes import outcomes_of
from tests.support.words import words

DAY = date(2026, 3, 2)
TRAITS = Traits(login="login", email="email", immutable=frozenset({"login"}), unique=frozenset({"login"}))
WIDE = Guards(**{verb.value: Limit() for verb in Verb if verb is not Verb.CREATE_GROUP})
PEOPLE: Mapping[str, Any] = {
    "connector": "hr",
    "anchor": "no",
    "attributes": {"name": "name", "dept": "dept", "title": "title"},
    "lifecycle": {"status": "status", "active": ["active"], "terminated": ["left"]},
}
_runs = itertools.count()


def group(id_: str, name: str, read_only: str = "", kind: str = "") -> Entitlement:
    return Entitlement(id_, EntitlementKind.GROUP, name, read_only=read_only, type=kind)


def target(name: str = "app", *groups: Entitlement, can: Capability | None = None) -> MemoryTarget:
    """A target without accounts."""
    return MemoryTarget(name, replace(TRAITS, can=can or Capability()), entitlements=groups)


def give_account(to: MemoryTarget, name: str, *groups: str, state: AccountState = AccountState.ACTIVE) -> str:
    """An account that is found by its login, in some groups."""
    to.accounts[f"{to.name}-{name}"] = MemoryAccount(f"{to.name}-{name}", state, {"login": name})
    to.members |= {(f"{to.name}-{name}", each) for each in groups}
    return f"{to.name}-{name}"


def mapping(to: str = "app", **more: Any) -> dict[str, Any]:
    """A mapping file by which everybody has an account of their name."""
    keys = [{"account": "login", "identity": "name", "adopt": True}]
    return {"target": to, "correlate": keys, "attributes": {"login": "name"}, **more}


class _Hr:
    """The one file of people."""

    name = "hr"

    def __init__(self, people: Sequence[Mapping[str, str]]) -> None:
        self._people = people

    async def identity(self) -> SystemIdentity:
        return SystemIdentity()

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:  # noqa: ARG002 - always everything
        scope = Scope(ScopeKind.FILE, "hr.csv")
        yield RawPage(scope, 1, json.dumps(list(self._people)).encode())
        yield ScopeEnd(scope)

    def decode(self, page: RawPage) -> Rows:
        rows = json.loads(page.body)
        return Rows(records=[Record(row["no"], AccountState.UNKNOWN, "", json.dumps(row)) for row in rows])

    async def attribute_names(self) -> Sequence[str] | None:
        return ["no", "name", "dept", "title", "status"]

    async def check(self) -> Sequence[Check]:
        return []

    async def close(self) -> None:
        pass


@dataclass
class Company:
    """People by name, with their department, and what should be true of them in each target."""

    folder: Path
    targets: Sequence[MemoryTarget]
    mappings: Sequence[Mapping[str, Any]]
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    guards: Guards = WIDE
    protected: Protected = field(default_factory=Protected)
    reading: Reading = field(default_factory=Reading)
    """When a read of the targets is believed."""
    sources: Sequence[Mapping[str, Any]] = (PEOPLE,)
    """Where people come from: the file, and targets that are read as sources."""
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    compared: int = ONE_IN_FOUR
    """One plan in so many is compared with the one whose additions of memberships stay rows."""

    def __post_init__(self) -> None:
        self.connection.execute("SET threads = 1").fetchall()
        attach_store(self.connection)

    def store(self) -> AbstractContextManager[Store]:
        """The store with working tables of its own."""
        return working_store(self.connection)

    def hire(self, name: str, dept: str = "", **columns: str) -> None:
        self.people[name] = {"no": f"no-{name}", "name": name, "dept": dept, "title": "", "status": "active", **columns}

    def read(self) -> None:
        """Reads everything."""
        with self.store() as store:
            reading = Extract(
                store, self.folder, lambda system: Reading() if system == "hr" else self.reading, lambda _system, _pages: None
            )
            sources = {"hr": _Hr(list(self.people.values())), **{each.name: each for each in self.targets}}
            asyncio.run(reading.read(sources))

    def plan(self) -> Plan:
        """Reads everything, and plans."""
        self.read()
        return planned_both_ways(self.planner(), self.store, DAY, self.compared)

    def checked(self) -> DataChecked:
        """What `check` says of the last read."""
        with self.store() as store:
            return check_last_extract(store, self.planner())

    def asking(self, store: Store) -> AskNow:
        """What asks the targets for accounts as they are now."""

        @contextlib.asynccontextmanager
        async def opened(names: Sequence[str]) -> AsyncIterator[dict[str, Source]]:
            yield {each.name: each for each in self.targets if each.name in names}

        return asking_now(opened, Binding(store, "", {}))

    def planner(self) -> Planner:
        mapped = {each["target"] for each in self.mappings}
        return Planner(self._project(), words(), {each.name: each.traits for each in self.targets if each.name in mapped})

    def apply(self, plan: Plan, run: str = "") -> tuple[Outcome, ...]:
        """Carries the plan out, and takes over what came of it."""
        run = run or f"night-{next(_runs)}"
        with contextlib.closing(Journal(self.folder)) as journal:
            journal.begin(run, plan.digest)
            journal.link(run, plan.links)
            journal.name(run, plan.names)
        return self.resume(plan, run)

    def resume(self, plan: Plan, run: str) -> tuple[Outcome, ...]:
        """Goes on with a run that was begun."""
        with contextlib.closing(Journal(self.folder)) as journal:
            with self.store() as store:
                known = KnownAccounts(store)
                asyncio.run(Applier(plan, {each.name: each for each in self.targets}, journal, run, known_accounts=known).apply())
            outcomes = outcomes_of(plan, journal, run)
            journal.end(run)
        self.project_journal()
        return outcomes

    def project_journal(self) -> None:
        """Takes over what the journal knows, as every command does before it plans."""
        with contextlib.closing(Journal(self.folder)) as journal, self.store() as store:
            project_journal(store, journal)

    def night(self, run: str = "") -> Plan:
        """A plan, carried out."""
        plan = self.plan()
        self.apply(plan, run)
        return plan

    def _project(self) -> Project:
        identities = Identities.model_validate({"name": "name", "source": list(self.sources)})
        targets = tuple(TargetMapping.model_validate(each) for each in self.mappings)
        file = ProjectFile(project=ProjectSettings(name="small"), connectors={}, guards=self.guards, protected=self.protected)
        return Project(self.folder, file, {}, Mappings(identities, targets), "the mapping's digest")


def done(plan: Plan, *verbs: Verb) -> list[str]:
    """The operations with one of the verbs in the plan's order: `add_member ann sales`."""
    shown = [each for each in plan.operations if not verbs or each.verb in verbs]
    return [" ".join(filter(None, (each.verb.value, each.who, each.entitlement))) for each in shown]


def said(plan: Plan, *kinds: str) -> list[str]:
    """What the findings of some kinds say; of all where none is named."""
    return [finding.message for finding in plan.findings if not kinds or finding.kind in kinds]


def load_mappings_of(folder: Path, **targets: str) -> list[str]:
    """What is wrong with mapping files, each given as what it says beside its target and its login."""
    (folder / "identities.toml").write_text(
        'name = "name"\n[[source]]\nconnector = "hr"\nanchor = "no"\n[source.attributes]\nname = "name"\n'
    )
    for name, rules in targets.items():
        (folder / f"{name}.toml").write_text(f'target = "{name}"\nattributes = {{ login = "name" }}\n{rules}\n')
    with pytest.raises(BadConfiguration) as raised:
        load_mappings(folder, words(), frozenset({"hr", *targets}), {}.get)
    return [str(problem) for problem in raised.value.problems]
