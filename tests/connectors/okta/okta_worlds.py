"""Orgs to test against, and the connector pointed at them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.contract import RawPage, Scope, ScopeEnd, ScopeKind
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.retry import Patience
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox, OktaSandboxSettings

SECRET = "00-very-secret-token"
ACCOUNTS, GROUPS = Scope(ScopeKind.ACCOUNTS), Scope(ScopeKind.ENTITLEMENTS)


def user_id(number: int) -> str:
    return f"00u{number:017d}"


def group_id(number: int) -> str:
    return f"00g{number:017d}"


def user(number: int, status: str = "ACTIVE", **profile: object) -> dict[str, Any]:
    login = f"user{number}@example.com"
    shown = {"login": login, "email": login, "firstName": "Ann", "lastName": f"Number {number}", **profile}
    return {"id": user_id(number), "status": status, "profile": shown}


def group(number: int, name: str, kind: str = "OKTA_GROUP") -> dict[str, Any]:
    return {"id": group_id(number), "type": kind, "profile": {"name": name, "description": None}}


@contextmanager
def org(seed: dict[str, Any], tmp_path: Path, *, page_size: int = 200, **switches: Any) -> Iterator[tuple[Sandbox, Callable[..., Any]]]:
    """A running org, and a function that runs one story with a connector of its own."""
    (tmp_path / "token").write_text(SECRET + "\n")
    with running(OktaSandbox(seed, settings=OktaSandboxSettings(**{"tokens": (SECRET,), **switches}))) as sandbox:

        def tell(story: Callable[[Okta], Awaitable[Any]], **settings: Any) -> Any:
            given = {"url": sandbox.url, "token": "file:token", "page_size": page_size, **settings}
            return asyncio.run(_told(story, OktaSettings.model_validate(given), tmp_path))

        yield sandbox, tell


async def _told(story: Callable[[Okta], Awaitable[Any]], settings: OktaSettings, base: Path) -> Any:
    okta = Okta("acme", settings, base, patience=Patience(attempts=3, longest_wait=5, first_wait=0.01))
    try:
        return await story(okta)
    finally:
        await okta.close()


async def everything(okta: Okta) -> tuple[dict[Scope, list[RawPage]], dict[Scope, ScopeEnd]]:
    """Every page and every end of a whole read, by scope."""
    pages: dict[Scope, list[RawPage]] = {}
    ends: dict[Scope, ScopeEnd] = {}
    async for item in okta.pages():
        if isinstance(item, RawPage):
            pages.setdefault(item.scope, []).append(item)
        else:
            assert item.scope not in ends
            ends[item.scope] = item
    return pages, ends
