"""When requests go: against a server that counts like Okta, on a clock that the test moves."""

import asyncio
from email.utils import formatdate

import pytest

from connectors.http.answer import Headers
from connectors.http.budget import Allowance, Budget, StatedLimit
from connectors.http.retry import stated_wait
from tests.support.waiting import LIMIT

EPOCH = 1_700_000_000


class Clock:
    """Time that passes only in sleep; sleepers wake in the order of their moments."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        for _ in range(20):
            await asyncio.sleep(0)
        self.now = max(self.now, until)


class Counting:
    """A fixed window of 60 seconds from its first call; `others` are calls of other clients, spent as a window begins."""

    def __init__(self, clock: Clock, limit: int, *, others: int = 0):
        self.clock, self.limit, self.others = clock, limit, others
        self.begun, self.used, self.refused, self.calls = -1000.0, 0, 0, []

    def call(self) -> Headers:
        if self.clock.now >= self.begun + 60:
            self.begun, self.used = self.clock.now, self.others
        self.calls.append(self.clock.now)
        self.refused += self.used >= self.limit
        self.used = min(self.used + 1, self.limit)
        return limits(self.limit, self.limit - self.used, EPOCH + self.begun + 60, EPOCH + self.clock.now)


def limits(limit: int, remaining: int, reset: float, date: float) -> Headers:
    names = {"Limit": limit, "Remaining": remaining, "Reset": int(reset)}
    return Headers((("Date", formatdate(int(date), usegmt=True)), *((f"X-Rate-Limit-{name}", str(value)) for name, value in names.items())))


def spend(budget: Budget, server: Counting, count: int) -> None:
    async def one():
        async with budget.turn("users") as turn:
            await asyncio.sleep(0)
            turn.learn(server.call())

    async def story():
        await asyncio.gather(*(one() for _ in range(count)))

    asyncio.run(story())


@pytest.mark.parametrize("share", [0.75, 0.2, 1.0])
def test_the_share_of_a_stated_limit_is_used_and_never_exceeded(share):
    clock = Clock()
    server = Counting(clock, 100)
    spend(Budget(share, clock=clock, sleep=clock.sleep), server, 500)
    assert server.refused == 0
    for start in server.calls:
        assert sum(start <= call < start + 60 for call in server.calls) <= 100 * share + 1
    assert len(server.calls) / (clock.now / 60) > 90 * share


def test_nothing_is_sent_where_others_left_nothing():
    clock = Clock()
    server = Counting(clock, 100, others=95)
    spend(Budget(clock=clock, sleep=clock.sleep), server, 40)
    assert server.refused == 0
    assert clock.now > 60 * 5


def test_a_small_run_never_waits():
    clock = Clock()
    spend(Budget(clock=clock, sleep=clock.sleep), Counting(clock, 600), 100)
    assert clock.now == 0


def test_a_declared_limit_is_kept_without_any_header():
    clock = Clock()
    sent = []

    async def one(budget):
        async with budget.turn("writes") as turn:
            sent.append(clock.now)
            turn.learn(Headers())

    async def story():
        budget = Budget(1.0, declared={"writes": Allowance(20, 30)}, clock=clock, sleep=clock.sleep)
        await asyncio.gather(*(one(budget) for _ in range(70)))

    asyncio.run(story())
    for start in sent:
        assert sum(start <= moment < start + 30 for moment in sent) <= 20
    assert 70 < sent[-1] < 110


def test_without_any_limit_nothing_waits_and_requests_go_together():
    async def story():
        clock = Clock()
        budget = Budget(clock=clock, sleep=clock.sleep)
        together, enough = 0, asyncio.Event()

        async def one(number):
            nonlocal together
            async with budget.turn("") as turn:
                together += 1
                if together > 5:
                    enough.set()
                if number:  # the first answer says that there is no limit
                    await enough.wait()
                turn.learn(Headers())
                together -= 1

        await asyncio.wait_for(asyncio.gather(*map(one, range(50))), LIMIT)
        assert clock.now == 0

    asyncio.run(story())


def test_one_refusal_holds_the_whole_bucket_and_no_other():
    async def story():
        clock = Clock()
        budget = Budget(clock=clock, sleep=clock.sleep)
        async with budget.turn("users") as turn:
            turn.refused(30)
        async with budget.turn("groups"):
            assert clock.now == 0
        async with budget.turn("users"):
            assert clock.now == 30

    asyncio.run(story())


def test_a_failed_first_request_does_not_hold_the_others_for_ever():
    async def story():
        budget = Budget()

        async def lost():
            async with budget.turn("users"):
                raise ConnectionError

        results = await asyncio.wait_for(asyncio.gather(*(lost() for _ in range(5)), return_exceptions=True), LIMIT)
        assert all(isinstance(result, ConnectionError) for result in results)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "12"}, 12),
        ({"Date": "Tue, 14 Nov 2023 22:13:20 GMT", "Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30),
        ({"Date": "Tue, 14 Nov 2023 22:13:20 GMT", "Retry-After": "Tue, 14 Nov 2023 22:13:00 GMT"}, 0),
        (dict(limits(600, 0, EPOCH + 40, EPOCH).pairs), 41),
        (dict(limits(0, 0, EPOCH + 40, EPOCH).pairs), None),
        (dict(limits(600, 3, EPOCH + 40, EPOCH).pairs), None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_what_the_server_says_by_its_own_clock(headers, wait):
    assert stated_wait(Headers(tuple(headers.items()))) == wait


def test_a_reset_beyond_belief_is_not_believed():
    stated = StatedLimit.read(limits(600, 0, EPOCH * 2, EPOCH))
    assert stated is not None
    assert stated.seconds_to_reset == 3600
    assert StatedLimit.read(
        Headers((("X-RateLimit-Limit", "60"), ("X-RateLimit-Remaining", "1"), ("X-RateLimit-Reset", "9")))
    ) == StatedLimit(60, 1, 9)
    assert StatedLimit.read(Headers((("X-Rate-Limit-Limit", "many"),))) is None
