"""Four nights (join, move, leave, return) and a hostile one on an application of every kind that has a dialect of its own.

One company has its people in all eight applications, so that a night costs one run. What is judged is what the applications hold, by their own
tables, and that each night plans what happened since the last one and nothing else: what a night had left undone would be planned again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from connectors.sandbox.dialects.application import DialectSandbox
from connectors.sandbox.dialects.habits import Habits
from connectors.sandbox.dialects.products import PRODUCTS
from connectors.sandbox.dialects.refusals import Refused, error_body
from connectors.sandbox.host import Fault, FaultKind, Sandbox, running

from .night_worlds import DAY, Ended, reconcile

HERE = Path(__file__).parent / "dialect_nights"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
KEEPER = {"id": "keeper", "userName": "keeper@corp.example", "externalId": "0", "active": True}
PROFILE = "00e000000000001"
EXTRA = {"salesforce": f"entitlements = {{ expression = \"[{{'value': '{PROFILE}'}}]\", create_only = true }}\n"}
"""Lines that the mapping of one application has beside those of all."""


@dataclass(frozen=True)
class Person:
    """A person of the HR file."""

    number: str
    first: str
    last: str
    login: str
    team: str = "Blue"
    title: str = "Engineer"
    works: bool = True

    @property
    def line(self) -> str:
        status = "Active" if self.works else "Left"
        return f"{self.number},{self.first},{self.last},{self.login},{self.team},{self.title},{status}\n"


@dataclass(frozen=True)
class Held:
    """What one person has in an application."""

    works: bool
    login: str
    name: str
    mail: tuple[str, ...]
    title: str
    team: str
    groups: frozenset[str]


ZOE = Person("0007", "Zoë", "Østergård", "zoe.oestergaard", team="Red")
LI = Person("0008", "李", "Łuczak", "li.luczak")
ANN = Person("0009", "Ann", "Poe", "ann.poe")
UTE = Person("0010", "Ute", "Lang", "ute.lang", team="Red")
RESERVED = Person("0011", "Root", "Odd", "root.odd", team="Red")
NIGHTS: tuple[tuple[Person, ...], ...] = (
    (ZOE, LI, ANN),
    (replace(ZOE, team="Blue", title="Lead"), replace(LI, team="Red"), ANN),
    (replace(ZOE, team="Blue", title="Lead"), replace(LI, team="Red", works=False), ANN),
    (replace(ZOE, team="Blue", title="Lead"), replace(LI, team="Red", title="Lead"), ANN),
)
"""Join, move, leave, return."""
HOSTILE = (*NIGHTS[-1], UTE, RESERVED)


class Company:
    """A project folder and the eight applications behind it."""

    def __init__(self, folder: Path, apps: Mapping[str, Sandbox]) -> None:
        self.folder, self.apps = folder, apps
        copytree(HERE, folder)
        (folder / "hr").mkdir()
        (folder / "app.token").write_text("sandbox", encoding="utf-8")
        template = (folder / "target.toml").read_text(encoding="utf-8")
        settings = (folder / "reconcile.toml").read_text(encoding="utf-8")
        for name, app in apps.items():
            # Without the product's published rates, which these few requests would wait for.
            dialect = f'dialect = "{name}"\ndialect_overrides = {{ rate = {{}} }}\n'
            settings += f'\n[connectors.{name}]\ntype = "scim"\nurl = "{app.url}/v2"\ntoken = "file:app.token"\n{dialect}'
            mapping = template.replace("TARGET", name).replace("[attributes]\n", f"[attributes]\n{EXTRA.get(name, '')}")
            (folder / "mappings" / f"{name}.toml").write_text(mapping, encoding="utf-8")
        protected = "".join(f'{name} = ["{KEEPER["userName"]}"]\n' for name in apps)
        (folder / "reconcile.toml").write_text(f"{settings}\n[protected.accounts]\n{protected}", encoding="utf-8")

    def run(self, people: tuple[Person, ...], night: int) -> tuple[Ended, Mapping[str, int]]:
        """One night, and the requests that its apply sent to each application."""
        lines = "".join(each.line for each in people)
        (self.folder / "hr" / "people.csv").write_text(f"Number,First,Last,Login,Team,Title,Status\n{lines}", encoding="utf-8")
        today = DAY + timedelta(night)
        for command in ("extract", "plan"):
            reconcile("--project", str(self.folder), command, today=today)
        before = {name: len(app.requests()) for name, app in self.apps.items()}
        ended = reconcile("--project", str(self.folder), "apply", "--live", "--json", today=today)
        return ended, {name: len(app.requests()) - before[name] for name, app in self.apps.items()}

    def held(self, name: str) -> dict[str, list[Held]]:
        """The accounts of everybody but the keeper in one application, by the person's number."""
        state: Any = self.apps[name].app.state()
        found: dict[str, list[Held]] = {}
        for user in state["users"]:
            groups = (each for each in state["groups"] if {"value": user["id"]} in (each.get("members") or ()))
            if user["id"] != KEEPER["id"]:
                found.setdefault(user["externalId"], []).append(_held(user, frozenset(each["displayName"] for each in groups)))
        return found

    def writes(self) -> int:
        return sum(len(app.writes()) for app in self.apps.values())


def _held(user: Mapping[str, Any], groups: frozenset[str]) -> Held:
    return Held(
        works=user["active"],
        login=user["userName"],
        name=f"{user['name']['givenName']} {user['name']['familyName']}",
        mail=tuple(each["value"] for each in user["emails"]),
        title=user["title"],
        team=user[ENTERPRISE]["department"],
        groups=groups,
    )


