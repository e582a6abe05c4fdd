"""Reading an Okta org: a full extract without limits, one within limits beside another client, and an incremental night."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.okta_server import TOKENS, asked, org
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.secrets import SecretRef
from reconcile.project.config import Reading
from reconcile.snapshot.extract import Extract, Extracted
from reconcile.store.connection import Store

GROUPS_LIMIT = "/api/v1/groups"


def main() -> None:
    """Prints one line a question."""
    os.environ["BENCH_TOKEN"] = TOKENS[0]
    _unlimited(100_000, 2_000)
    _limited(groups=560, a_minute=500)
    _incremental(20_000, 400)


def _unlimited(users: int, groups: int) -> None:
    with org(users, groups) as url, tempfile.TemporaryDirectory() as folder:
        seconds, read = _extract(url, Path(folder))
        requests = len(asked(url))
    whole = "complete" if not read.incomplete else f"INCOMPLETE: {read.incomplete[0]}"
    print(f"full extract of {users:,} users and {groups:,} groups, no limit: {seconds:.1f} s, {requests:,} requests, {whole}")


def _limited(groups: int, a_minute: int) -> None:
    """Okta gives one token half of each limit; of that the default share is three quarters. Another client uses the same token."""
    limits = {GROUPS_LIMIT: a_minute}
    with org(2_000, groups, limits) as url, tempfile.TemporaryDirectory() as folder:
        other = _OtherClient(url, every=2.0)
        other.start()
        _extract(url, Path(folder))
        other.stop.set()
        other.join()
        ours = [request for request in asked(url) if "other=1" not in request["query"] and request["path"].startswith("/api/v1/groups")]
    share = 0.75 * a_minute / 2
    seconds = max(request["at"] for request in ours) - min(request["at"] for request in ours)
    refused = sum(request["status"] == 429 for request in ours)
    print(
        f"with {a_minute // 2} calls a minute for our token and a share of 75 %: {len(ours)} calls in {seconds:.0f} s = "
        f"{100 * len(ours) / (share * seconds / 60):.1f} % of the share used; {refused} of them refused; "
        f"another client of the same token: {other.refused} of {other.sent} calls refused"
    )


def _incremental(users: int, groups: int) -> None:
    """A night on which one user in a thousand changed, and two groups."""
    reading = Reading(incremental=True)
    with org(users, groups) as url, tempfile.TemporaryDirectory() as folder:
        _extract(url, Path(folder), reading)
        whole = len(asked(url))
        for n in range(users // 1000):
            _call(url, "POST", f"/api/v1/users/user{n}%40example.com", {"profile": {"title": "Changed"}})
        for name in ("group-1", "group-2"):
            found = json.loads(_call(url, "GET", f"/api/v1/groups?q={name}&limit=1"))[0]["id"]
            user = json.loads(_call(url, "GET", "/api/v1/users/user900%40example.com"))["id"]
            _call(url, "PUT", f"/api/v1/groups/{found}/users/{user}")
        asked(url)
        seconds, read = _extract(url, Path(folder), reading)
        delta = len(asked(url))
    print(
        f"an incremental night with 0.1 % of {users:,} users and 2 of {groups} groups changed: {delta} requests against {whole} "
        f"({100 * delta / whole:.1f} %, bar: 5), {seconds:.1f} s, {read.records} records read"
    )


def _extract(url: str, folder: Path, reading: Reading | None = None) -> tuple[float, Extracted]:
    connector = Okta("okta", OktaSettings(url=url, token=SecretRef("env:BENCH_TOKEN")), Path())

    async def read() -> Extracted:
        try:
            with Store.open(folder, write=True) as store:
                return (
                    await Extract(store, folder, lambda _system: reading or Reading(), lambda _name, _count: None).read({"okta": connector})
                )[0]
        finally:
            await connector.close()

    began = time.perf_counter()
    read_of = asyncio.run(read())
    return time.perf_counter() - began, read_of


class _OtherClient(threading.Thread):
    """Somebody else with the same token, who asks at a steady pace and does not wait."""

    def __init__(self, url: str, *, every: float) -> None:
        super().__init__()
        self._url, self._every = url, every
        self.stop = threading.Event()
        self.sent = self.refused = 0

    def run(self) -> None:
        while not self.stop.wait(self._every):
            self.sent += 1
            self.refused += _status(self._url, "/api/v1/groups?limit=1&other=1") == 429


def _status(url: str, path: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", path, headers={"Authorization": f"SSWS {TOKENS[0]}"})
    status = connection.getresponse().status
    connection.close()
    return status


def _call(url: str, method: str, path: str, body: object = None) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    headers = {"Authorization": f"SSWS {TOKENS[1]}", "Content-Type": "application/json"}
    connection.request(method, path, body=json.dumps(body) if body else "", headers=headers)
    answer = connection.getresponse()
    found = answer.read()
    connection.close()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {found[:200]!r}")
    return found
