"""Runs a world through several nights, between which HR rows and the mapping change. Start here for a rule about joining and leaving."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from connectors.contract import AccountState
from connectors.memory.state import MemoryAccount
from reconcile.plan.model import Finding, FindingKind, OutcomeKind, Plan, Verb
from tests.support.companies.engine import Lab, _connection, lab
from tests.support.companies.world import TARGET, Account, Group, HrRow, HrSource, World

DAY = date(2026, 3, 2)
RULES = {
    "connector": "hr",
    "anchor": "no",
    "attributes": {"name": "name", "mail": "mail", "dept": "dept"},
    "lifecycle": {
        "status": "status",
        "active": ["active"],
        "leave": ["leave"],
        "terminated": ["left"],
        "start": "start",
        "end": '"end"',
        "lead_days": 7,
    },
}
MAPPING = {
    "target": TARGET,
    "correlate": [{"account": "no", "identity": "anchor", "adopt": True}],
    "attributes": {"login": "mail", "no": "anchor", "name": "name"},
    "groups": {"all": {"group": "all"}, "sales": {"group": "sales", "when": "dept = 'sales'"}},
}
GROUPS = (Group("g-all", "all"), Group("g-sales", "sales"), Group("g-chess", "chess club"))


def person(who: str, **columns: str | None) -> HrRow:
    """One row of HR, with `who` as the anchor."""
    usual = {"name": who.title(), "mail": f"{who}@x", "dept": "sales", "status": "active", "start": "2026-01-01", "end": None}
    return HrRow(who, {"no": who, **usual, **columns})


@dataclass
class Office:
    """The office, and what one night after another makes of it."""

    bench: Lab

    def hr(self, *people: HrRow, source: int = 0, **settings: Any) -> None:
        """From now on the file of one source holds these people."""
        sources = list(self.bench.world.sources)
        sources[source] = replace(sources[source], rows=people, **settings)
        self.bench.world = replace(self.bench.world, sources=tuple(sources))

    def rules(self, **settings: Any) -> None:
        """From now on the mapping says so; None takes a setting out."""
        changed = {**self.bench.world.mapping, **settings}
        self.bench.world = replace(self.bench.world, mapping={name: value for name, value in changed.items() if value is not None})

    def read(self, day: date, at: str = "") -> None:
        """The files that were exported on that day are read, at one in the morning or at another moment (UTC)."""
        self.bench.world = replace(self.bench.world, day=day)
        self.bench.extract()
        _sql("UPDATE store.snapshot SET taken_at = $at WHERE taken_at > '2026-04'", at=f"{at or f'{day}T01:00'}:00+00:00")

    def plan(self, day: date = DAY, **asked: Any) -> Plan:
        self.read(day)
        return self.bench.plan(**asked)

    def night(self, day: date = DAY, **asked: Any) -> Plan:
        """Reads, plans and applies; everything planned is done."""
        plan = self.plan(day, **asked)
        outcomes = self.bench.apply(plan)
        assert {outcome.kind for outcome in outcomes} <= {OutcomeKind.DONE}
        _sql("UPDATE store.rest SET since = $at WHERE since > '2026-04'", at=f"{day}T01:05:00.000+00:00")
        return plan

    def by_hand(self, who: str, state: AccountState) -> None:
        """An admin changes the state of an account."""
        account = self.account(who)
        self.bench.target.accounts[account.id] = replace(account, state=state, version=account.version + 1)

    def account(self, who: str) -> MemoryAccount:
        (found,) = (each for each in self.bench.target.accounts.values() if each.attributes["login"] == f"{who}@x")
        return found

    def state(self, who: str) -> str:
        return self.account(who).state.value

    def groups(self, who: str) -> set[str]:
        names = {group.id: group.name for group in GROUPS}
        return {names[group] for account, group in self.bench.target.members if account == self.account(who).id}


@contextmanager
def office(folder: Path, *people: HrRow, accounts: Mapping[str, str] | None = None, **mapping: Any) -> Iterator[Office]:
    """An office with these people and these accounts (login before the @ to state), under a mapping with these settings."""
    there = tuple(
        Account(f"acc-{who}", state, {"login": f"{who}@x", "no": who, "name": who.title()}) for who, state in (accounts or {}).items()
    )
    world = World(
        day=DAY,
        sources=(HrSource("hr", people, RULES),),
        accounts=there,
        groups=GROUPS,
        members=frozenset(),
        granted=frozenset(),
        links={},
        mapping={**MAPPING, **mapping},
    )
    with lab(world, folder) as bench:
        yield Office(bench)


def days(count: int) -> date:
    """So many days after the first."""
    return DAY + timedelta(days=count)


def done(plan: Plan) -> list[tuple[Verb, str]]:
    """What the plan does to the states of accounts, and for whom."""
    states = (Verb.DEACTIVATE, Verb.SUSPEND, Verb.CREATE, Verb.REACTIVATE, Verb.DELETE)
    return [(operation.verb, operation.anchor) for operation in plan.operations if operation.verb in states]


def changed(plan: Plan) -> list[tuple[Verb, str, str]]:
    """The memberships that the plan changes."""
    members = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)
    return [(operation.verb, operation.anchor, operation.entitlement) for operation in plan.operations if operation.verb in members]


def said(plan: Plan, kind: FindingKind) -> list[str]:
    return [finding.message for finding in found(plan, kind)]


def found(plan: Plan, kind: FindingKind) -> list[Finding]:
    return [finding for finding in plan.findings if finding.kind is kind]


def _sql(text: str, **parameters: str) -> None:
    _connection().execute(text, parameters).fetchall()
