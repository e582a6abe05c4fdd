"""An apply under Okta's published limits: what it uses of its share, and what that costs another client of the same limits.

`python -m benchmarks.rate_limits PEOPLE`. Real requests over a socket, on a clock that stands still while they are under way and then
goes on to whoever waits least: the figures are those of a machine that is fast enough, however busy this one is. An answer takes no time on that
clock, so what is measured is the pacing alone. Ten seconds count by their busiest limit: a phase of the apply needs one limit more than the others.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.applying import apply_night
from benchmarks.request_plans import OKTA, Night, usual
from connectors.http.budget import Budget, Turn
from connectors.http.retry import Retries, RetryPolicy
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.okta.settings import WORKFORCE_LIMITS, Bucket, OktaSandboxSettings
from connectors.sandbox.wire import WireAnswer, WireRequest
from reconcile.apply.journal import Journal

PEOPLE = 8_000
TOKEN, TOKEN_SHARE = "sandbox-token", 0.5
OTHER = "another client"
MINUTE, SLICE = 60.0, 10.0
QUIET = 0.004
"""Real seconds without a request or an answer after which everybody is taken to wait."""


@dataclass(slots=True)
class StandingClock:
    """Seconds since 1970 that pass only when nothing is under way."""

    now: float = 1_800_000_000.0
    busy: int = 0
    moved: float = 0.0
    """Real moment of the last request or answer."""
    _sleepers: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), woken))
        await woken

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        self.busy, self.moved = self.busy + 1, time.perf_counter()
        try:
            yield
        finally:
            self.busy, self.moved = self.busy - 1, time.perf_counter()

    async def run(self) -> None:
        """Goes on to the next sleeper, whenever nothing is under way."""
        while True:
            await asyncio.sleep(QUIET / 4)
            while self.busy == 0 and self._sleepers and time.perf_counter() - self.moved > QUIET:
                until, _, woken = heapq.heappop(self._sleepers)
                self.now = max(self.now, until)
                if not woken.done():
                    woken.set_result(None)
                    break


class _Counted(Budget):
    """A budget whose requests hold the clock until they are answered."""

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[Turn]:
        assert isinstance(self.clock, StandingClock)
        async with super().turn(name) as turn, self.clock.at_work():
            yield turn


@dataclass(slots=True)
class Spent:
    """The calls that were counted, by ten seconds, limit and who sent them; those that were refused, by who sent them."""

    clock: StandingClock
    sandbox: OktaSandbox
    other: bool = False
    """Whether the call under way is the other client's."""
    calls: Counter[tuple[int, Bucket, bool]] = field(default_factory=Counter)
    refused: Counter[bool] = field(default_factory=Counter)
    began: float = 0.0

    def watch(self) -> None:
        buckets, self.began = self.sandbox._rates, self.clock.now  # noqa: SLF001 - what is counted is the sandbox's own count
        spend, answer = buckets.spend, self.sandbox.answer

        async def answered(request: WireRequest) -> WireAnswer:
            self.other = request.headers.get("user-agent") == OTHER
            return await answer(request)

        def spent(bucket: Bucket, caller: str) -> object:
            state = spend(bucket, caller)
            self.calls[int((self.clock.now - self.began) // SLICE), bucket, self.other] += 1
            self.refused[self.other] += state.refused
            return state

        self.sandbox.answer = answered  # type: ignore[method-assign]
        buckets.spend = spent  # type: ignore[method-assign,assignment]

    def used(self, share: float) -> float:
        """The part of the share that the busiest limit got, over all slices of time but the last."""
        slices: Mapping[int, dict[Bucket, float]] = defaultdict(dict)
        for (number, bucket, other), calls in self.calls.items():
            limit = WORKFORCE_LIMITS[bucket]
            if limit is not None and not other:
                slices[number][bucket] = calls / (limit * TOKEN_SHARE * share * SLICE / MINUTE)
        last = max(slices, default=0)
        return sum(max(of.values()) for number, of in slices.items() if number < last) / last if last else 0.0


def main(people: int = PEOPLE) -> None:
    """Prints a line a share, alone and beside another client."""
    os.environ["BENCH_TOKEN"] = TOKEN
    night = usual(OKTA, people)
    print(f"{len(night.operations):,} operations under the limits of a workforce org, of which a token has {TOKEN_SHARE:.0%}")
    for share, beside in ((0.75, 0.0), (1.0, 0.0), (0.75, 0.2), (0.75, 0.5)):
        began = time.process_time()
        spent, ended, seconds = asyncio.run(_applied(night, share, beside))
        others = f"another takes {beside:.0%}: {spent.refused[True]} of its {_of_other(spent):,} calls refused" if beside else "alone"
        print(
            f"  share {share:4.0%}  {seconds / MINUTE:6.1f} minutes  {spent.used(share):6.1%} of the share used  "
            f"{spent.refused[False]} refused  {', '.join(f'{n:,} {kind}' for kind, n in sorted(ended.items()))}  {others}"
            f"  ({time.process_time() - began:.0f} s of CPU)"
        )


def _of_other(spent: Spent) -> int:
    return sum(calls for (_, _, other), calls in spent.calls.items() if other)


async def _applied(night: Night, share: float, beside: float) -> tuple[Spent, Counter[str], float]:
    clock = StandingClock()
    app = OktaSandbox(night.seed, settings=OktaSandboxSettings(limits=WORKFORCE_LIMITS, token_share=TOKEN_SHARE, clock=clock))
    spent = Spent(clock, app)
    with running(app) as sandbox, tempfile.TemporaryDirectory() as folder:
        target = _paced(sandbox, share, clock)
        time_goes = asyncio.create_task(clock.run())
        another = asyncio.create_task(_another(sandbox, clock, beside)) if beside else None
        spent.watch()
        ended = await apply_night(target, night, Journal(Path(folder)))
        seconds = clock.now - spent.began
        for task in filter(None, (another, time_goes)):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        return spent, ended, seconds


def _paced(sandbox: Sandbox, share: float, clock: StandingClock) -> Okta:
    """The connector on the standing clock."""
    target = Okta("okta", OktaSettings.model_validate({"url": sandbox.url, "token": "env:BENCH_TOKEN"}), Path())
    http = target._org._http  # noqa: SLF001 - no setting gives a connector another clock
    http.budget = _Counted(share, clock=clock, sleep=clock.sleep)
    http._retries = Retries(RetryPolicy(), clock.sleep)  # noqa: SLF001
    return target


async def _another(sandbox: Sandbox, clock: StandingClock, share: float) -> None:
    """A client with the same token that asks for a user evenly, with so much of the limit of the calls on users."""
    limit = WORKFORCE_LIMITS[Bucket.USERS]
    assert limit is not None
    async with httpx.AsyncClient(base_url=sandbox.url, headers={"Authorization": f"SSWS {TOKEN}", "User-Agent": OTHER}) as client:
        while True:
            await clock.sleep(MINUTE / (limit * TOKEN_SHARE * share))
            async with clock.at_work():
                await client.get("/api/v1/users", params={"limit": 1})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
