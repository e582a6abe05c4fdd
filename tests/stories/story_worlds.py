"""Two small worlds in which everything is right, and what a bad night may not have done to them."""

from __future__ import annotations

import contextlib
import copy
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connectors.sandbox.host import RecordedRequest, Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from tests.night.night_worlds import CLOCK, Ended, launch, reconcile

HERE = Path(__file__).parent
PEOPLE = 60
DEPARTMENTS = ("Sales", "Engineering", "Finance")
ADMIN = "admin@example.com"
"""An account of nobody in HR, protected; and the login of whoever has to be there."""
LONG_AGO = "2020-01-01T08:00:00.000Z"
TAKING = ("deactivate", "remove_member")
"""The verbs that take something from somebody."""
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True, slots=True)
class Person:
    """A person by their number."""

    number: int

    @property
    def anchor(self) -> str:
        return f"{self.number:05d}"

    @property
    def login(self) -> str:
        return f"p{self.anchor}@example.com"

    @property
    def department(self) -> str:
        return DEPARTMENTS[self.number % len(DEPARTMENTS)]

    @property
    def groups(self) -> tuple[str, ...]:
        return "staff", self.department.lower()

    @property
    def line(self) -> str:
        return f"{self.anchor},Pat,Person{self.anchor},{self.login},{self.department},Active\n"

    @property
    def profile(self) -> dict[str, str]:
        names = {"firstName": "Pat", "lastName": f"Person{self.anchor}", "department": self.department}
        return {"login": self.login, "email": self.login, "employeeNumber": self.anchor, **names}

    @property
    def scim(self) -> dict[str, Any]:
        named = {"userName": self.login, "externalId": self.anchor, "displayName": f"Pat Person{self.anchor}"}
        return {"id": f"w{self.anchor}", "active": True, **named, ENTERPRISE: {"department": self.department}}


def people(count: int = PEOPLE) -> list[Person]:
    return [Person(number) for number in range(count)]


