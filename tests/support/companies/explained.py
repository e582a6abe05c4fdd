"""A small company on one day, with one person of every kind that `why` explains."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mappings.lookups import LookupTable
from mappings.rules import Lookup
from tests.support.companies.world import TARGET, Account, Group, HrRow, HrSource, World

GROUPS = (
    Group("g1", "staff"),
    Group("g2", "dept-sales"),
    Group("g3", "dept-finance"),
    Group("g4", "book-club"),
    Group("g5", "everyone", "the system keeps it by a rule of its own"),
)
DEPARTMENTS = {"Sales": "g2", "Finance": "g3"}


def row(
    number: str, name: str, mail: str, *, dept: str = "Sales", status: str = "Active", start: str = "2020-01-01", end: str = ""
) -> HrRow:
    cells = {"No": number, "Name": name, "Mail": mail, "Dept": dept, "Job": "Clerk", "Status": status, "From": start, "Until": end}
    return HrRow(number, {column: cell or None for column, cell in cells.items()})


def account(number: str, login: str, name: str, *, state: str = "active") -> Account:
    values = {"login": login, "email": login, "name": name, "dept": "Sales", "title": "Clerk", "no": number}
    return Account(f"u{number}", state, values)


PEOPLE = (
    row("1001", "Nora New", "nora@x", start="2026-03-01"),
    row("1002", "Uma Unchanged", "uma@x"),
    row("1003", "Rena Married", "rena@x"),
    row("1004", "Milo Mover", "milo@x", dept="Finance"),
    row("1005", "Lena Leave", "lena@x", status="On Leave"),
    row("1006", "Leo Leaver", "leo@x", status="Terminated", end="2026-02-28"),
    row("1007", "Rita Returner", "rita@x", start="2026-03-01"),
    row("1008", "Tim Twin", "twin@x"),
    row("1009", "Tom Twin", "twin@x"),
    row("1010", "Paula Protected", "paula@x", dept="Finance"),
    row("1011", "Ambi Guous", "ambi@x"),
)
AGENCY = (HrRow("a2", {"Ref": "1002", "Full name": "U. Unchanged", "Address": None}),)

ACCOUNTS = (
    account("1002", "uma@x", "Uma Unchanged"),
    account("1003", "rena@x", "Rena Maiden"),
    account("1004", "milo@x", "Milo Mover"),
    account("1005", "lena@x", "Lena Leave"),
    account("1006", "leo@x", "Leo Leaver"),
    account("1007", "rita@x", "Rita Returner", state="deactivated"),
    account("1010", "paula@x", "Paula Protected"),
    Account("u1011a", "active", {"login": "ambi@x", "email": "ambi@x", "name": "Ambi Guous", "no": ""}),
    Account("u1011b", "active", {"login": "ambi.g@x", "email": "ambi@x", "name": "Ambi G.", "no": ""}),
    Account("u0001", "active", {"login": "printer@x", "email": "printer@x", "name": "Printer on the second floor", "no": ""}),
)
LINKED = ("1002", "1003", "1004", "1005", "1006", "1007", "1010")


def _memberships() -> frozenset[tuple[str, str]]:
    given = {(f"u{number}", group) for number in LINKED if number != "1007" for group in ("g1", "g2")}
    return frozenset(given | {("u1002", "g4"), ("u1002", "g5"), ("u0001", "g4")})


MAPPING = {
    "target": TARGET,
    "correlate": [{"account": "no", "identity": "anchor", "adopt": True}, {"account": "email", "identity": "mail"}],
    "attributes": {
        "login": {"expression": "mail", "required": True, "immutable": True},
        "email": {"expression": "mail", "required": True, "unique": True, "case": "ignore"},
        "name": "name",
        "dept": "dept",
        "title": {"expression": "job", "create_only": True},
        "no": "anchor",
    },
    "groups": {
        "staff": {"group": "staff"},
        "departments": {"group_expression": "'dept-' || lower(dept)", "when": "dept is not null"},
    },
}
LIFECYCLE = {
    "status": "Status",
    "active": ["Active"],
    "leave": ["On Leave"],
    "terminated": ["Terminated"],
    "start": '"From"',
    "end": "Until",
    "end_is": "last_day",
}
RULES = {
    "connector": "hr",
    "anchor": "No",
    "attributes": {"name": "Name", "mail": "lower(trim(Mail))", "dept": "Dept", "job": "Job"},
    "lifecycle": LIFECYCLE,
}
AGENCY_RULES = {"connector": "agency", "anchor": "Ref", "attributes": {"name": '"Full name"', "mail": "Address"}}

COMPANY = World(
    day=date(2026, 3, 2),
    sources=(HrSource("hr", PEOPLE, RULES), HrSource("agency", AGENCY, AGENCY_RULES)),
    accounts=ACCOUNTS,
    groups=GROUPS,
    members=_memberships(),
    granted=frozenset(pair for pair in _memberships() if pair[1] in ("g1", "g2")),
    links={number: f"u{number}" for number in LINKED},
    mapping=MAPPING,
    protected_people=("1010",),
)
HALF_READ = replace(COMPANY, broken=frozenset({"hr"}))
"""The same company on a night when its HR file broke off."""

DEPTS = {"file": "depts.csv", "key": "dept", "column": "Department", "gives": {"division": "Division"}}
JOINED = World(
    day=date(2026, 3, 2),
    sources=(
        HrSource(
            "hr",
            (row("1002", "Uma Unchanged", "uma@x"), row("1020", "Connie Joined", "connie@x", start="2026-03-01")),
            RULES | {"person": "Mail"},
        ),
        HrSource(
            "agency",
            (HrRow("C7", {"Ref": "C7", "Full name": "Connie Joined", "Address": "connie@x", "Sponsor": "1002", "Until": "2026-02-28"}),),
            AGENCY_RULES
            | {
                "person": "Address",
                "attributes": {"name": '"Full name"', "mail": "Address", "boss": "Sponsor"},
                "lifecycle": {"end": "Until", "end_is": "last_day"},
            },
        ),
    ),
    accounts=(account("1002", "uma@x", "Uma Unchanged"), Account("uC7", "active", {"login": "connie@x", "email": "connie@x", "no": "C7"})),
    groups=GROUPS,
    members=frozenset({("uC7", "g1")}),
    granted=frozenset({("uC7", "g1")}),
    links={"1002": "u1002", "C7": "uC7"},
    mapping=MAPPING | {"attributes": {**MAPPING["attributes"], "division": "division", "boss": "manager_login"}},
    identities={"lookup": {"depts": DEPTS}, "manager": [{"names": "boss"}]},
    lookups=(LookupTable("depts", Lookup.model_validate(DEPTS), {"Sales": ("Commercial",)}),),
)
"""A contractor who is an employee since yesterday, with a manager and a table of divisions."""

_REPORT = HrRow("1002", {**row("1002", "Uma Unchanged", "uma@x").columns, "Job": "1003"})
GONE = replace(COMPANY, sources=(HrSource("hr", (_REPORT, *PEOPLE[3:]), RULES),))
"""Rena (1003) is missing from all sources, and her number stands with another person, as a manager's does."""
