"""What one operation costs: it is looked at once, sent once, and read back once, or by the answer where that is proof."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Opening, Target
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from reconcile.plan.model import Operation, OutcomeKind, Verb

from .one_operation import ACTIVE, OFF, STAGED, SUSPENDED, Runs, operation

TITLE = {"before": {"title": None}, "after": {"title": "Pilot"}}
FIRST_REMOVAL = ["GET user"]
"""The first removal of its kind in a run is verified by a read of its own."""
NEW = {"login": "new@example.com", "email": "new@example.com", "firstName": "A", "lastName": "B"}
OKTA: Mapping[str, tuple[Operation, list[str]]] = {
    "update": (operation("acme", Verb.UPDATE, "update", "a", "ACTIVE", **TITLE), ["GET user", "POST user"]),
    "deactivate": (
        operation("acme", Verb.DEACTIVATE, "deactivate", "a", "ACTIVE", before=ACTIVE, after=OFF),
        ["GET user", "DELETE sessions", "POST deactivate", "GET user", *FIRST_REMOVAL],
    ),
    "suspend": (
        operation("acme", Verb.SUSPEND, "suspend", "a", "ACTIVE", before=ACTIVE, after=SUSPENDED),
        ["GET user", "DELETE sessions", "POST suspend", "GET user", *FIRST_REMOVAL],
    ),
    "reactivate": (
        operation("acme", Verb.REACTIVATE, "reactivate", "d", "DEPROVISIONED", before=OFF, after=ACTIVE),
        ["GET user", "POST activate", "GET user"],
    ),
    "open": (
        operation("acme", Verb.REACTIVATE, "open", "s", "STAGED", before=STAGED, after=ACTIVE, opening=Opening.MAIL),
        ["GET user", "POST activate", "GET user"],
    ),
    "create": (
        operation("acme", Verb.CREATE, "create", "new@example.com", after=NEW, account={"login": "new@example.com"}),
        ["GET user", "GET users", "POST users", "POST activate", "GET user"],
    ),
}
SCIM: Mapping[str, tuple[Operation, list[str]]] = {
    "update": (operation("acme", Verb.UPDATE, "update", "a", "on", **TITLE), ["GET user", "PATCH user", "GET user"]),
    "deactivate": (
        operation("acme", Verb.DEACTIVATE, "deactivate", "a", "on", before=ACTIVE, after=OFF),
        ["GET user", "PATCH user", "GET user", *FIRST_REMOVAL],
    ),
    "reactivate": (
        operation("acme", Verb.REACTIVATE, "reactivate", "a", "off", before=OFF, after=ACTIVE),
        ["GET user", "PATCH user", "GET user"],
    ),
}
WORDS = {r"/users/[^/]+$": "user", r"/Users/[^/]+$": "user", r"/users$": "users"}


def _request(method: str, path: str) -> str:
    word = next((name for pattern, name in WORDS.items() if re.search(pattern, path)), path.rpartition("/")[2])
    return f"{method} {word}"


@contextmanager
def okta(status: str) -> Iterator[tuple[Sandbox, Target]]:
    user = {"id": status, "status": status, "profile": {"login": "a@b.example", "email": "a@b.example", "firstName": "A", "lastName": "B"}}
    with running(OktaSandbox({"users": [user] if status else []})) as sandbox:
        yield sandbox, Okta("acme", OktaSettings.model_validate({"url": sandbox.url, "token": "env:REQUESTS_TOKEN"}), Path())


@contextmanager
def scim(account: str) -> Iterator[tuple[Sandbox, Target]]:
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": account, "userName": "a@b.example", "active": account == "on"}
    with running(ScimSandbox({"users": [user]})) as sandbox:
        settings = {"url": sandbox.url + BASE_PATH, "token": "env:REQUESTS_SCIM_TOKEN", "dialect_overrides": {"etag": "off"}}
        yield sandbox, Scim("acme", ScimSettings.model_validate(settings), Path())


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_TOKEN", "sandbox-token")
    monkeypatch.setenv("REQUESTS_SCIM_TOKEN", "sandbox")


CASES = [
    pytest.param(system, *case, id=f"{system.__name__} {name}")
    for system, cases in ((okta, OKTA), (scim, SCIM))
    for name, case in cases.items()
]


@pytest.mark.parametrize(("system", "asked", "expected"), CASES)
def test_operation_is_looked_at_once_sent_once_and_read_back_once(
    tmp_path: Path, system: Any, asked: Operation, expected: list[str]
) -> None:
    async def applied(target: Target) -> OutcomeKind:
        try:
            return (await Runs(tmp_path).apply(target, asked)).kind
        finally:
            await target.close()

    with system(asked.account_id) as (sandbox, target):
        assert asyncio.run(applied(target)) is OutcomeKind.DONE
        assert [_request(each.method, each.path) for each in sandbox.requests()] == expected
