"""How hypothesis looks for examples, and which tests may open sockets.

Examples are always the same ones in `make test`, new ones in `make laws`, few in `make test-fast`; never against a clock. A test opens a socket
or starts a process only where its file imports what does that.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.effort import choose_fast
from tests.support.examples import FAST_EXAMPLES
from tests.support.imports import ROOT
from tests.support.sealed import sealed
from tests.support.selection import MARKS, fast, left_out, longest_first, mark

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("few", derandomize=True, database=None, **PATIENT)
settings.register_profile("fast", derandomize=True, database=None, max_examples=FAST_EXAMPLES, **PATIENT)
settings.register_profile("laws", **PATIENT)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="Only tests without servers, and one of each file that makes plans.")


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    if config.getoption("--fast"):
        choose_fast()
        settings.load_profile("fast")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves out whole files that would be deselected, without importing them."""
    if not config.getoption("--fast") or collection_path.suffix != ".py":
        return None
    return left_out(".".join(collection_path.relative_to(ROOT).with_suffix("").parts)) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    for item in items:
        mark(item)
    if config.getoption("--fast"):
        items[:], others = fast(items)
        config.hook.pytest_deselected(items=others)
    items[:] = longest_first(items)


ATTEMPTS = pytest.StashKey[list[str]]()
"""What a sealed test was refused."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Function) -> Generator[None, bool, bool]:
    """Seals a test without the mark `sockets`, with its fixtures."""
    if item.get_closest_marker("sockets"):
        return (yield)
    with sealed() as attempts:
        item.stash[ATTEMPTS] = attempts
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Function) -> Generator[None, None, None]:
    yield
    assert not item.stash.get(ATTEMPTS, []), "the test has asked for sockets or processes, and what it tests has caught the refusal"
