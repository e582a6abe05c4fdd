"""A SCIM application on a real socket, and a connector that talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from connectors.contract import WHOLE, Quarantined, RawPage, ReadRequest, Rows, ScopeEnd
from connectors.http.retry import RetryPolicy
from connectors.sandbox.host import Sandbox, WireApp, running
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from tests.support.scim_payloads import Payloads, checked

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
T = TypeVar("T")


def _user(number: int, **more: Any) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": f"u{number}",
        "userName": f"person{number}@example.com",
        "name": {"givenName": "Person", "familyName": str(number)},
        "active": True,
        "emails": [{"value": f"person{number}@example.com", "type": "work", "primary": True}],
        ENTERPRISE: {"department": "Research"},
        **more,
    }


@dataclass
class Application:
    """A running application."""

    sandbox: Sandbox
    folder: Path
    payloads: Payloads

    def settings(self, **more: Any) -> ScimSettings:
        settings = ScimSettings(**{"url": self.sandbox.url + BASE_PATH, "token": "env:SCIM_TEST_TOKEN", **more})
        self.payloads.dialect = settings.spoken()
        return settings

    def run(self, work: Callable[[Scim], Awaitable[T]], **settings: Any) -> T:
        """What the work gives; the connector is closed afterwards."""

        async def whole() -> T:
            connector = Scim("app", self.settings(**settings), self.folder)
            connector._session.http._retries.patience = RetryPolicy(attempts=2, first_wait=0.01)
            try:
                return await work(connector)
            finally:
                await connector.close()

        return asyncio.run(whole())

    def read(self, request: ReadRequest = WHOLE, **settings: Any) -> Reading:
        """Everything that one read gives."""

        async def work(connector: Scim) -> Reading:
            parts = [part async for part in connector.pages(request)]
            pages: list[RawPage] = []
            for page in (part for part in parts if isinstance(part, RawPage)):
                # A page numbered 1 begins its scope anew.
                pages = [*(one for one in pages if page.number > 1 or one.scope != page.scope), page]
            ends = {str(part.scope): part for part in parts if isinstance(part, ScopeEnd)}
            return Reading(pages, [connector.decode(page) for page in pages], ends)

        return self.run(work, **settings)

    def held(self, kind: str, resource_id: str) -> dict[str, Any]:
        """What the application itself holds."""
        state: Any = self.sandbox.app.state()
        return next(resource for resource in state[kind] if resource["id"] == resource_id)


@dataclass
class Reading:
    """One read, decoded."""

    pages: list[RawPage]
    rows: list[Rows]
    ends: Mapping[str, ScopeEnd]

    @property
    def ids(self) -> list[str]:
        return [record.id for rows in self.rows for record in rows.records]

    @property
    def members(self) -> set[tuple[str, str]]:
        return {(one.entitlement_id, one.account_id) for rows in self.rows for one in rows.memberships}

    @property
    def quarantined(self) -> list[Quarantined]:
        return [odd for rows in self.rows for odd in rows.quarantined]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[WireApp], Application]]:
    """Runs an application until the test ends, and judges every body that it is sent."""
    monkeypatch.setenv("SCIM_TEST_TOKEN", "sandbox")
    judges: list[Payloads] = []
    with ExitStack() as stack:

        def begin(app: WireApp) -> Application:
            judges.append(checked(app))
            return Application(stack.enter_context(running(judges[-1])), tmp_path, judges[-1])

        yield begin
    assert [problem for judge in judges for problem in judge.invalid] == []


@pytest.fixture
def user() -> Callable[..., dict[str, Any]]:
    """A SCIM User by number."""
    return _user


@pytest.fixture
def app(serve: Callable[[WireApp], Application]) -> Application:
    """Five people, one group with three of them."""
    members = [{"value": f"u{number}"} for number in (1, 2, 3)]
    return serve(ScimSandbox({"users": [_user(number) for number in range(1, 6)], "groups": [_group("g1", "Research", members)]}))


def _group(group_id: str, name: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": group_id, "displayName": name, "members": members}
