"""A sandboxed Okta org in a process of its own, so that it does not share a processor's time with what is measured."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from benchmarks.pages import okta_user
from connectors.sandbox.host import running
from connectors.sandbox.okta import Bucket, OktaSandbox, OktaSandboxSettings

TOKENS = ("ours", "theirs")
LONG_AGO = "2026-01-01T08:00:00.000Z"


@contextmanager
def org(users: int, groups: int, limits: Mapping[str, int] | None = None) -> Iterator[str]:
    """The address of an org with so many users and groups of 50 members each, until the context ends."""
    command = [sys.executable, "-m", "benchmarks.okta_server", str(users), str(groups), json.dumps(limits or {})]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate(input="")


def asked(url: str) -> list[dict[str, Any]]:
    """Every request that the org was asked, and forgets them."""
    with urllib.request.urlopen(f"{url}/_sandbox/requests") as answer:
        found: list[dict[str, Any]] = json.load(answer)
    with urllib.request.urlopen(urllib.request.Request(f"{url}/_sandbox/requests", method="DELETE")):
        return found


def _serve(users: int, groups: int, limits: dict[str, int]) -> None:
    # Long ago: what changed shortly before the last read is read again by a delta.
    times = {"created": LONG_AGO, "lastUpdated": LONG_AGO}
    people = [{"status": "ACTIVE", "profile": okta_user(n)["profile"], **times} for n in range(users)]
    times["lastMembershipUpdated"] = LONG_AGO
    named = [{"type": "OKTA_GROUP", "profile": {"name": f"group-{n}", "description": None}, **times} for n in range(groups)]
    members = {f"group-{n}": [f"user{(n * 50 + k) % users}@example.com" for k in range(50)] for n in range(groups)}
    settings = OktaSandboxSettings(tokens=TOKENS, limits={Bucket(name): count for name, count in limits.items()})
    with running(OktaSandbox({"users": people, "groups": named, "members": members}, settings=settings)) as sandbox:
        print(sandbox.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