class Story:
    """A project folder, its systems, and what each person held before the bad night."""

    def __init__(self, folder: Path, systems: dict[str, Sandbox]) -> None:
        self.folder, self.systems = folder, systems
        self.had = self.holdings()

    def run(self, *words: str, today: date | None = None) -> Ended:
        return reconcile("--project", str(self.folder), *words, today=today)

    def night(self, *words: str) -> Ended:
        return self.run("run", *CLOCK, "--live", *words)

    def launch(self, *words: str) -> Any:
        return launch("--project", str(self.folder), *words)

    def plan(self) -> dict[str, Any]:
        """The newest plan, as the report has it."""
        return self.run("show", "--json").json

    def edit(self, file: str, old: str, new: str) -> None:
        """Changes a file of the project, which must hold the old text."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def reading(self, system: str, line: str) -> None:
        """Adds a line about how a system is read."""
        with (self.folder / "reconcile.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[reading.{system}]\n{line}\n")

    @property
    def hr(self) -> Path:
        return self.folder / "hr" / "people.csv"

    def lines(self, change: Callable[[list[str]], list[str]]) -> None:
        """Changes the lines of the HR file after its header."""
        header, *rows = self.hr.read_text(encoding="utf-8").splitlines(keepends=True)
        self.hr.write_text("".join([header, *change(rows)]), encoding="utf-8")

    def holdings(self) -> set[tuple[str, ...]]:
        """Who works where, and who holds what: (system, login) and (system, login, group)."""
        return {held for name, system in self.systems.items() for held in _HOLDINGS[type(system.app)](name, system.app.state())}

    def lost(self) -> set[tuple[str, ...]]:
        """What somebody had before and has no more."""
        return self.had - self.holdings()

    def asked(self, system: str) -> list[str]:
        """The paths of the requests since they were last forgotten, with their queries."""
        return [f"{request.path}?{request.query}" for request in self.systems[system].requests()]

    def writes(self) -> list[RecordedRequest]:
        return [request for system in self.systems.values() for request in system.writes()]


def nobody_lost_anything(story: Story, night: Ended, *words: str) -> None:
    """The night froze something: nothing that takes was planned or sent, and one sentence holds all the words."""
    plan = story.plan()
    assert night.code == 12
    assert {each["kind"] for each in plan["findings"]} & {"frozen", "source_missing", "account_missing"} == {"frozen"}
    assert "Once the cause is gone, the next run catches up." in night.err
    assert [each["who"] for each in plan["operations"] if each["verb"] in TAKING] == []
    assert story.lost() == set()
    assert [request for request in story.writes() if takes(request)] == []
    sentences = [line for line in night.err.splitlines() if words[0] in line]
    assert sentences, night.err
    for word in words:
        assert word in sentences[0]


def takes(request: RecordedRequest) -> bool:
    """Whether a request takes something from somebody."""
    ends = request.path.endswith(("/deactivate", "/suspend", "/sessions"))
    return (
        request.method == "DELETE"
        or ends
        or '"remove"' in request.body.lower()
        or '"active":false' in request.body.replace(" ", "").lower()
    )


def okta_holds(count: int = PEOPLE) -> dict[str, Any]:
    """An org in which everybody has what they should have, and an administrator beside them."""
    each = people(count)
    admin = {"login": ADMIN, "email": ADMIN, "firstName": "Ada", "lastName": "Admin"}
    users = [{"created": LONG_AGO, "profile": profile} for profile in (*(person.profile for person in each), admin)]
    names = ("staff", *map(str.lower, DEPARTMENTS))
    groups = [{"id": f"00g{name}", "created": LONG_AGO, "profile": {"name": name}} for name in names]
    return {"users": users, "groups": groups, "members": {name: [one.login for one in each if name in one.groups] for name in names}}


def wiki_holds(count: int = PEOPLE) -> dict[str, Any]:
    """An application in which everybody has what they should have."""
    names = ("staff", *map(str.lower, DEPARTMENTS))
    members = {name: [{"value": one.scim["id"]} for one in people(count) if name in one.groups] for name in names}
    return {
        "users": [one.scim for one in people(count)],
        "groups": [{"id": f"g-{name}", "displayName": name, "members": members[name]} for name in names],
    }


@contextlib.contextmanager
def office(folder: Path, count: int = PEOPLE) -> Iterator[Story]:
    """People from one HR file, accounts in one Okta org."""
    app = OktaSandbox(okta_holds(count))
    with running(app) as okta:
        _project(folder, "office", {"https://your-org.okta.com": okta.url})
        (folder / "hr").mkdir()
        (folder / "hr" / "people.csv").write_text("Number,First,Last,Mail,Department,Status\n" + "".join(one.line for one in people(count)))
        yield Story(folder, {"okta": okta})


@contextlib.contextmanager
def federation(folder: Path, count: int = PEOPLE) -> Iterator[Story]:
    """People from one Okta org, accounts in one SCIM application."""
    org = okta_holds(count)
    org["users"].pop()
    with running(OktaSandbox(org)) as directory, running(ScimSandbox(wiki_holds(count))) as wiki:
        _project(
            folder, "federation", {"https://your-org.okta.com": directory.url, "https://wiki.example.com/scim/v2": wiki.url + BASE_PATH}
        )
        yield Story(folder, {"directory": directory, "wiki": wiki})


@dataclass(frozen=True)
class Settled:
    """A world as it was at a moment, to begin each test from: usually after a night that had nothing to do but to remember who is who."""

    story: Story
    states: dict[str, Any]

    @classmethod
    def after_a_calm_night(cls, story: Story) -> Settled:
        night = story.night()
        assert (night.code, night.err, story.writes()) == (0, "", [])
        return cls.untouched(story)

    @classmethod
    def untouched(cls, story: Story) -> Settled:
        return cls(story, {name: copy.deepcopy(system.app.state()) for name, system in story.systems.items()})

    def again(self, folder: Path) -> Story:
        """The world as it was, in a folder of its own."""
        shutil.copytree(self.story.folder, folder)
        for name, system in self.story.systems.items():
            system.app.seed(copy.deepcopy(self.states[name]))
            system.clear_faults()
            system.forget_requests()
        return Story(folder, dict(self.story.systems))


def _project(folder: Path, template: str, urls: dict[str, str]) -> None:
    shutil.copytree(HERE / template, folder)
    path = folder / "reconcile.toml"
    text = path.read_text(encoding="utf-8")
    for placeholder, url in urls.items():
        assert placeholder in text
        text = text.replace(placeholder, url)
    path.write_text(text, encoding="utf-8")
    (folder / "okta.token").write_text("sandbox-token", encoding="utf-8")
    (folder / "wiki.token").write_text("sandbox", encoding="utf-8")


def _okta_holdings(name: str, state: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    works = {user["id"]: user["profile"]["login"] for user in state["users"] if user["status"] == "ACTIVE"}
    logins = {user["id"]: user["profile"]["login"] for user in state["users"]}
    groups = {group["id"]: group["profile"]["name"] for group in state["groups"]}
    yield from ((name, login) for login in works.values())
    yield from ((name, logins[user], groups[group]) for group, held in state["members"].items() for user in held)


def _wiki_holdings(name: str, state: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    logins = {user["id"]: user["userName"] for user in state["users"]}
    yield from ((name, user["userName"]) for user in state["users"] if user["active"])
    yield from ((name, logins[each["value"]], group["displayName"]) for group in state["groups"] for each in group.get("members", ()))


_HOLDINGS: dict[type, Callable[[str, dict[str, Any]], Iterator[tuple[str, ...]]]] = {
    OktaSandbox: _okta_holdings,
    ScimSandbox: _wiki_holdings,
}
