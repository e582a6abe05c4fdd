"""Four nights (join, move, leave, return) on SCIM applications with the habits of real ones, each judged by an oracle of its own.

After every night the application holds what should be true. The next night finds nothing to do but what changed since, and after the last one
a second run finds nothing at all, and nothing more is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from connectors.sandbox.host import Sandbox, WireApp, running
from connectors.sandbox.scim import SandboxPaging, ScimSandbox, ScimSandboxSettings
from tests.support.scim_habits import Habit, HabitServer

from .night_worlds import DAY, Ended, reconcile

HERE = Path(__file__).parent / "four_nights"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
KEEPER = {"id": "k1", "userName": "keeper@corp.example", "displayName": "Keeper", "active": True}


@dataclass(frozen=True)
class Person:
    """A person of the HR file."""

    number: str
    first: str
    last: str
    team: str
    phone: str
    works: bool = True

    @property
    def line(self) -> str:
        return f"{self.number},{self.first},{self.last},{self.team},{self.phone},{'Active' if self.works else 'Left'}\n"

    @property
    def login(self) -> str:
        return f"{self.first}.{self.last}@corp.example".lower()


@dataclass(frozen=True)
class Held:
    """What one person has in the application, in the form in which all applications agree."""

    works: bool
    mail: tuple[str, ...]
    phone: str
    team: str
    groups: frozenset[str]


STAFF = (
    Person("7001", "Nora", "Falk", "Red", "+49 30 7001"),
    Person("7002", "Ole", "Brandt", "Red", "+49 30 7002"),
    Person("7003", "Pia", "Kern", "Blue", "+49 30 7003"),
    Person("7004", "Quin", "Moor", "Blue", "+49 30 7004"),
)
LATER = Person("7005", "Runa", "Vik", "Red", "+49 30 7005")


def moved(people: Mapping[str, Person], number: str, **changes: Any) -> dict[str, Person]:
    return {**people, number: replace(people[number], **changes)}


NIGHTS: tuple[Callable[[Mapping[str, Person]], dict[str, Person]], ...] = (
    lambda _: {each.number: each for each in STAFF},
    lambda people: {**moved(people, "7002", team="Blue"), LATER.number: LATER},
    lambda people: moved(people, "7003", works=False),
    lambda people: moved(people, "7003", works=True, team="Red"),
)


@dataclass(frozen=True)
class World:
    """One application, how the operator describes it, and what it cannot do."""

    app: Callable[[], WireApp]
    dialect: str = ""
    code: int = 0
    """How every run ends."""
    groups: bool = True
    """Whether memberships follow the mapping."""


def habits(*some: Habit) -> Callable[[], WireApp]:
    def made() -> HabitServer:
        server = HabitServer(frozenset(some))
        server.seed({"users": [KEEPER, _known()], "groups": []})
        return server

    return made


def twin(**settings: Any) -> Callable[[], WireApp]:
    return lambda: ScimSandbox({"users": [KEEPER, _known()]}, settings=ScimSandboxSettings(token="sandbox", **settings))


def _known() -> dict[str, Any]:
    """The account that one of them has before the first night."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "a1",
        "userName": "nora.falk@corp.example",
        "active": True,
    }


BY_PUT = 'user_update = "put", active_update = "put", group_update = "put"'
SMALL = (Habit.ONLY_JSON, Habit.LOWER_LOGIN, Habit.ACTIVE_NUMBER, Habit.NEEDS_PAGING, Habit.NO_RESOURCES, Habit.STRICT_MEMBERS)
WORLDS = {
    "scim2-server": World(twin()),
    "scim2-server without PATCH": World(twin(patch=False), BY_PUT),
    "scim2-server with every feature off": World(twin(bare=True), f"filters = false, {BY_PUT}"),
    "scim2-server by cursor only": World(twin(paging=SandboxPaging.CURSOR), 'paging = "cursor"'),
    "scim2-server without filters": World(twin(filters=False), "filters = false"),
    "no PATCH": World(habits(Habit.NO_PATCH), BY_PUT),
    "no search, and nobody says so in the settings": World(habits(Habit.NO_SEARCH)),
    "no types": World(habits(Habit.NO_TYPES)),
    "many small habits": World(habits(*SMALL), 'media_type = "application/json"'),
    "active is a text": World(habits(Habit.ACTIVE_TEXT, Habit.TOTAL_OF_PAGE, Habit.OLD_ANSWERS)),
    "active is never shown": World(habits(Habit.NEVER_ACTIVE)),
    "versions, and 204 to every change": World(habits(Habit.VERSIONS, Habit.EMPTY_ANSWERS), BY_PUT),
    "versions that no header carries, and 202 to every change": World(habits(Habit.ODD_VERSION, Habit.LATE_ANSWERS)),
    "lists leave out who is not active": World(habits(Habit.LISTS_ACTIVE, Habit.TEL_URI)),
    "no groups": World(habits(Habit.NO_GROUPS_404), "groups = false", code=10, groups=False),
}


