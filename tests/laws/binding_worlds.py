"""A project folder, an application that writes down what is written to it, and what can happen between a plan and its application."""

from __future__ import annotations

import contextlib
import copy
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import BaseModel, ConfigDict

from connectors.contract import AccountState, Capability, Entitlement, EntitlementKind, Record, SystemIdentity, Traits, Value
from connectors.memory.connector import MemoryTarget
from connectors.memory.state import MemoryAccount
from connectors.registry import BUILT_IN, Connector
from reconcile.apply.journal import FILE as JOURNAL
from reconcile.clock import Clock
from reconcile.errors import ReconcileError
from reconcile.plan.model import Plan, Run
from reconcile.usecases.session import Session

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADER = "Number,Name,Mail,Department,Status,End\n"
SETTINGS = """
[project]
name = "bound"

[connectors.people]
type = "hr_csv"
path = "people.csv"
companion = "none"
columns = ["Number", "Name", "Mail", "Department", "Status", "End"]
date_columns = { End = "%Y-%m-%d" }
key = ["Number"]
null_spellings = [""]

[connectors.app]
type = "memory"
"""
IDENTITIES = """
name = "name"

[[source]]
connector = "people"
anchor = "Number"

[source.attributes]
name = "Name"
mail = "lower(Mail)"
department = "Department"

[source.lifecycle]
status = "Status"
active = ["Active"]
terminated = ["Left"]
end = '"End"'
"""
APP = """
target = "app"
fully_managed = ["staff"]

[[correlate]]
account = "number"
identity = "anchor"
adopt = true

[[correlate]]
account = "email"
identity = "mail"

[attributes]
login = { expression = "mail", required = true }
email = { expression = "mail", unique = true, case = "ignore" }
number = "anchor"
name = "name"
department = "department"

[groups.staff]
group = "staff"

[groups.departments]
group_expression = "lower(department)"
"""
GROUPS = ("staff", "red", "blue")
_targets: dict[Path, Application] = {}


@dataclass(frozen=True)
class Person:
    """One row of the HR file."""

    number: str
    name: str
    department: str = "red"
    status: str = "Active"
    end: str = ""
    """Their last day."""

    @property
    def mail(self) -> str:
        return f"{self.name}@example.com"

    @property
    def line(self) -> str:
        return f"{self.number},{self.name},{self.mail},{self.department},{self.status},{self.end}\n"


Write = tuple[str, str, str]
"""A verb, the account by its id (a new one by its login), and what about it: an attribute with its value, a state, a group."""


