"""The first night of a company: everybody gets an account and ten memberships. Beside the usual night of the same people, in the same run.

Bars: at 100,000 people 20 times the CPU of the usual night, and 1.5 GB; at 1,000,000, which is asked for by `python -m benchmarks.first_night
1000000`, 180 seconds of CPU, 4 GB, and files of 300 MB.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.planning import RUN_DATE, child, peak_mb
from reconcile.plan.operation_rows import queryable
from reconcile.report.formats.text import show
from reconcile.store.plans.files import load
from reconcile.usecases.planning import PlanRequest
from reconcile.usecases.session import Session

SIZES = (10_000, 100_000)
APPLIED = 1_000
"""Operations that are handed over, as an applier would be."""
WIDTH = 120

T = TypeVar("T")


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Prints a few lines a size."""
    for people in sizes:
        with tempfile.TemporaryDirectory() as usual, tempfile.TemporaryDirectory() as first:
            child("benchmarks.world", usual, people)
            child("benchmarks.world", first, people, "first")
            before, made = child("benchmarks.planning", "one", usual), child("benchmarks.first_night", "plan", first)
            read = child("benchmarks.first_night", "read", first, made["digest"])
        _show(people, before, made, read)


def _show(people: int, before: dict[str, Any], made: dict[str, Any], read: dict[str, Any]) -> None:
    print(f"{people:,} people, nobody has an account: {made['operations']:,} operations")
    print(f"  plan and save   {made['cpu']:8.1f} s of CPU   peak {made['peak']:,.0f} MB   files {made['files']:,.1f} MB")
    print(f"  usual night     {before['cpu']:8.1f} s of CPU   peak {before['peak']:,.0f} MB")
    print(f"  bars: 20 times the usual night, now {made['cpu'] / before['cpu']:.1f}; 1,500 MB for 100,000 people, now {made['peak']:,.0f}")
    for name in ("load", "applied", "person", "show"):
        print(f"  {name:15} {read[name]:8.2f} s of CPU")
    print(f"  peak of reading {read['peak']:,.0f} MB; before it was shown {read['peak before show']:,.0f} MB")


def plan(folder: Path) -> None:
    """Makes the plan; what that took, as JSON."""
    session = Session.open(folder)
    cpu = time.process_time()
    made = session.plan(RUN_DATE, PlanRequest())
    spent = time.process_time() - cpu
    files = sum(each.stat().st_size for each in (folder / "state" / "plans" / made.digest).iterdir())
    figures = {"cpu": spent, "peak": peak_mb(), "operations": len(made.operations), "digest": made.digest, "files": files / 1e6}
    print(json.dumps(figures))


def read(folder: Path, digest: str) -> None:
    """Loads the plan with its digest check and reads parts of it; what each took, as JSON."""
    spent: dict[str, float] = {}
    made = _timed(spent, "load", lambda: load(folder / "state", digest))
    first = _timed(spent, "applied", lambda: list(islice(made.operations, APPLIED)))
    one = first[-1]
    _timed(spent, "person", lambda: list(queryable(made.operations).about(one.target, one.anchor, one.account_id)))
    before = peak_mb()
    _timed(spent, "show", lambda: show(made, width=WIDTH, colour=False))
    print(json.dumps({**spent, "peak": peak_mb(), "peak before show": before}))


def _timed(spent: dict[str, float], name: str, work: Callable[[], T]) -> T:
    cpu = time.process_time()
    result = work()
    spent[name] = time.process_time() - cpu
    return result


if __name__ == "__main__":
    if sys.argv[1] == "plan":
        plan(Path(sys.argv[2]))
    elif sys.argv[1] == "read":
        read(Path(sys.argv[2]), sys.argv[3])
    else:
        main(tuple(int(size) for size in sys.argv[1:]))
