"""Planning for many people: time by step and peak memory, beside what bare tools take in the same run for the bare comparison.

`python -m benchmarks.planning 10_000_000` plans for ten million.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks.bare import COLUMNS, DATACOMPY_PYTHON, TIMES
from reconcile.plan.model import Plan
from reconcile.store.stages import Stage
from reconcile.usecases.planning import PlanRequest
from reconcile.usecases.session import Session

SIZES = (10_000, 100_000, 1_000_000)
RUN_DATE = date(2026, 11, 22)
DICTIONARY_BYTES = 6_000
"""What plain dictionaries take for one person with ten memberships on both sides: beyond the memory that is free they are skipped."""
SHOWN = 8
"""Stages that are named, the slowest first."""


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Prints a few lines a size, and how times grow."""
    planned = {}
    for people in sizes:
        with tempfile.TemporaryDirectory() as folder:
            child("benchmarks.world", folder, people)
            measured = min((child("benchmarks.planning", "one", folder) for _ in range(TIMES)), key=itemgetter("seconds"))
        planned[people] = measured["seconds"]
        bare = _bare(people)
        _show(people, measured, bare)
    for smaller, larger in pairwise(sizes):
        print(f"{larger // smaller} times as many people: {planned[larger] / planned[smaller]:.1f} times the time")


def _bare(people: int) -> dict[str, dict[str, Any]]:
    ways = ["pipeline", "by_hash", "by_column"]
    if people * DICTIONARY_BYTES < _free_bytes():
        ways.append("dictionaries")
    if DATACOMPY_PYTHON in os.environ:
        ways.append("datacompy")
    return {way: child("benchmarks.bare", way, people) for way in ways}


def _show(people: int, measured: dict[str, Any], bare: dict[str, dict[str, Any]]) -> None:
    seconds, steps = measured["seconds"], measured["steps"]
    print(f"{people:,} people, {len(COLUMNS)} attributes, 10 memberships each; {measured['plan']}")
    print(f"  plan            {seconds:8.2f} s   {measured['cpu']:.1f} s of CPU   peak {measured['peak']:,.0f} MB")
    slowest = sorted(steps.items(), key=itemgetter(1), reverse=True)
    print(f"    {'  '.join(f'{step} {spent:.2f}' for step, spent in slowest[:SHOWN])}")
    best = min(bare[way]["seconds"] for way in ("by_hash", "by_column"))
    for way, one in bare.items():
        ours, what = (seconds, "plan") if way in ("pipeline", "dictionaries") else (measured["compared"], "our comparison")
        print(f"  {way:15} {one['seconds']:8.2f} s   {what} takes {ours / one['seconds']:.1f} times as long")
    print(
        f"  bars: plan over pipeline 5, now {seconds / bare['pipeline']['seconds']:.1f}; comparison over the best statement 1.5, now {measured['compared'] / best:.1f}"
    )
    whole = bare["pipeline"]["prepared"] + bare["pipeline"]["cpu"]
    print(
        f"  processor time: {measured['cpu'] / bare['pipeline']['cpu']:.0f} times the pipeline, {measured['cpu'] / whole:.1f} times it with what its input takes"
    )
    for way, reason in (
        ("dictionaries", "there is too little free memory"),
        ("datacompy", f"{DATACOMPY_PYTHON} does not name a Python that has it"),
    ):
        if way not in bare:
            print(f"  {way}: skipped, {reason}")
    _agree(measured["found"], bare["pipeline"]["found"])


def _agree(ours: dict[str, int], bare: dict[str, int]) -> None:
    if ours != bare:
        print(f"  NOT THE SAME: the plan has {ours}, the bare pipeline {bare}")


def child(module: str, *arguments: object) -> Any:
    """What a module says when it runs in a process of its own, so that times and memory are of it alone."""
    done = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout) if done.stdout else None


def _free_bytes() -> int:
    line = next(line for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) * 1024


def peak_mb() -> float:
    """The most memory that this process ever held; what `resource` says may be of the process that started it."""
    line = next(line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def one(folder: Path) -> dict[str, Any]:
    """One plan: seconds by step, peak memory, and what it found."""
    session = Session.open(folder)
    began, cpu = time.perf_counter(), time.process_time()
    steps: dict[str, float] = defaultdict(float)

    def measured(stages: Sequence[Stage], seconds: float) -> None:
        for each in stages:
            steps[each.room] += each.seconds
        steps["Python"] = seconds - sum(each.seconds for each in stages)

    plan = session.plan(RUN_DATE, PlanRequest(measured=measured))
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "steps": steps,
        "compared": steps["decide/changes/attributes"],
        "peak": peak_mb(),
        "digest": plan.digest,
        "plan": f"{len(plan.operations):,} operations, {len(plan.findings):,} findings{', REFUSED' if plan.refused else ''}",
        "found": _found(plan),
    }


def _found(plan: Plan) -> dict[str, int]:
    """What the bare pipeline finds too."""
    verbs = Counter(operation.verb.value for operation in plan.operations)
    return {"updated": verbs["update"], "added": verbs["add_member"], "removed": verbs["remove_member"]}


if __name__ == "__main__":
    if sys.argv[1] == "one":
        print(json.dumps(one(Path(sys.argv[2]))))
    else:
        main(tuple(int(size) for size in sys.argv[1:]))
