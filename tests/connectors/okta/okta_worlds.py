"""Orgs to test against, and the connector pointed at them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from connectors.contract import WHOLE, RawPage, ReadRequest, Scope, ScopeEnd, ScopeKind
from connectors.http.retry import RetryPolicy
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox, OktaSandboxSettings

SECRET = "00-very-secret-token"
ACCOUNTS, GROUPS = Scope(ScopeKind.ACCOUNTS), Scope(ScopeKind.ENTITLEMENTS)
OLD = "2020-01-02T03:04:05.000Z"


def user_id(number: int) -> str:
    return f"00u{number:017d}"


def group_id(number: int) -> str:
    return f"00g{number:017d}"


def user(number: int, status: str = "ACTIVE", **profile: object) -> dict[str, Any]:
    login = f"user{number}@example.com"
    shown = {"login": login, "email": login, "firstName": "Ann", "lastName": f"Number {number}", **profile}
    return {"id": user_id(number), "status": status, "profile": shown}


def group(number: int, name: str, kind: str = "OKTA_GROUP", **more: object) -> dict[str, Any]:
    return {"id": group_id(number), "type": kind, "profile": {"name": name, "description": None}, **more}


def rule(number: int, name: str, status: str, *groups: int, expression: str = 'user.title=="no one"') -> dict[str, Any]:
    conditions = {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}}
    actions = {"assignUserToGroups": {"groupIds": [group_id(each) for each in groups]}}
    return {"id": f"0pr{number:017d}", "name": name, "status": status, "conditions": conditions, "actions": actions}


def members(number: int) -> Scope:
    return Scope(ScopeKind.MEMBERS, group_id(number))


@contextmanager
def org(seed: dict[str, Any], tmp_path: Path, *, page_size: int = 200, **switches: Any) -> Iterator[tuple[Sandbox, Callable[..., Any]]]:
    """A running org, and a function that runs one story with a connector of its own."""
    (tmp_path / "token").write_text(SECRET + "\n")
    with running(OktaSandbox(seed, settings=OktaSandboxSettings(**{"tokens": (SECRET,), **switches}))) as sandbox:
        yield sandbox, partial(tell, sandbox.url, tmp_path, page_size=page_size)


def tell(url: str, base: Path, story: Callable[[Okta], Awaitable[Any]], **settings: Any) -> Any:
    """Runs one story with a connector for what answers at this address."""
    return asyncio.run(_told(story, OktaSettings.model_validate({"url": url, "token": "file:token", **settings}), base))


async def _told(story: Callable[[Okta], Awaitable[Any]], settings: OktaSettings, base: Path) -> Any:
    okta = Okta("acme", settings, base, patience=RetryPolicy(attempts=3, longest_wait=5, first_wait=0.01))
    try:
        return await story(okta)
    finally:
        await okta.close()


async def everything(okta: Okta, request: ReadRequest = WHOLE) -> tuple[dict[Scope, list[RawPage]], dict[Scope, ScopeEnd]]:
    """Every page and every end of a read, by scope."""
    pages: dict[Scope, list[RawPage]] = {}
    ends: dict[Scope, ScopeEnd] = {}
    async for item in okta.pages(request):
        if isinstance(item, RawPage):
            pages.setdefault(item.scope, []).append(item)
        else:
            assert item.scope not in ends
            ends[item.scope] = item
    return pages, ends