class Application(MemoryTarget):
    """Writes down what is written to it, in the words of `written` and `planned`."""

    def __init__(self, itself: str, people: Sequence[Person]) -> None:
        traits = Traits(
            "login", "email", immutable=frozenset({"login"}), unique=frozenset({"login", "email"}), can=Capability(suspend=True)
        )
        accounts = [
            MemoryAccount(
                f"a{place}",
                AccountState.ACTIVE,
                {"login": one.mail, "email": one.mail, "number": one.number, "name": one.name, "department": one.department},
            )
            for place, one in enumerate(people)
        ]
        members = [(f"a{place}", group) for place, one in enumerate(people) for group in ("staff", one.department)]
        super().__init__("app", traits, accounts, [Entitlement(name, EntitlementKind.GROUP, name) for name in GROUPS], members)
        self.itself = SystemIdentity(itself)
        self.written: list[Write] = []
        self._new: dict[str, str] = {}

    def _called(self, account_id: str) -> str:
        return self._new.get(account_id, account_id)

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        made = await super().create_account(attributes)
        self._new[made.id] = str(attributes["login"])
        self.written.append(("create", self._called(made.id), ""))
        return made

    async def update_account(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        now = self.accounts[account_id].attributes
        self.written += [
            ("update", self._called(account_id), f"{name} {value}") for name, value in changes.items() if now.get(name) != value
        ]
        return await super().update_account(account_id, changes, seen)

    async def activate_account(self, account_id: str, seen: Record | None = None) -> Record:
        self.written.append(("reactivate", self._called(account_id), ""))
        return await super().activate_account(account_id, seen)

    async def deactivate_account(self, account_id: str, seen: Record | None = None) -> Record:
        self.written.append(("deactivate", self._called(account_id), ""))
        return await super().deactivate_account(account_id, seen)

    async def add_member(self, entitlement_id: str, account_id: str) -> None:
        self.written.append(("add_member", self._called(account_id), entitlement_id))
        await super().add_member(entitlement_id, account_id)

    async def remove_member(self, entitlement_id: str, account_id: str) -> None:
        self.written.append(("remove_member", self._called(account_id), entitlement_id))
        await super().remove_member(entitlement_id, account_id)


class NoSettings(BaseModel):
    """An application in this process has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def connect(name: str, settings: NoSettings, base: Path) -> Application:
    """The application of a project folder."""
    return _targets[base]


@dataclass
class Bench:
    """A project between a plan and its application."""

    folder: Path
    people: dict[str, Person]
    now: datetime = MONDAY
    others: list[Application] = field(default_factory=list)
    """Applications that took the place of the first one, or made way for it."""

    @property
    def app(self) -> Application:
        return _targets[self.folder]

    @property
    def everything_written(self) -> list[Write]:
        return [write for app in (*self.others, self.app) for write in app.written]

    def save_people(self) -> None:
        (self.folder / "people.csv").write_text(HEADER + "".join(one.line for one in self.people.values()), encoding="utf-8")

    def change(self, number: str, **fields: str) -> None:
        self.people[number] = replace(self.people[number], **fields)
        self.save_people()

    def session(self) -> Session:
        return Session.open(self.folder, Clock(lambda: self.now))

    def plan(self) -> Plan:
        """Reads everything and plans."""
        self.session().extract(lambda _system, _pages: None)
        return self.session().plan()

    def apply(self, plan: Plan) -> Run | None:
        """Carries a plan out as the command does; None where it is refused."""
        try:
            session = self.session()
            return session.apply(session.load_plan(plan.digest), lambda _outcome: None)
        except ReconcileError:
            return None

    def account_of(self, number: str) -> str:
        """The account that carries a person's number; empty for none."""
        return next((id_ for id_, each in self.app.accounts.items() if each.attributes.get("number") == number), "")

    def edit_account(self, account_id: str, state: AccountState | None = None, **attributes: str) -> None:
        account = self.app.accounts[account_id]
        self.app.accounts[account_id] = replace(
            account, state=state or account.state, attributes={**account.attributes, **attributes}, version=account.version + 1
        )

    def settings(self, text: str) -> None:
        with (self.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
            file.write(text)

    def fresh(self, state: Path) -> set[Write]:
        """What a plan of now would write, made in a copy of the project with the state that was kept."""
        elsewhere = self.folder.with_name(f"{self.folder.name}-fresh")
        shutil.copytree(self.folder, elsewhere, ignore=shutil.ignore_patterns("state"))
        shutil.copytree(state, elsewhere / "state")
        _targets[elsewhere] = self.app
        try:
            return planned(Bench(elsewhere, self.people, self.now).plan())
        except ReconcileError:
            return set()
        finally:
            del _targets[elsewhere]
            shutil.rmtree(elsewhere)


def planned(plan: Plan) -> set[Write]:
    """The writes that a plan intends; none where a guard refuses it."""
    if plan.refused:
        return set()
    found: set[Write] = set()
    for each in plan.operations:
        account = each.account_id or each.who
        match each.verb.value:
            case "update":
                found |= {("update", account, f"{name} {value}") for name, value in each.after.items()}
            case "add_member" | "remove_member":
                found.add((each.verb.value, account, each.entitlement_id))
            case verb:
                found.add((verb, account, ""))
    return found


def other_people(bench: Bench) -> Application:
    """An application whose ids are those of before and mean other people, as ids that count from 1 do."""
    people = list(bench.people.values())
    return Application("memory other", [replace(one, name=f"other{place}", number=f"9{place}") for place, one in enumerate(people)])


def exchange_system(bench: Bench, _number: str) -> None:
    bench.others.append(bench.app)
    _targets[bench.folder] = other_people(bench)


def hand_over(bench: Bench, number: str) -> None:
    if account := bench.account_of(number):
        bench.edit_account(account, login="new.hire@example.com", email="new.hire@example.com", number="777", name="new.hire")


def deactivate_by_hand(bench: Bench, number: str) -> None:
    if account := bench.account_of(number):
        bench.edit_account(account, AccountState.DEACTIVATED)


def make_twin(bench: Bench, number: str) -> None:
    """Somebody makes an account for a person by hand, with another login."""
    if not bench.account_of(number):
        values = {"login": f"by.hand.{number}@example.com", "email": f"by.hand.{number}@example.com", "number": number, "name": "by hand"}
        bench.app.accounts[f"h{number}"] = MemoryAccount(f"h{number}", AccountState.ACTIVE, values)


def protect(bench: Bench, number: str) -> None:
    bench.settings(f"\n[protected]\npeople = {json.dumps([number])}\n")


def forbid(bench: Bench, _number: str) -> None:
    bench.settings("\n[guards]\n" + "".join(f"{verb} = {{ count = 0 }}\n" for verb in ("create", "update", "deactivate", "add_member")))


def edit_mapping(bench: Bench, _number: str) -> None:
    path = bench.folder / "mappings" / "app.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('department = "department"\n', ""), encoding="utf-8")


def next_day(bench: Bench, _number: str) -> None:
    bench.now += timedelta(days=1)


def another_run(bench: Bench, number: str) -> None:
    """The person is what they were before, and a later plan says so."""
    bench.change(number, status="Active", department="red")
    bench.apply(bench.plan())


def read_again(bench: Bench, number: str) -> None:
    bench.change(number, status="Active", department="blue")
    bench.session().extract(lambda _system, _pages: None)


def lose_journal(bench: Bench, _number: str) -> None:
    for left in (bench.folder / "state").glob(f"{JOURNAL}*"):
        left.unlink()


def restore_state(bench: Bench, _number: str) -> None:
    """The store and the journal as they were before the first run."""
    kept = _first(bench.folder)
    plans = copy.copy(list((bench.folder / "state" / "plans").iterdir()))
    for plan in plans:
        shutil.copytree(plan, kept / "plans" / plan.name, dirs_exist_ok=True)
    shutil.rmtree(bench.folder / "state")
    shutil.copytree(kept, bench.folder / "state")


DISTURBANCES: Mapping[str, Callable[[Bench, str], None]] = {
    each.__name__: each
    for each in (
        exchange_system,
        hand_over,
        deactivate_by_hand,
        make_twin,
        protect,
        forbid,
        edit_mapping,
        next_day,
        another_run,
        read_again,
        lose_journal,
        restore_state,
    )
}


@contextlib.contextmanager
def bench(folder: Path, people: Sequence[Person]) -> Iterator[Bench]:
    """A project whose accounts are those of the people, read once."""
    (folder / "mappings").mkdir(parents=True)
    for name, text in (("reconcile.toml", SETTINGS), ("mappings/identities.toml", IDENTITIES), ("mappings/app.toml", APP)):
        (folder / name).write_text(text, encoding="utf-8")
    with _connected(Bench(folder, {one.number: one for one in people}), Application("memory first", people)) as made:
        made.save_people()
        made.session().extract(lambda _system, _pages: None)
        made.session().plan()
        shutil.copytree(folder / "state", _first(folder))
        yield made


@contextlib.contextmanager
def again(folder: Path, held: Bench) -> Iterator[Bench]:
    """The project and the application of a bench as they are now, in another folder: what happens there changes nothing of the bench."""
    shutil.copytree(held.folder, folder)
    shutil.copytree(_first(held.folder), _first(folder))
    with _connected(Bench(folder, dict(held.people), held.now), copy.deepcopy(held.app)) as made:
        yield made


def _first(folder: Path) -> Path:
    """Where the state before the first run is kept."""
    return folder.with_name(f"{folder.name}-first")


@contextlib.contextmanager
def _connected(made: Bench, app: Application) -> Iterator[Bench]:
    place: dict[str, Any] = {"memory": Connector(f"{__name__}:NoSettings", f"{__name__}:connect")}
    _targets[made.folder] = app
    try:
        with patch.dict(BUILT_IN, place):
            yield made
    finally:
        del _targets[made.folder]
