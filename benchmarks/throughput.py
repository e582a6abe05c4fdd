"""Operations a second on loopback without rate limits, beside a bare httpx loop that sends the same requests; and what the journal takes.

`python -m benchmarks.throughput PEOPLE`. The sandbox answers in a process of its own and takes most of the time of both; so the processor time of
ours is shown too. The loop sends what the apply sent, in the same order, as many at once, and looks at no answer.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from benchmarks.applying import apply_night
from benchmarks.request_plans import OKTA, Night, usual
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import running
from connectors.sandbox.okta import OktaSandbox
from reconcile.apply.journal import Journal

PEOPLE = 2_000
IN_FLIGHT = 8
"""Requests at once, of the connector and of the loop."""
TOKEN = "sandbox-token"


@dataclass(slots=True)
class Taken:
    """Seconds on the clock, and seconds of this process's processor."""

    seconds: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        began, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began
            self.cpu += time.process_time() - cpu


class TimedJournal(Journal):
    """A journal that knows what its transactions took, with what is written in them and the wait for the disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.taken = Taken()
        self.transactions = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        self.transactions += 1
        with self.taken.timed(), super().transaction():
            yield


def main(people: int = PEOPLE) -> None:
    """Prints a line for the apply, its journal, and the loop."""
    os.environ["BENCH_TOKEN"] = TOKEN
    night = usual(OKTA, people)
    number = len(night.operations)
    with _served(night) as url, tempfile.TemporaryDirectory() as folder:
        applied, journal, ended = asyncio.run(_apply(url, night, Path(folder)))
        sent = httpx.get(f"{url}/_sandbox/requests", timeout=60).json()
    with _served(night) as url:
        bare, statuses = asyncio.run(_loop(url, sent))
    print(f"{number:,} operations, {len(sent):,} requests; {', '.join(f'{n:,} {kind}' for kind, n in sorted(ended.items()))}")
    _show("apply", applied, number, len(sent))
    _show("bare loop", bare, number, len(sent))
    print(f"  apply takes {applied.seconds / bare.seconds:.2f} times the time and {applied.cpu / bare.cpu:.2f} times the CPU of the loop")
    taken = journal.taken
    print(
        f"  journal     {journal.transactions:,} transactions, {taken.seconds:.2f} s ({taken.seconds / applied.seconds:.0%} of the apply),"
        f" {taken.cpu:.2f} s of CPU"
    )
    print(f"  the loop was answered {', '.join(f'{status}: {n:,}' for status, n in sorted(statuses.items()))}")


def _show(name: str, taken: Taken, operations: int, requests: int) -> None:
    print(
        f"  {name:10} {taken.seconds:7.2f} s  {operations / taken.seconds:7.0f} operations/s  {requests / taken.seconds:7.0f} requests/s  {taken.cpu:6.2f} s of CPU"
    )


async def _apply(url: str, night: Night, folder: Path) -> tuple[Taken, TimedJournal, Counter[str]]:
    target = Okta("okta", OktaSettings.model_validate({"url": url, "token": "env:BENCH_TOKEN", "in_flight": IN_FLIGHT}), Path())
    journal, taken = TimedJournal(folder), Taken()

    @contextmanager
    def timed() -> Iterator[None]:
        journal.taken, journal.transactions = Taken(), 0
        with taken.timed():
            yield

    return taken, journal, await apply_night(target, night, journal, timed)


async def _loop(url: str, sent: list[dict[str, Any]]) -> tuple[Taken, Counter[int]]:
    """Sends requests as they were sent before, so many at once."""
    taken, statuses, todo = Taken(), Counter[int](), iter(sent)
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"SSWS {TOKEN}"}, timeout=60) as client:

        async def send() -> None:
            for each in todo:
                target = f"{each['path']}?{each['query']}" if each["query"] else each["path"]
                kept = {name: value for name, value in each["headers"].items() if name in ("accept", "content-type", "if-match")}
                answer = await client.request(each["method"], target, content=each["body"] or None, headers=kept)
                statuses[answer.status_code] += 1

        with taken.timed():
            await asyncio.gather(*(send() for _ in range(IN_FLIGHT)))
    return taken, statuses


@contextmanager
def _served(night: Night) -> Iterator[str]:
    """The address of a sandbox in a process of its own."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, night.seed))
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join()


def _serve(pipe: Connection, seed: object) -> None:
    with running(OktaSandbox(seed)) as sandbox:
        pipe.send(sandbox.url)
        pipe.recv()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
