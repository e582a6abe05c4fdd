"""Okta and SCIM user pages as those systems write them, made as fast as a benchmark needs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from connectors.contract import WHOLE, RawPage, ReadRequest, Rows, Scope, ScopeEnd, ScopeKind
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from connectors.secrets import SecretRef

PAGE = 200
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def okta_user(n: int) -> dict[str, object]:
    """One user of a list, with the profile attributes that a mapping of 17 attributes fills."""
    profile = {
        "firstName": f"First{n}",
        "lastName": f"Last{n}",
        "mobilePhone": None,
        "secondEmail": None,
        "login": f"user{n}@example.com",
        "email": f"user{n}@example.com",
        "title": f"Engineer {n % 50}",
        "displayName": f"First{n} Last{n}",
        "department": f"Department {n % 40}",
        "division": f"Division {n % 7}",
        "costCenter": f"{n % 99:04d}",
        "employeeNumber": f"{n:07d}",
        "organization": "Example",
        "userType": "Employee",
        "managerId": f"{n % 1000:07d}",
        "manager": f"First{n % 1000} Last{n % 1000}",
        "countryCode": "DE",
        "city": "Berlin",
        "nickName": f"n{n}",
    }
    moment = "2026-01-01T08:00:00.000Z"
    head = {"id": f"00u{n:014d}4x7", "status": "ACTIVE", "created": moment, "activated": moment, "statusChanged": moment}
    rest = {"lastLogin": None, "lastUpdated": moment, "passwordChanged": moment, "type": {"id": "oty0000000000004x7"}}
    return {**head, **rest, "profile": profile, "_links": {"self": {"href": f"https://example.okta.com/api/v1/users/00u{n:014d}4x7"}}}


def scim_user(n: int) -> dict[str, object]:
    """One User of a ListResponse, with two e-mails and the enterprise extension."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": f"{n:08x}-0000-4000-8000-000000000000",
        "externalId": f"{n:07d}",
        "userName": f"user{n}@example.com",
        "name": {"givenName": f"First{n}", "familyName": f"Last{n}", "formatted": f"First{n} Last{n}"},
        "displayName": f"First{n} Last{n}",
        "title": f"Engineer {n % 50}",
        "active": True,
        "emails": [{"value": f"user{n}@example.com", "type": "work", "primary": True}, {"value": f"home{n}@example.org", "type": "home"}],
        ENTERPRISE: {"employeeNumber": f"{n:07d}", "department": f"Department {n % 40}", "costCenter": f"{n % 99:04d}"},
        "meta": {"resourceType": "User", "lastModified": "2026-01-01T08:00:00Z", "version": f'W/"{n}"'},
    }


def okta_pages(users: int) -> Iterator[bytes]:
    """Pages of a user list."""
    for first in range(0, users, PAGE):
        yield json.dumps([okta_user(n) for n in range(first, min(first + PAGE, users))], separators=(",", ":")).encode()


def scim_pages(users: int) -> Iterator[bytes]:
    """Pages of /Users."""
    schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
    for first in range(0, users, PAGE):
        found = [scim_user(n) for n in range(first, min(first + PAGE, users))]
        page = {"schemas": schemas, "totalResults": users, "startIndex": first + 1, "itemsPerPage": len(found), "Resources": found}
        yield json.dumps(page, separators=(",", ":")).encode()


class PageSource:
    """A source whose pages are made here and decoded by a real connector."""

    def __init__(self, name: str, kind: str, users: int) -> None:
        self.name = name
        self._pages = okta_pages if kind == "okta" else scim_pages
        self._users = users
        self._connector = okta() if kind == "okta" else scim()

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:  # noqa: ARG002 - always everything
        scope = Scope(ScopeKind.ACCOUNTS)
        for number, body in enumerate(self._pages(self._users), 1):
            yield RawPage(scope, number, body)
        yield ScopeEnd(scope, watermark="2026-01-01T08:00:00Z")

    def decode(self, page: RawPage) -> Rows:
        return self._connector.decode(page)

    async def attribute_names(self) -> None:
        return None

    async def check(self) -> tuple[()]:
        return ()

    async def close(self) -> None:
        await self._connector.close()


def okta() -> Okta:
    """The connector, of which only `decode` is used."""
    return Okta("okta", OktaSettings(url="http://127.0.0.1:9", token=SecretRef("env:NONE")), Path())


def scim() -> Scim:
    """The connector, of which only `decode` is used."""
    return Scim("scim", ScimSettings(url="http://127.0.0.1:9", token=SecretRef("env:NONE")), Path())
