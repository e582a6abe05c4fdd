"""Accounts of the company: the seeds of a sandboxed Okta org and of a SCIM application, the wiki.

Where nothing has drifted, login = e-mail = the work e-mail in small letters; names are the preferred ones where there are any,
and a person with one name has it twice; employeeNumber and externalId are the employee's or contractor's number.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.company.people import COST_CENTRES, Company, Department, Drift, Kind, Person, works

EDITORS = frozenset({Department.ENGINEERING, Department.PRODUCT})
"""Departments whose people may write in the wiki."""
UNMANAGED_GROUP = "book-club"
APP_GROUP = "directory-staff"
_WIKI = "urn:ietf:params:scim:schemas:core:2.0:"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person's account, as both systems have it."""

    person: Person
    """As the account knows them."""
    login: str
    active: bool
    wrong_group: bool


def accounts(company: Company) -> Iterator[Account]:
    """Yields the accounts of all people, in the order of HR."""
    drifting = company.drift_of()
    converted = {person.universal_id for person in company.people if drifting.get(person.number) is Drift.CONVERTED}
    for person in company.people:
        kind = drifting.get(person.number)
        if not person.email or kind in (Drift.MISSING, Drift.SHARED_EMAIL, Drift.CONVERTED):
            continue
        late = kind in (Drift.STILL_ACTIVE, Drift.PROTECTED_LEAVER) or person.universal_id in converted
        yield Account(
            person=company.known.get(person.number, person),
            login=f"{person.number.lower()}.{person.email}" if kind is Drift.OTHER_LOGIN else person.email,
            active=late or (works(person, company.today) and kind is not Drift.BACK),
            wrong_group=kind is Drift.WRONG_GROUP,
        )


def department_group(department: Department) -> str:
    return "dept-" + "-".join(re.findall(r"[a-z]+", department.value.lower()))


def okta_profile(person: Person, login: str) -> dict[str, str]:
    """Returns the Okta profile of a person whose account is right. Attributes without a value are left out, as Okta does."""
    profile = {
        "login": login,
        "email": person.email,
        "firstName": person.first.used or person.last.used,
        "lastName": person.last.used,
        "displayName": person.display_name,
        "title": person.title,
        "department": person.department.value,
        "costCenter": COST_CENTRES[person.department] if person.kind is Kind.EMPLOYEE else "",
        "userType": person.kind.value,
        "employeeNumber": person.number,
        "managerId": person.manager if person.kind is Kind.EMPLOYEE else "",
        "city": person.office.city if person.kind is Kind.EMPLOYEE else "",
        "countryCode": person.office.country,
    }
    return {name: value for name, value in profile.items() if value}


def okta_seed(company: Company) -> dict[str, Any]:
    """An org for `OktaSandbox`."""
    held = list(accounts(company))
    users = [
        {
            "status": _okta_status(account, position),
            "profile": okta_profile(account.person, account.login),
            "created": f"{account.person.first_hired}T08:00:00.000Z",
        }
        for position, account in enumerate(held)
    ]
    users += [{"status": "ACTIVE", "profile": _foreign_profile(login)} for login in company.drift[Drift.FOREIGN]]
    names = [*map(department_group, Department), "all-employees", "all-contractors", "managers", UNMANAGED_GROUP]
    groups = [
        _okta_group("BUILT_IN", "Everyone"),
        _okta_group("APP_GROUP", APP_GROUP),
        *(_okta_group("OKTA_GROUP", name) for name in names),
    ]
    return {"users": users, "groups": groups, "members": _okta_members(held)}


def _okta_status(account: Account, position: int) -> str:
    """Returns the status of an account: most are ACTIVE; some never signed in or have an expired password, which changes nothing."""
    if not account.active:
        return "DEPROVISIONED"
    return {17: "PROVISIONED", 43: "PASSWORD_EXPIRED"}.get(position % 100, "ACTIVE")


def _okta_group(kind: str, name: str) -> dict[str, Any]:
    return {"type": kind, "profile": {"name": name, "description": f"{name} of the sample company"}}


def _okta_members(held: list[Account]) -> dict[str, list[str]]:
    members: dict[str, list[str]] = defaultdict(list)
    for position, account in enumerate(account for account in held if account.active):
        for group in _groups_of(account):
            members[group].append(account.login)
        if position % 11 == 0:
            members[UNMANAGED_GROUP].append(account.login)
    return dict(members)


def _groups_of(account: Account) -> Iterator[str]:
    """Departments are groups of employees; contractors have one of their own."""
    person = account.person
    match person.kind:
        case Kind.CONTRACTOR:
            yield "all-contractors"
        case Kind.EMPLOYEE:
            yield from ("all-employees", APP_GROUP, department_group(person.department))
            if person.leads:
                yield "managers"
    if account.wrong_group:
        yield department_group(Department.FINANCE if person.department is not Department.FINANCE else Department.LEGAL)


def _foreign_profile(login: str) -> dict[str, str]:
    name = login.partition("@")[0]
    return {"login": login, "email": login, "firstName": "Service", "lastName": name}


def scim_seed(company: Company) -> dict[str, Any]:
    """The wiki, for a sandboxed SCIM application."""
    held = list(accounts(company))
    users = [_scim_user(account) for account in held]
    users.append({"schemas": [_WIKI + "User"], "id": _scim_id("wiki-bot"), "userName": "wiki-bot", "active": True})
    active = [account for account in held if account.active]
    editors = [account for account in active if account.person.department in EDITORS]
    return {"users": users, "groups": [_scim_group("wiki-readers", active), _scim_group("wiki-editors", editors)]}


def _scim_user(account: Account) -> dict[str, Any]:
    person = account.person
    return {
        "schemas": [_WIKI + "User", _ENTERPRISE],
        "id": _scim_id(person.number),
        "externalId": person.number,
        "userName": account.login,
        "name": {"givenName": person.first.used or person.last.used, "familyName": person.last.used},
        "displayName": person.display_name,
        "title": person.title,
        "active": account.active,
        "emails": [{"value": person.email, "type": "work", "primary": True}],
        _ENTERPRISE: {"employeeNumber": person.number, "department": person.department.value},
    }


def _scim_group(name: str, held: list[Account]) -> dict[str, Any]:
    members = [{"value": _scim_id(account.person.number), "display": account.person.display_name} for account in held]
    return {"schemas": [_WIKI + "Group"], "id": _scim_id(name), "displayName": name, "members": members}


def _scim_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://wiki.example.com/{name}"))
