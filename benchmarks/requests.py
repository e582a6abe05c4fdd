"""Requests of an apply, counted by the record of the sandbox, beside the fewest that the protocol allows.

The fewest is counted so: every operation is looked at before it is sent and read back after it. A look is one request: an account by its id, a
new login by one search, a group with its members. A write is one request where the protocol has one for it. What a write's own answer proves is not
read again: Okta answers a profile write with the user as it is then, a lifecycle call with nothing of it; a SCIM answer alone is
believed only where the dialect says so. Okta ends the sessions before a deactivation and a suspension, and creates an account in two steps,
because a creation that activates sends a mail. Of memberships one look at the group and one read-back serve all of a request; SCIM takes 100 in
one request, Okta one; the account of each is looked at once a night, 50 at once where the protocol has a list by ids (Okta). Okta takes 20
memberships with the creation of an account, and shows all groups of an account in one read. In bulk all writes of a kind are one request, and
read by ids every step is one. No figure fails the benchmark.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from math import ceil
from pathlib import Path

from benchmarks.applying import apply_night
from benchmarks.request_plans import GROUPS, HELD, OKTA, SCIM, Night, System, first, one_kind, usual
from connectors.contract import Target
from connectors.okta.connector import Okta
from connectors.okta.new_members import MOST
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from connectors.scim.connector import Scim
from connectors.scim.settings import ScimSettings
from reconcile.apply.journal import Journal
from reconcile.plan.model import Verb

SIZE, PEOPLE, NEW = 24, 400, 40
KINDS: Mapping[str, tuple[Verb, ...]] = {
    "create": (Verb.CREATE,),
    "update": (Verb.UPDATE,),
    "deactivate": (Verb.DEACTIVATE,),
    "suspend": (Verb.SUSPEND,),
    "reactivate": (Verb.REACTIVATE,),
    "add member": (Verb.ADD_MEMBER,),
    "remove member": (Verb.REMOVE_MEMBER,),
}
_FEWEST: Mapping[str, Mapping[str, int]] = {
    "okta": {"create": 4, "update": 2, "deactivate": 4, "suspend": 4, "reactivate": 3},
    "scim": {"create": 2, "update": 3, "deactivate": 3, "reactivate": 3},
}
"""Requests of one operation on an account of its own."""


def main(size: int = SIZE, people: int = PEOPLE, new: int = NEW) -> None:
    """Prints a line a kind of operation, and a line a night."""
    os.environ["BENCH_TOKEN"] = "sandbox-token"
    for system in (OKTA, SCIM):
        for kind in KINDS:
            if kind in _FEWEST[system.name] or "member" in kind:
                _show(system, f"{size} x {kind}", one_kind(system, kind, size))
            if system is SCIM and kind in _FEWEST["scim"]:
                _show(system, f"{size} x {kind}, in bulk", one_kind(system, kind, size), bulk=True)
                _show(system, f"{size} x {kind}, in bulk and read by ids", one_kind(system, kind, size), bulk=True, ids=100)
        _show(system, f"usual night of {people} people", usual(system, people))
        _show(system, f"first night of {new} people in {HELD} of {GROUPS} groups each", first(system, new))


def _show(system: System, title: str, night: Night, *, bulk: bool = False, ids: int = 1) -> None:
    sent, ended = applied(system, night, bulk=bulk, ids=ids)
    number = len(night.operations)
    least = fewest(system, night)
    if bulk:
        least = least // number if ids > 1 else least - (number - 1)
    endings = ", ".join(f"{count} {kind}" for kind, count in sorted(ended.items()))
    print(
        f"{system.name:5} {title:50} {sent:6,} requests  {sent / number:5.2f} each   fewest {least:6,}  {least / number:5.2f}   {endings}"
    )


def applied(system: System, night: Night, *, bulk: bool = False, ids: int = 1) -> tuple[int, Counter[str]]:
    """Applies a night over a socket; returns the requests that the system was asked, and how the operations ended."""
    app = OktaSandbox(night.seed) if system is OKTA else ScimSandbox(night.seed)
    with running(app) as sandbox, tempfile.TemporaryDirectory() as folder:
        ended = asyncio.run(apply_night(_connected(system, sandbox, bulk=bulk, ids=ids), night, Journal(Path(folder))))
        return len(sandbox.requests()), ended


def _connected(system: System, sandbox: Sandbox, *, bulk: bool, ids: int) -> Target:
    if system is OKTA:
        return Okta("okta", OktaSettings.model_validate({"url": sandbox.url, "token": "env:BENCH_TOKEN"}), Path())
    os.environ["BENCH_SCIM_TOKEN"] = "sandbox"
    settings = {"url": sandbox.url + BASE_PATH, "token": "env:BENCH_SCIM_TOKEN", "bulk": bulk, "dialect_overrides": {"max_ids": ids}}
    return Scim("scim", ScimSettings.model_validate(settings), Path())


def fewest(system: System, night: Night) -> int:
    """The fewest requests of a night, as the head of this file counts them."""
    of = _FEWEST[system.name]
    verbs = Counter(each.verb for each in night.operations)
    alone = sum(of[kind] * verbs[verb] for kind, (verb,) in KINDS.items() if kind in of)
    members = [each for each in night.operations if each.verb in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)]
    if system is OKTA:
        created = Counter(each.anchor for each in members if not each.account_id)
        assert max(created.values(), default=0) <= MOST, "more groups than one creation takes"
        members = [each for each in members if each.account_id]
        alone += len(created)
    there = {each.anchor for each in members}
    groups = Counter((each.verb, each.entitlement_id) for each in members)
    if system is OKTA:
        return alone + ceil(len(there) / 50) + sum(2 + count for count in groups.values())
    return alone + len(there) + sum(1 + 2 * ceil(count / 100) for count in groups.values())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
