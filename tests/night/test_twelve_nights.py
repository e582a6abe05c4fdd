"""Twelve nights of a company: join, move, rename, swap, leave, return, change employer, recycle an address, and files that are broken or missing.

Each night is one live run on an Okta org and a SCIM application over sockets, judged by an oracle; a second run of the same night finds
nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox

from .night_worlds import DAY, Ended, reconcile
from .twelve_nights_oracle import Accounts, Member, different, expected, okta_accounts, wiki_accounts

HERE = Path(__file__).parent / "twelve_nights"
HEADER = "Number,Person,First,Last,Mail,Department,Status,Start\n"
ADMIN = {"login": "admin@example.com", "email": "admin@example.com", "firstName": "Ada", "lastName": "Admin"}
DEPARTMENTS = ("Red", "Blue", "Green")


def newcomer(place: int, **fields: object) -> Member:
    """The person of a place in the company's list."""
    made = Member(f"E{place:03}", str(place), f"First{place}", f"Last{place}", f"mail{place}@corp.example", DEPARTMENTS[place % 3])
    return replace(made, **fields)


@dataclass
class Company:
    """The people, both systems, and what they should hold by now."""

    folder: Path
    okta: Sandbox
    wiki: Sandbox
    members: dict[str, Member] = field(default_factory=dict)
    """By anchor."""
    day: date = DAY
    accounts: dict[str, Accounts] = field(default_factory=lambda: {"okta": {}, "wiki": {}})

    def change(self, number: str, **fields: object) -> None:
        self.members[number] = replace(self.members[number], **fields)

    def join(self, *members: Member) -> None:
        self.members |= {member.number: member for member in members}

    def file(self, *, employees: bool) -> str:
        return HEADER + "".join(member.line for member in self.members.values() if member.employee is employees)

    def export(self) -> None:
        (self.folder / "hr" / "workers.csv").write_text(self.file(employees=True), encoding="utf-8")
        (self.folder / "hr" / "contractors.csv").write_text(self.file(employees=False), encoding="utf-8")

    def run(self) -> Ended:
        return reconcile("--project", str(self.folder), "run", "--live", "--json", today=self.day)

    @property
    def writes(self) -> int:
        return len(self.okta.writes()) + len(self.wiki.writes())

    def held(self) -> dict[str, Accounts]:
        return {"okta": okta_accounts(self.okta.app.state()), "wiki": wiki_accounts(self.wiki.app.state())}


@dataclass(frozen=True)
class Night:
    """What HR says one night, who waits because of it, and how the run ends."""

    happens: Callable[[Company], None]
    code: int = 0
    waiting: tuple[str, ...] = ()
    """People who stay as they were."""
    spoil: Callable[[Company], None] = lambda _company: None
    """What befalls the files once they were exported."""
    says: tuple[str, ...] = ()
    """What some finding says."""


def first_night(company: Company) -> None:
    company.join(*(newcomer(place) for place in range(1, 25)))
    company.join(*(newcomer(place, number=f"C{place:03}", employee=False) for place in range(25, 31)))


def three_join(company: Company) -> None:
    company.join(newcomer(31), newcomer(32, number="C032", employee=False), newcomer(33, start=str(DAY + timedelta(6))))


def two_move(company: Company) -> None:
    company.change("E003", department="Blue")
    company.change("E004", department="Red")


def one_is_renamed(company: Company) -> None:
    company.change("E005", last="Married", mail="first5.married@corp.example")


def two_swap_addresses(company: Company) -> None:
    company.change("E006", mail="mail7@corp.example")
    company.change("E007", mail="mail6@corp.example")


def two_leave(company: Company) -> None:
    company.change("E008", status="Left")
    company.change("C026", status="Left")


def one_starts_and_one_goes_on_leave(company: Company) -> None:
    company.change("E009", status="On Leave")


def one_returns(company: Company) -> None:
    company.change("E008", status="Active", department="Green")
    company.change("E009", status="Active")


