"""Writes down what plans decide, so that another state of the code can be held against it: a change that should decide nothing differently.

    python -m tests.laws.recorded write FILE [WORLDS]
    python -m tests.laws.recorded compare FILE

A line of the file is one world: its number, then operations with before, after and dependencies, findings without their sentences, links, and
the numbers of every guard. Worlds are dealt from their number. Exit code 1 where one is decided differently.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.support.companies.engine import lab
from tests.support.companies.world import World

from .strategies import deal_world

VILLAGES = tuple(range(9))
MANY = 300


def main(command: str, file: str, worlds: str = str(MANY)) -> int:
    match command:
        case "write":
            with gzip.open(file, "wt", encoding="utf-8") as lines:
                for number in range(int(worlds)):
                    lines.write(_line(number) + "\n")
            return 0
        case "compare":
            return _compare(Path(file))
        case _:
            raise SystemExit(__doc__)


def _compare(file: Path) -> int:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        before = [line.rstrip("\n") for line in lines]
    different = [number for number, line in enumerate(before) if _line(number) != line]
    for number in different:
        was, now = json.loads(before[number]), json.loads(_line(number))
        for part in was:
            for which, rows in (("no longer", _less(was[part], now[part])), ("new", _less(now[part], was[part]))):
                for row in rows:
                    print(f"world {number}: {part}: {which}: {row}")  # noqa: T201 - what this command is for
    print(f"{len(before) - len(different)} of {len(before)} worlds are decided as before.")  # noqa: T201
    return 1 if different else 0


def _less(rows: Any, others: Any) -> Iterator[str]:
    known = {json.dumps(row, sort_keys=True) for row in others}
    for row in rows:
        if (text := json.dumps(row, sort_keys=True)) not in known:
            yield text


def dealt(number: int) -> World:
    """The world of a number."""
    return deal_world(hashlib.sha256(str(number).encode()).digest()[:8], VILLAGES, whole=number % 2 == 0)


def _line(number: int) -> str:
    """What the plan of one world decides, as one line of JSON."""
    with tempfile.TemporaryDirectory() as folder, lab(dealt(number), Path(folder)) as bench:
        bench.extract_before()
        bench.extract()
        plan = bench.plan(renames=number % 3 == 0)
    operations = [{**asdict(each), "because": each.because.situation} for each in plan.operations]
    findings = [[each.kind, each.severity, each.target, each.anchor, each.account_id] for each in plan.findings]
    links = [[each.target, each.anchor, each.account_id, each.forget] for each in plan.links]
    guards = [[each.guard, each.passed, each.count, each.accounts, each.population] for each in plan.verdicts]
    return json.dumps({"operations": operations, "findings": findings, "links": links, "guards": guards}, sort_keys=True, default=str)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
