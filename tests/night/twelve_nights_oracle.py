"""What the accounts of the twelve nights should be, worked out from the company itself. Shares no code with what it judges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

ENDED: frozenset[str] = frozenset()
WORKING = ("ACTIVE", "PROVISIONED")
"""An Okta user who was activated without a password is provisioned until they choose one."""


@dataclass(frozen=True)
class Member:
    """One person of the company, as one HR file states them."""

    number: str
    person: str
    first: str
    last: str
    mail: str
    department: str = "Red"
    status: str = "Active"
    start: str = ""
    employee: bool = True

    @property
    def line(self) -> str:
        return f"{self.number},{self.person},{self.first},{self.last},{self.mail},{self.department},{self.status},{self.start}\n"


@dataclass(frozen=True)
class Account:
    """One account of a person in one system, without ids."""

    works: bool
    number: str
    name: str
    mail: str
    groups: frozenset[str]


Accounts = Mapping[str, Account]
"""By person."""


def expected(system: str, before: Accounts, members: Iterable[Member], day: date, *, waiting: Collection[str]) -> Accounts:
    """The accounts after a night. Those of people who wait for something stay as they were."""
    after = dict(before)
    for member in members:
        if member.person in waiting:
            continue
        works = member.status in ("Active", "On Leave") and (not member.start or date.fromisoformat(member.start) <= day)
        if works:
            after[member.person] = _account(system, member)
        elif member.person in after and member.status == "Left":
            after[member.person] = replace(after[member.person], works=False, groups=ENDED)
    return after


def _account(system: str, member: Member) -> Account:
    if system == "okta":
        groups = frozenset({"employees" if member.employee else "contractors", f"dept-{member.department.lower()}"})
    else:
        groups = frozenset({"editors"} if member.department == "Red" else ())
    return Account(True, member.number, f"{member.first} {member.last}", member.mail, groups)


def okta_accounts(state: Mapping[str, Any]) -> Accounts:
    """What an Okta org holds."""
    names = {group["id"]: group["profile"]["name"] for group in state["groups"]}
    groups: dict[str, set[str]] = {}
    for group, held in state["members"].items():
        for user in held:
            groups.setdefault(user, set()).add(names[group])
    found = {}
    for user in state["users"]:
        profile = user["profile"]
        if profile["login"].endswith("@corp.example"):
            person = profile["login"].removeprefix("p").removesuffix("@corp.example")
            name = f"{profile['firstName']} {profile['lastName']}"
            held_groups = frozenset(groups.get(user["id"], ()))
            found[person] = Account(user["status"] in WORKING, profile["employeeNumber"], name, profile["email"], held_groups)
    return found


def wiki_accounts(state: Mapping[str, Any]) -> Accounts:
    """What the SCIM application holds."""
    groups: dict[str, set[str]] = {}
    for group in state["groups"]:
        for member in group.get("members") or ():
            groups.setdefault(member["value"], set()).add(group["displayName"])
    found = {}
    for user in state["users"]:
        person = user["userName"].removeprefix("p").removesuffix("@corp.example")
        mails = [each["value"] for each in user.get("emails") or ()]
        held_groups = frozenset(groups.get(user["id"], ()))
        found[person] = Account(user["active"], user["externalId"], user["displayName"], mails[0] if mails else "", held_groups)
    return found


def different(held: Mapping[str, Accounts], wanted: Mapping[str, Accounts]) -> dict[tuple[str, str], tuple[Account | None, Account | None]]:
    """The accounts that are not as they should be, by system and person: as they are, and as they should be."""
    return {
        (system, person): (held[system].get(person), wanted[system].get(person))
        for system in wanted
        for person in sorted({*held[system], *wanted[system]})
        if held[system].get(person) != wanted[system].get(person)
    }
