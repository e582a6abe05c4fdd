"""The requests to each system are counted, with what they waited for its limit and before they were repeated; outside a measurement nothing is."""

import asyncio

import pytest

from connectors.http.budget import Allowance, Budget
from connectors.http.traffic import Traffic, counted_sleep, counted_turn, measured


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


async def _turns(clock: Clock, count: int) -> None:
    budget = Budget(share=1.0, declared={"": Allowance(4, 60)}, clock=clock, sleep=clock.sleep)
    for _ in range(count):
        async with counted_turn("wiki", budget, ""):
            budget._buckets[""].silent = True


def test_every_turn_is_a_request_and_what_it_waited_is_the_time_that_went_by(clock):
    with measured() as traffic:
        asyncio.run(_turns(clock, 6))
    sent = traffic.of("wiki")
    assert (sent.requests, sent.waited_seconds) == (6, clock.now)
    assert 0 < sent.waits < 6


def test_sleep_before_a_repetition_is_a_wait_and_no_request(clock):
    with measured() as traffic:
        asyncio.run(counted_sleep("okta", clock.sleep)(2.5))
    assert traffic.by_system.keys() == {"okta"}
    assert (traffic.of("okta").requests, traffic.of("okta").waits, traffic.of("okta").waited_seconds) == (0, 1, 2.5)
    assert clock.now == 2.5


def test_measurements_know_nothing_of_each_other_and_nothing_is_counted_outside(clock):
    asyncio.run(_turns(clock, 1))
    with measured() as outer:
        with measured() as inner:
            asyncio.run(_turns(clock, 2))
        asyncio.run(_turns(clock, 1))
    assert (outer.of("wiki").requests, inner.of("wiki").requests) == (1, 2)
    assert Traffic().by_system == {}