class Office:
    """A project folder and the application behind it."""

    def __init__(self, folder: Path, app: Sandbox, world: World) -> None:
        self.folder, self.app, self.world = folder, app, world
        copytree(HERE, folder)
        (folder / "hr").mkdir()
        settings = (folder / "reconcile.toml").read_text(encoding="utf-8")
        settings = settings.replace("https://app.example.com", app.url).replace("= {}", f"= {{ {world.dialect} }}")
        (folder / "reconcile.toml").write_text(settings, encoding="utf-8")
        (folder / "app.token").write_text("sandbox", encoding="utf-8")

    def run(self, people: Iterable[Person], night: int) -> Ended:
        lines = "".join(each.line for each in people)
        (self.folder / "hr" / "people.csv").write_text(f"Number,First,Last,Team,Phone,Status\n{lines}", encoding="utf-8")
        return reconcile("--project", str(self.folder), "run", "--live", "--json", today=DAY + timedelta(night))

    def held(self) -> dict[str, Held]:
        """What everybody but the keeper has, by login."""
        state: Any = self.app.app.state()
        groups = {
            user["id"]: frozenset(
                group["displayName"] for group in state["groups"] if user["id"] in {each["value"] for each in group.get("members") or []}
            )
            for user in state["users"]
        }
        return {user["userName"].lower(): _held(user, groups[user["id"]]) for user in state["users"] if user["id"] != KEEPER["id"]}


def _held(user: Mapping[str, Any], groups: frozenset[str]) -> Held:
    numbers = [re.sub(r"[^+0-9]", "", each["value"]) for each in user.get("phoneNumbers", [])]
    return Held(
        works=user["active"],
        mail=tuple(each["value"] for each in user.get("emails", [])),
        phone=",".join(numbers),
        team=user.get(ENTERPRISE, {}).get("department", ""),
        groups=groups,
    )


def expected(before: Mapping[str, Held], people: Iterable[Person], *, groups: bool) -> dict[str, Held]:
    """What everybody should have: who left keeps the account as it was, without groups."""
    after = dict(before)
    for each in people:
        if each.works:
            holds = frozenset({"crew", f"team {each.team}"}) if groups else frozenset[str]()
            after[each.login] = Held(works=True, mail=(each.login,), phone=each.phone.replace(" ", ""), team=each.team, groups=holds)
        elif each.login in after:
            after[each.login] = replace(after[each.login], works=False, groups=frozenset())
    return after


@pytest.fixture(params=WORLDS.values(), ids=WORLDS)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with running(request.param.app()) as app:
        yield Office(tmp_path / "project", app, request.param)


def test_four_nights_end_right_and_leave_nothing_to_do(office: Office) -> None:
    people: dict[str, Person] = {}
    wanted: dict[str, Held] = {}
    for night, happens in enumerate(NIGHTS):
        before, people = people, happens(people)
        ended = office.run(people.values(), night)
        told = f"night {night + 1}: {_told(ended)}"
        assert ended.code == office.world.code, told
        assert _concerned(ended) == {number for number, each in people.items() if before.get(number) != each}, told
        wanted = expected(wanted, people.values(), groups=office.world.groups)
        assert office.held() == wanted, told
    _nothing_left(office, people.values(), night)


def _concerned(ended: Ended) -> set[str]:
    """The anchors of the people about whom a run did anything. What makes a group is about nobody."""
    return {each["anchor"] for each in (*ended.json["operations"], *ended.json["links"])} - {""}


def _told(ended: Ended) -> str:
    """What a run says that went wrong."""
    plan = ended.json if ended.out.startswith("{") else {}
    outcomes = [each for each in plan.get("outcomes") or [] if each["kind"] not in ("done", "already")]
    return f"{ended.err}\n{[each['message'] for each in plan.get('findings', [])]}\n{outcomes}"


def _nothing_left(office: Office, people: Iterable[Person], night: int) -> None:
    writes = len(office.app.writes())
    again = office.run(people, night)
    assert (again.code, again.json["operations"], again.json["links"]) == (office.world.code, [], []), _told(again)
    assert len(office.app.writes()) == writes


def test_what_the_application_says_it_cannot_do_is_one_finding_each_and_is_not_tried(tmp_path: Path) -> None:
    """No PATCH, and settings that would send it: accounts are made, and nothing fails night after night."""
    with running(habits(Habit.NO_PATCH)()) as app:
        office = Office(tmp_path / "project", app, World(habits()))
        first = office.run(STAFF, 0)
        said = [each["message"] for each in first.json["findings"] if "left out" in each["message"]]
        assert (first.code, sorted(each["verb"] for each in first.json["operations"])) == (10, ["create", "create", "create"])
        assert [sentence.partition(" (")[0] for sentence in said] == [
            "Changes of attributes in app are not possible",
            "Changes of memberships in app are not possible",
        ]
        assert {request.method for request in app.writes()} == {"POST"}
