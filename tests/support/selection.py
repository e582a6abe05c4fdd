"""Which tests `make test-fast` runs: derived from what they import, so that a new test needs no entry anywhere.

Left out are the tests that start servers or processes, the laws on generated companies and what is marked `slow`. A plan takes about a second:
of a file whose tests make plans, the test with the fewest of them stays, the shortest of these.
"""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from tests.support.imports import GENERATORS, PLANNERS, ROOT, SERVERS, reached

MARKS = {
    "sockets": "imports what starts servers or processes, itself or through a fixture; derived",
    "plans": "makes plans for whole companies; derived",
    "slow": "takes many seconds, and neither plans nor servers tell why",
}

_PLANS = re.compile(r"(?<!def )\b\w*(?:plan|night|apply|resume)\w*\(")
"""Calls that make a plan or carry one out."""


def mark(item: pytest.Function) -> None:
    """Adds the derived marks to a test."""
    names = {item.module.__name__, *(each[-1].func.__module__ for each in item._fixtureinfo.name2fixturedefs.values())}
    uses = frozenset[str]().union(*(reached(name) for name in names if name.startswith("tests.")))
    if uses & SERVERS:
        item.add_marker("sockets")
    if uses & PLANNERS:
        item.add_marker("plans")


def left_out(module: str) -> bool:
    """Whether `make test-fast` runs no test of a file: it need not be imported."""
    uses = reached(module)
    return bool(uses & SERVERS or (uses & PLANNERS and uses & GENERATORS))


def fast(items: Iterable[pytest.Function]) -> tuple[list[pytest.Function], list[pytest.Function]]:
    """The tests that `make test-fast` runs, and the others."""
    kept, others, planning = [], [], defaultdict(list)
    for item in items:
        marks = {each.name for each in item.iter_markers()}
        if marks & {"sockets", "slow"}:
            others.append(item)
        elif "plans" in marks:
            planning[item.module.__name__].append(item)
        else:
            kept.append(item)
    for same_file in planning.values():
        cheapest = min(same_file, key=lambda item: _cost(item.function))
        kept.append(cheapest)
        others += (item for item in same_file if item is not cheapest)
    return kept, others


@cache
def _cost(function: Callable[..., object]) -> tuple[int, int]:
    """How many plans a test makes, as far as its own text shows, and how many lines it has: a story of several days is longer than one plan."""
    text = inspect.getsource(function)
    return len(_PLANS.findall(text)), len(text.splitlines())


LONG = ("night", "laws", "stories", "deciding", "plans", "outcomes", "contract")
"""Folders whose files take long, the longest first."""


def longest_first(items: Iterable[pytest.Function]) -> list[pytest.Function]:
    """The tests of folders whose files take long before the others: a long file that begins last keeps one processor busy alone."""
    return sorted(items, key=_place)


def _place(item: pytest.Function) -> int:
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return LONG.index(folder) if folder in LONG else len(LONG)
