"""What both systems should hold after a night, worked out from the HR files by rules of its own.

Shares no code with what it judges: the files are read with the standard library, and the rules of the example mapping are written
out once more in plain Python.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DEPARTMENT_GROUPS = {
    "Executive": "dept-executive",
    "Engineering": "dept-engineering",
    "Product & Design": "dept-product-design",
    "Sales": "dept-sales",
    "Marketing": "dept-marketing",
    "Customer Support": "dept-customer-support",
    "Finance": "dept-finance",
    "People": "dept-people",
    "Legal, Risk & Compliance": "dept-legal-risk-compliance",
    "IT & Security": "dept-it-security",
    "Facilities": "dept-facilities",
}
MANAGED = {
    "okta": {"all-employees", "all-contractors", "managers", *DEPARTMENT_GROUPS.values()},
    "wiki": {"wiki-readers", "wiki-editors"},
}


@dataclass(frozen=True)
class Staff:
    """One person, as the HR files state them."""

    number: str
    email: str
    works: bool
    okta: dict[str, str]
    wiki: dict[str, str]
    groups: dict[str, set[str]]


@dataclass
class Holdings:
    """What one system holds, without ids: accounts by login, and the logins in each group."""

    accounts: dict[str, dict[str, Any]]
    groups: dict[str, set[str]]


def holdings(state: dict[str, Any]) -> dict[str, Holdings]:
    """Both systems as they are."""
    return {"okta": _okta(state["okta"]), "wiki": _wiki(state["wiki"])}


def _okta(state: dict[str, Any]) -> Holdings:
    logins = {user["id"]: user["profile"]["login"] for user in state["users"]}
    accounts = {
        user["profile"]["login"]: {
            "works": user["status"] != "DEPROVISIONED",
            **{name: value for name, value in user["profile"].items() if value is not None},
        }
        for user in state["users"]
    }
    members = {group["profile"]["name"]: {logins[user] for user in state["members"].get(group["id"], [])} for group in state["groups"]}
    return Holdings(accounts, members)


def _wiki(state: dict[str, Any]) -> Holdings:
    logins = {user["id"]: user["userName"] for user in state["users"]}
    accounts = {}
    for user in state["users"]:
        flat = {
            "userName": user["userName"],
            "externalId": user.get("externalId"),
            "name.givenName": user.get("name", {}).get("givenName"),
            "name.familyName": user.get("name", {}).get("familyName"),
            "displayName": user.get("displayName"),
            "title": user.get("title"),
            "emails.work": next((each["value"] for each in user.get("emails", []) if each.get("type") == "work"), None),
            "enterprise.employeeNumber": user.get(ENTERPRISE, {}).get("employeeNumber"),
            "enterprise.department": user.get(ENTERPRISE, {}).get("department"),
        }
        accounts[user["userName"]] = {"works": user["active"], **{name: value for name, value in flat.items() if value is not None}}
    members = {group["displayName"]: {logins[each["value"]] for each in group.get("members", [])} for group in state["groups"]}
    return Holdings(accounts, members)


def expected(before: dict[str, Holdings], folder: Path, today: date, protected: Collection[str]) -> dict[str, Holdings]:
    """What the night should leave behind."""
    staff = list(everybody(folder, today))
    return {
        "okta": _after("okta", before["okta"], staff, "employeeNumber", protected),
        "wiki": _after("wiki", before["wiki"], staff, "externalId", protected),
    }


def everybody(folder: Path, today: date) -> Iterator[Staff]:
    """One for each person in the HR files of the folder."""
    for file in sorted(folder.glob("workers_*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["Primary_Job"] == "Y":
                    yield _employee(row, today)
    for file in sorted(folder.glob("contractors_*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines, delimiter=";"):
                yield _contractor(row, today)


def _employee(row: dict[str, str], today: date) -> Staff:
    ends = row["Termination_Date"] and date.fromisoformat(row["Termination_Date"])
    works = row["Worker_Status"] != "Terminated" and date.fromisoformat(row["Hire_Date"]) <= today and not (ends and ends <= today)
    last = row["Preferred_Last_Name"] or row["Legal_Last_Name"]
    first = row["Preferred_First_Name"] or row["Legal_First_Name"]
    common = {"department": row["Department"], "title": row["Business_Title"]}
    more = {
        "costCenter": row["Cost_Center"],
        "userType": "Employee",
        "managerId": row["Manager_ID"],
        "city": row["City"],
        "countryCode": row["Country"].upper(),
    }
    okta_groups = {"all-employees", DEPARTMENT_GROUPS[row["Department"]]} | ({"managers"} if row["Is_Manager"] == "Y" else set())
    return _person(row["Employee_ID"], row["Work_Email"], (first, last), attributes=(common, more), works=works, okta_groups=okta_groups)


def _contractor(row: dict[str, str], today: date) -> Staff:
    starts, ends = _german(row["From"]), row["Until"] and _german(row["Until"])
    works = starts <= today and not (ends and ends < today)
    common = {"department": row["Department"], "title": row["Role"]}
    more = {"userType": "Contractor", "countryCode": row["Country"].upper()}
    name = (row["First name"], row["Family name"])
    return _person(row["Contractor No"], row["Mail"], name, attributes=(common, more), works=works, okta_groups={"all-contractors"})


def _german(text: str) -> date:
    day, month, year = text.split(".")
    return date(int(year), int(month), int(day))


def _person(
    number: str, mail: str, name: tuple[str, str], *, attributes: tuple[Mapping[str, str], ...], works: bool, okta_groups: set[str]
) -> Staff:
    (first, last), (common, more) = name, attributes
    email = mail.strip().lower()
    shown = f"{first} {last}".strip()
    first = first or last
    okta = {"login": email, "email": email, "firstName": first, "lastName": last, "displayName": shown, "employeeNumber": number}
    wiki = {
        "userName": email,
        "externalId": number,
        "name.givenName": first,
        "name.familyName": last,
        "displayName": shown,
        "title": common["title"],
        "emails.work": email,
        "enterprise.employeeNumber": number,
        "enterprise.department": common["department"],
    }
    editor = {"wiki-editors"} if common["department"] in ("Engineering", "Product & Design") else set()
    groups = {"okta": okta_groups, "wiki": {"wiki-readers", *editor}}
    return Staff(number, email, works, {**okta, **common, **more}, wiki, groups)


def _after(system: str, before: Holdings, staff: list[Staff], number: str, protected: Collection[str]) -> Holdings:
    by_number = {account[number]: held for held, account in before.accounts.items() if number in account}
    mails = [person.email for person in staff if person.works]
    accounts = {held: dict(account) for held, account in before.accounts.items()}
    members = {group: set(held) for group, held in before.groups.items()}
    for person in staff:
        account = by_number.get(person.number)
        if (account or person.email) in protected:
            continue
        if not person.works:
            if account:
                accounts[account]["works"] = False
                _hold(members, account, set(), MANAGED[system])
            continue
        renamed = account is not None and account != person.email
        if renamed or not person.email or mails.count(person.email) > 1:
            continue
        stated = {name: value for name, value in getattr(person, system).items() if value}
        accounts[person.email] = {**accounts.get(person.email, {}), **stated, "works": True}
        _hold(members, person.email, person.groups[system], MANAGED[system])
    return Holdings(accounts, members)


def _hold(members: dict[str, set[str]], login: str, groups: set[str], managed: set[str]) -> None:
    """Exactly these groups of the managed ones, and of the others those that were held."""
    for group, held in members.items():
        if group in groups:
            held.add(login)
        elif group in managed:
            held.discard(login)
