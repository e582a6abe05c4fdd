"""Worlds that tests share: one read only, one after its first live night, and calm ones that each test may disturb."""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .hr_oracle import Holdings, holdings
from .night_worlds import Ended, World, world
from .rewinding import Rewinding


@dataclass(frozen=True, repr=False)
class FirstNight:
    """What was before the first live night, what it planned and did, and what was after."""

    world: World
    before: dict[str, Any]
    plan: dict[str, Any]
    applied: Ended
    after: dict[str, Any]
    requests: dict[str, int]
    """Requests of the live run, by target, as the sandboxes recorded them."""


def _break_glass_in_a_managed_group(okta: dict[str, Any], wiki: dict[str, Any]) -> None:
    okta["members"]["managers"].append("break-glass.admin@example.com")
    wiki["users"].append({"id": "break-glass", "userName": "break-glass.admin@example.com", "active": True})
    wiki["groups"][0]["members"].append({"value": "break-glass"})


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstNight]:
    """Accounts that had drifted, after a live night. Nothing may write to it any more."""
    with world(tmp_path_factory.mktemp("first") / "project", change=_break_glass_in_a_managed_group, renamed=True) as held:
        before, plan = held.state, held.plan()
        began = held.requests
        applied = held.run("apply", "--live", "--json")
        sent = {target: count - began[target] for target, count in held.requests.items()}
        yield FirstNight(held, before, plan, applied, held.state, sent)


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Accounts that have drifted, read once. For tests in which nothing is written to the systems."""
    with world(tmp_path_factory.mktemp("drifted") / "project") as held:
        assert held.run("extract").code == 0
        yield held


Calm = Callable[[], World]


@pytest.fixture
def calm(first_night: FirstNight, tmp_path: Path) -> Iterator[Calm]:
    """Starts a world whose accounts were right until this morning: `calm()`."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(calm_world(first_night, tmp_path / "project"))


@dataclass(frozen=True, repr=False)
class Undisturbed:
    """How a calm world is after a night in which nothing went wrong."""

    before: dict[str, Holdings]
    after: dict[str, Holdings]
    remembered: tuple[set[tuple[str, ...]], set[tuple[str, ...]]]


@pytest.fixture(scope="session")
def undisturbed(first_night: FirstNight, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """What a night in which nothing goes wrong makes of a calm world."""
    with calm_world(first_night, tmp_path_factory.mktemp("undisturbed") / "project") as held:
        before = holdings(held.state)
        assert held.night().code == 10
        return Undisturbed(before, holdings(held.state), held.remembered())


@pytest.fixture(scope="session")
def _after_a_night(first_night: FirstNight, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rewinding]:
    with calm_world(first_night, tmp_path_factory.mktemp("after") / "project") as held:
        assert held.night().code == 10
        yield Rewinding(held)


@pytest.fixture
def after_a_night(_after_a_night: Rewinding) -> World:
    """A calm world after its night. What a test does to it is undone before the next one."""
    return _after_a_night.again()


@dataclass(frozen=True, repr=False)
class Planned:
    """A calm world that was read, and the plan of it."""

    world: World
    plan: dict[str, Any]


@pytest.fixture(scope="session")
def _before_a_night(first_night: FirstNight, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rewinding, dict[str, Any]]]:
    with calm_world(first_night, tmp_path_factory.mktemp("before") / "project") as held:
        plan = held.plan()
        yield Rewinding(held), plan


@pytest.fixture
def before_a_night(_before_a_night: tuple[Rewinding, dict[str, Any]]) -> Planned:
    """A calm world and the plan that waits to be applied. What a test does to it is undone before the next one."""
    rewinding, plan = _before_a_night
    return Planned(rewinding.again(), copy.deepcopy(plan))


@contextmanager
def calm_world(first_night: FirstNight, folder: Path) -> Iterator[World]:
    def become(okta: dict[str, Any], wiki: dict[str, Any]) -> None:
        for seed, state in ((okta, first_night.after["okta"]), (wiki, first_night.after["wiki"])):
            seed.clear()
            seed.update(state)

    with world(folder, change=become) as held:
        held.rewrite_hr(held.morning.rows)
        yield held


@pytest.fixture(scope="session")
def _quiet(_after_a_night: Rewinding) -> Rewinding:
    held = _after_a_night.again()
    assert held.run("extract").code == 0
    return Rewinding(held, "quiet")


@pytest.fixture
def quiet(_quiet: Rewinding) -> World:
    """A company after a night that left nothing to do."""
    return _quiet.again()