def a_contractor_becomes_an_employee(company: Company) -> None:
    company.change("C027", status="Left")
    company.join(replace(company.members["C027"], number="E127", status="Active", employee=True))


def an_address_is_recycled(company: Company) -> None:
    company.change("E010", status="Left")
    company.join(newcomer(34, mail="mail10@corp.example"))
    company.change("E011", department="Red")


def contractors_are_missing(company: Company) -> None:
    company.change("E012", status="Left")
    company.change("C028", status="Left")
    company.join(newcomer(35))


def a_row_is_broken(company: Company) -> None:
    company.change("E013", status="Left")
    company.change("E014", department="Red")
    company.change("E034", mail="mail34@corp.example")


def remove_contractors(company: Company) -> None:
    (company.folder / "hr" / "contractors.csv").unlink()


def break_a_row(company: Company) -> None:
    """A comma that nobody quoted."""
    path = company.folder / "hr" / "workers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("First14,Last14", "First14,Last14, Jr."), encoding="utf-8")


CONTRACTORS = tuple(str(place) for place in (25, 26, 28, 29, 30, 32))
NIGHTS = {
    "1 everybody is new": Night(first_night),
    "2 three join, one of them later": Night(three_join),
    "3 two move": Night(two_move),
    "4 one is renamed": Night(one_is_renamed),
    "5 two swap addresses": Night(two_swap_addresses),
    "6 two leave": Night(two_leave),
    "7 one starts, one goes on leave": Night(one_starts_and_one_goes_on_leave),
    "8 one returns": Night(one_returns),
    "9 a contractor becomes an employee": Night(a_contractor_becomes_an_employee),
    "10 an address is recycled": Night(an_address_is_recycled, code=10, waiting=("34",), says=("mail10@corp.example",)),
    "11 the file of contractors is missing": Night(
        contractors_are_missing, code=12, waiting=("34", "27", *CONTRACTORS), spoil=remove_contractors, says=("contractors",)
    ),
    "12 a comma that nobody quoted": Night(a_row_is_broken, code=12, waiting=("14",), spoil=break_a_row, says=("E014",)),
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("twelve") / "project"
    copytree(HERE, folder)
    (folder / "hr").mkdir()
    with running(OktaSandbox({"users": [{"profile": ADMIN}]})) as okta, running(ScimSandbox()) as wiki:
        settings = (folder / "reconcile.toml").read_text(encoding="utf-8")
        settings = settings.replace("https://your-org.okta.com", okta.url).replace(
            "https://wiki.example.com/scim/v2", f"{wiki.url}{BASE_PATH}"
        )
        (folder / "reconcile.toml").write_text(settings, encoding="utf-8")
        (folder / "okta.token").write_text(okta.app.settings.tokens[0], encoding="utf-8")
        (folder / "wiki.token").write_text(wiki.app.settings.token, encoding="utf-8")
        yield Company(folder, okta, wiki)


@pytest.mark.parametrize("night", NIGHTS.values(), ids=NIGHTS)
def test_each_night_leaves_what_the_oracle_says_and_nothing_to_do(company: Company, night: Night) -> None:
    """The nights build on one another: run alone, one of them begins with those before it left out."""
    night.happens(company)
    company.export()
    night.spoil(company)
    ended = company.run()
    assert ended.code == night.code, f"{ended.err}\n{[each['message'] for each in ended.json['findings']]}"
    for system, before in company.accounts.items():
        company.accounts[system] = expected(system, before, company.members.values(), company.day, waiting=night.waiting)
    assert different(company.held(), company.accounts) == {}
    for words in night.says:
        assert any(words in each["message"] for each in ended.json["findings"])
    writes = company.writes
    again = company.run()
    assert (again.code, again.json["operations"], again.json["links"]) == (night.code, [], [])
    assert company.writes == writes
    company.day += timedelta(1)