@dataclass(frozen=True)
class Night:
    """One night: how it ended, and what every application held afterwards."""

    code: int
    operations: tuple[Mapping[str, Any], ...]
    findings: tuple[Mapping[str, Any], ...]
    held: Mapping[str, Mapping[str, list[Held]]]
    writes: int
    forecast: Mapping[str, int]
    sent: Mapping[str, int]
    """Requests of the apply, as they were forecast, and as they came."""
    throttled: Mapping[str, int]
    """How often each application has answered 429 so far."""

    def planned(self, name: str) -> list[tuple[str, str]]:
        """The verb and the person of every operation on one application."""
        return sorted((each["verb"], each["anchor"]) for each in self.operations if each["target"] == name)

    def ended(self, name: str, person: Person, verb: str) -> Mapping[str, str]:
        """The outcome of one operation."""
        some = [each for each in self.operations if (each["target"], each["anchor"], each["verb"]) == (name, person.number, verb)]
        outcome: Mapping[str, str] = some[0]["outcome"]
        return outcome


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Night]]:
    """Four nights, a hostile one in which every application answers 429 halfway, and one more on which nothing happened."""
    with ExitStack() as stack:
        apps = {
            name: stack.enter_context(running(DialectSandbox(habits, {"users": [KEEPER]}, refused=("root.",))))
            for name, habits in PRODUCTS.items()
        }
        company = Company(tmp_path_factory.mktemp("dialects") / "project", apps)
        done = [_night(company, people, number) for number, people in enumerate(NIGHTS)]
        for name, app in apps.items():
            for fault in too_many(PRODUCTS[name]):
                app.add_fault(fault)
        yield [*done, *(_night(company, HOSTILE, number) for number in (len(NIGHTS), len(NIGHTS) + 1))]


def too_many(habits: Habits) -> list[Fault]:
    """Some reads and the second creation are refused for now, in the product's own form."""
    body = json.dumps(error_body(habits, Refused(429, "Too many requests")))
    headers = {"Retry-After": habits.retry_after} if habits.retry_after else {}
    refused: dict[str, Any] = {"kind": FaultKind.STATUS, "status": 429, "body": body, "headers": headers}
    return [Fault(method="GET", after=4, times=2, **refused), Fault(method="POST", path="/Users$", after=1, times=1, **refused)]


def _night(company: Company, people: tuple[Person, ...], number: int) -> Night:
    before = company.writes()
    ended, sent = company.run(people, number)
    assert ended.out.startswith("{"), ended.err
    held = {name: company.held(name) for name in company.apps}
    throttled = {name: sum(each.status == 429 for each in app.requests()) for name, app in company.apps.items()}
    plan = ended.json
    forecast = {each["target"]: each["requests"] for each in plan["forecast"]}
    return Night(ended.code, tuple(plan["operations"]), tuple(plan["findings"]), held, company.writes() - before, forecast, sent, throttled)


def wanted(people: tuple[Person, ...]) -> dict[str, list[Held]]:
    """What everybody should have: one account each, and who left has it without groups."""
    return {each.number: [_wanted(each)] for each in people}


def _wanted(person: Person) -> Held:
    mail = f"{person.login}@corp.example"
    groups = frozenset({"crew"} if person.works and person.team == "Red" else ())
    return Held(person.works, mail, f"{person.first} {person.last}", (mail,), person.title, person.team, groups)


PLANNED: tuple[list[tuple[str, str]], ...] = (
    [("add_member", "0007"), ("create", "0007"), ("create", "0008"), ("create", "0009"), ("create_group", "")],
    [("add_member", "0008"), ("remove_member", "0007"), ("update", "0007"), ("update", "0008")],
    [("deactivate", "0008"), ("remove_member", "0008")],
    [("add_member", "0008"), ("reactivate", "0008"), ("update", "0008")],
    [("add_member", "0010"), ("add_member", "0011"), ("create", "0010"), ("create", "0011")],
    [],
)
EACH = pytest.mark.parametrize("name", sorted(PRODUCTS))


@EACH
def test_every_night_plans_what_happened_and_leaves_what_is_wanted(nights: list[Night], name: str) -> None:
    for night, planned, people in zip(nights, PLANNED, (*NIGHTS, NIGHTS[-1] + (UTE,), NIGHTS[-1] + (UTE,)), strict=True):
        told = [(each["verb"], each["name"], each["outcome"]) for each in night.operations if each["target"] == name]
        assert night.planned(name) == planned, told
        assert night.held[name] == wanted(people), told


@EACH
def test_on_a_hostile_night_one_row_is_refused_with_the_words_of_the_application_and_no_other(nights: list[Night], name: str) -> None:
    said = PRODUCTS[name].unusable or "userName root.odd@corp.example is not allowed here"
    hostile, after = nights[-2:]
    refused = hostile.ended(name, RESERVED, "create")
    assert refused["kind"] == "failed"
    assert said in refused["detail"]
    assert hostile.ended(name, RESERVED, "add_member")["kind"] == "held"
    assert {hostile.ended(name, UTE, verb)["kind"] for verb in ("create", "add_member")} == {"done"}
    assert after.writes == 0
    told = [each["message"] for each in after.findings if each["target"] == name]
    assert len([message for message in told if RESERVED.number in message and said in message]) == 1, told
    assert hostile.throttled[name] == sum(fault.times or 0 for fault in too_many(PRODUCTS[name]))


@EACH
def test_forecast_of_each_night_is_what_its_apply_sends(nights: list[Night], name: str) -> None:
    for night in nights[: len(NIGHTS)]:
        assert night.forecast[name] == pytest.approx(night.sent[name], rel=0.1)


def test_nights_end_well_until_rows_are_refused(nights: list[Night]) -> None:
    assert [night.code for night in nights] == [0, 0, 0, 0, 13, 10]
