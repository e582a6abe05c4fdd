"""Every verb with one fault on its request: what the journal says, what the system holds, and what a second run makes of it.

Each fault has a server, a connector and a journal of its own, so that the faults run side by side and their waits cost nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from connectors.contract import Target
from connectors.sandbox.host import Fault, FaultKind, RecordedRequest, Sandbox
from reconcile.plan.model import Operation, Outcome, Verb

from .one_operation import ACTIVE, STAGED, Runs

AT_ONCE = {"Retry-After": "0"}
PAGE = "<html>Sign in to the proxy</html>"
K = FaultKind


@dataclass(frozen=True)
class Deed:
    """One verb on an account of its own: what is asked, by which request, and what the system shows before and after."""

    name: str
    operation: Operation
    method: str
    path: str
    """A regular expression of the request that is struck."""
    before: object
    after: object
    shown: Callable[[Any], object]
    nothing: tuple[int, str] = (200, "{}")
    """The answer of a system that does nothing and says that it did."""
    between: tuple[object, ...] = ()
    """What the system shows where a step of several was taken: the account is ours then."""
    unseen: bool = False
    """Whether no read shows the effect."""
    unkept: bool = False
    """Whether an attribute was empty: one that is empty after an accepted write counts as one that the system does not keep."""
    beside: bool = False
    """Whether the struck request is a step that must not keep the verb from being done."""


class Strike:
    """The faults, by name: each is armed for one deed, for one request or for good."""

    BEFORE: Mapping[str, Mapping[str, Any]] = {
        "429": {"kind": K.STATUS, "status": 429, "headers": AT_ONCE},
        "500": {"kind": K.STATUS, "status": 500, "headers": AT_ONCE},
        "503": {"kind": K.STATUS, "status": 503, "headers": AT_ONCE},
        "drop before": {"kind": K.DROP_BEFORE},
        "409": {"kind": K.STATUS, "status": 409},
        "412": {"kind": K.STATUS, "status": 412},
        "page": {"kind": K.STATUS, "status": 200, "body": PAGE},
    }
    """What strikes before the request is carried out."""
    AFTER: Mapping[str, Mapping[str, Any]] = {
        "500 after": {"kind": K.STATUS_AFTER, "status": 500, "headers": AT_ONCE},
        "503 after": {"kind": K.STATUS_AFTER, "status": 503, "headers": AT_ONCE},
        "drop after": {"kind": K.DROP_AFTER},
        "page after": {"kind": K.BODY, "status": 200, "body": PAGE},
    }
    FOR_GOOD = ("429", "503", "drop before", "page", "nothing", "503 after", "drop after", "blind")
    ARMED = (*((name, 1) for name in (*BEFORE, "nothing", *AFTER)), *((name, None) for name in FOR_GOOD))
    """The faults, each for one request or for good. `nothing`: accepted and not done. `blind`: done, and nothing can be read from then on."""


def strikes(name: str, deed: Deed, reads: int, times: int | None) -> Fault:
    """The fault on the request of a deed. `reads`: how many reads come before it."""
    if name == "blind":
        return Fault(K.STATUS, method="GET", after=reads, times=times, status=503, headers=AT_ONCE)
    if name == "nothing":
        status, body = deed.nothing
        return Fault(K.STATUS, method=deed.method, path=deed.path, times=times, status=status, body=body)
    return Fault(method=deed.method, path=deed.path, times=times, **{**Strike.BEFORE, **Strike.AFTER}[name])


@dataclass
class Row:
    """One deed with one fault."""

    deed: str
    fault: str
    outcome: Outcome
    shown: object
    sent: int
    """How often its request arrived."""
    mails: int = 0
    """How many mails went out meanwhile."""
    again: Outcome | None = None
    """The outcome of a second run after the fault was gone."""
    shown_again: object = None

    def __str__(self) -> str:
        again = f" | {self.again.kind} -> {self.shown_again} {self.again.detail[:80]}" if self.again else ""
        return f"{self.deed:22} {self.fault:20} {self.outcome.kind:8} x{self.sent} -> {self.shown}  {self.outcome.detail[:150]}{again}"


@dataclass
class Bench:
    """What runs deeds against a server: the server and the connector for one fault."""

    name: str
    server: Callable[[], AbstractContextManager[Sandbox]]
    connect: Callable[[Sandbox], Target]
    deeds: Sequence[Deed]
    folder: Path
    mails: Callable[[Any], int] = lambda _app: 0
    """The number of mails that a server has sent."""
    reads: dict[str, int] = field(default_factory=dict)

    async def unharmed(self) -> list[Row]:
        """Every deed without a fault; counts the reads that come before the request of each."""
        return await self._each(f"{self.name} no fault", self._undisturbed)

    async def struck(self, name: str, times: int | None) -> list[Row]:
        """Every deed with one fault, and once more where it did not end well."""

        async def one(sandbox: Sandbox, target: Target, runs: Runs, deed: Deed) -> Row:
            sandbox.add_fault(strikes(name, deed, self.reads[deed.name], times))
            row = await self._applied(sandbox, target, runs, deed, f"{name}{'' if times else ', always'}")
            sandbox.clear_faults()
            if row.outcome.kind not in ("done", "already"):
                row.again = await runs.apply(target, _planned_next(deed, row))
                row.shown_again = deed.shown(sandbox.app.state())
            return row

        return await self._each(f"{self.name} {name} {times}", one)

    async def interrupted(self, *, executed: bool) -> list[Row]:
        """Every deed whose process ended after the intent: before the request, or after it was carried out."""

        async def one(sandbox: Sandbox, target: Target, runs: Runs, deed: Deed) -> Row:
            if executed:
                await runs.apply(target, deed.operation)
            return await self._applied(sandbox, target, runs, deed, "killed after" if executed else "killed before", interrupted=True)

        return await self._each(f"{self.name} killed {executed}", one)

    async def _undisturbed(self, sandbox: Sandbox, target: Target, runs: Runs, deed: Deed) -> Row:
        row = await self._applied(sandbox, target, runs, deed, "no fault")
        requests = sandbox.requests()
        first = next(number for number, each in enumerate(requests) if _is(deed, each))
        self.reads[deed.name] = sum(each.method == "GET" for each in requests[:first])
        return row

    async def _applied(self, sandbox: Sandbox, target: Target, runs: Runs, deed: Deed, fault: str, *, interrupted: bool = False) -> Row:
        sandbox.forget_requests()
        before = self.mails(sandbox.app)
        outcome = await runs.apply(target, deed.operation, interrupted=interrupted)
        sent = sum(_is(deed, each) for each in sandbox.requests())
        return Row(deed.name, fault, outcome, deed.shown(sandbox.app.state()), sent, self.mails(sandbox.app) - before)

    async def _each(self, name: str, one: Callable[..., Coroutine[Any, Any, Row]]) -> list[Row]:
        with self.server() as sandbox:
            target, runs = self.connect(sandbox), Runs(self.folder / name)
            try:
                return [await one(sandbox, target, runs, deed) for deed in self.deeds]
            finally:
                await target.close()

    async def everything(self) -> list[Row]:
        """Every deed with every fault, side by side."""
        rows = await self.unharmed()
        tasks = [self.struck(name, times) for name, times in Strike.ARMED]
        tasks += [self.interrupted(executed=executed) for executed in (False, True)]
        for found in await asyncio.gather(*tasks):
            rows += found
        return rows


def _planned_next(deed: Deed, row: Row) -> Operation:
    """What the next plan asks for: the same, or that an account is opened which is there by now."""
    account_id = row.outcome.account_id
    if deed.operation.verb is not Verb.CREATE or not account_id:
        return deed.operation
    return replace(deed.operation, verb=Verb.REACTIVATE, account_id=account_id, before=STAGED, after=ACTIVE)


def _is(deed: Deed, request: RecordedRequest) -> bool:
    target = f"{request.path}?{request.query}" if request.query else request.path
    return request.method == deed.method and re.search(deed.path, target) is not None


UNREAD = "could not be read"
UNSEEN = ("sent twice without an answer: ", "an account does not show it. Ask for it again")
AS_IT_WAS = ("read back nothing has come of it", "accepted it and does not show it")
ASKED_ONCE = ("Look at it before you ask again", "Ask for another one", ", not ")
"""Ends of what is said of an action: the account may have been asked, and its status is named."""


def problems(bench: Bench, rows: Sequence[Row]) -> list[str]:
    """The rows that say what is not so, or that a second run did not bring to what was wanted."""
    deeds = {deed.name: deed for deed in bench.deeds}
    return [f"{why}: {row}" for row in rows if (why := _wrong(deeds[row.deed], row))]


def _wrong(deed: Deed, row: Row) -> str:
    accepted = (deed.unseen or deed.unkept) and row.fault.startswith("nothing")
    if row.outcome.kind in ("done", "already"):
        return "" if row.shown == deed.after or accepted else "said to be done"
    if deed.beside and not row.fault.startswith("blind"):
        return "not done"
    wrong = _unknown(deed, row) if row.outcome.kind == "unknown" else _refused(deed, row)
    return wrong or _second(deed, row)


def _refused(deed: Deed, row: Row) -> str:
    ours = row.outcome.account_id if deed.operation.verb is Verb.CREATE else ""
    return "" if row.shown in (deed.between if ours else (deed.before,)) else "said to have failed"


def _unknown(deed: Deed, row: Row) -> str:
    said = row.outcome.detail
    if row.fault.startswith(("409", "412")):
        return "was refused"
    if UNREAD in said:
        return "" if row.fault.startswith("blind") else "could have been read back"
    if any(each in said for each in UNSEEN):
        return "" if deed.unseen else "is shown"
    if any(each in said for each in AS_IT_WAS):
        return "" if row.shown == deed.before else "is not as it was"
    if any(each in said for each in ASKED_ONCE):
        return ""
    return "does not say what was read back"


def _second(deed: Deed, row: Row) -> str:
    if row.again is None or row.shown_again == deed.after:
        return ""
    # The account is there and no link says whose it is: the next plan finds it by its login.
    found = deed.operation.verb is Verb.CREATE and row.outcome.kind == "unknown" and "by now; the plan did not see it" in row.again.detail
    return "" if found and row.shown_again in deed.between else "a second run did not end it"
