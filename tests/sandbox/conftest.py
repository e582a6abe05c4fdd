"""An Okta org to talk to, with a clock that stands still until it is moved."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox, OktaSandboxSettings
from tests.support.waiting import LIMIT


class Clock:
    """Seconds since 1970 that pass only when told."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += seconds


def person(name: str, status: str = "ACTIVE", **attributes) -> dict:
    """A seed user."""
    profile = {"firstName": name.title(), "lastName": "Roe", "login": f"{name}@example.com", "email": f"{name}@example.com", **attributes}
    return {"status": status, "profile": profile}


class Org:
    """A running org and a client that is let in."""

    def __init__(self, sandbox: Sandbox, client: httpx.Client, clock: Clock) -> None:
        self.sandbox = sandbox
        self.client = client
        self.clock = clock

    def call(self, method: str, path: str, **kwargs) -> httpx.Response:
        return self.client.request(method, f"{self.sandbox.url}/api/v1/{path}", **kwargs)

    def get(self, path: str, **params) -> httpx.Response:
        return self.call("GET", path, params=params or None)

    def post(self, path: str, json: object = None) -> httpx.Response:
        return self.call("POST", path, json=json)

    def user(self, name: str) -> dict:
        return self.get(f"users/{name}@example.com").json()

    def group_id(self, name: str) -> str:
        return self.get("groups", q=name).json()[0]["id"]

    def names(self, answer: httpx.Response) -> list[str]:
        assert answer.status_code == 200, answer.text
        return [user["profile"]["login"].partition("@")[0] for user in answer.json()]

    def walk(self, path: str, **params) -> list[list[str]]:
        """The names on every page, following the next links."""
        answer = self.get(path, **params)
        pages = [self.names(answer)]
        while "next" in answer.links:
            answer = self.client.get(answer.links["next"]["url"])
            pages.append(self.names(answer))
        return pages


@pytest.fixture
def okta_org() -> Iterator[object]:
    """A function that starts an org: `okta_org(people..., groups=..., setting=...)`."""
    with ExitStack() as stack:

        def start(*people: dict, seed: dict | None = None, **settings) -> Org:
            clock = Clock()
            app = OktaSandbox({"users": list(people), **(seed or {})}, settings=OktaSandboxSettings(clock=clock, **settings))
            sandbox = stack.enter_context(running(app))
            client = stack.enter_context(httpx.Client(headers={"Authorization": "SSWS sandbox-token"}, timeout=LIMIT))
            return Org(sandbox, client, clock)

        start.person = person
        yield start
