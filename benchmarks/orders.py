"""Plans of one company whose rows lie in different orders in the store: time, memory and spilled bytes must not hang on the order.

`python -m benchmarks.orders PEOPLE ORDERS`. Bar: the largest and the smallest within a factor of two.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.planning import child, one
from reconcile.snapshot.wide import keep_wide_copies
from reconcile.store.connection import Store
from reconcile.usecases.session import Session

PEOPLE, ORDERS = 100_000, 20
MIX = Path(__file__).with_name("company") / "mix.sql"
MEASURES = ("cpu", "peak", "spilled")
EVERY = 0.1
"""Seconds between two looks at what is spilled."""


def main(people: int = PEOPLE, orders: int = ORDERS) -> None:
    """Prints a line a measure, and whether all plans are the same."""
    with tempfile.TemporaryDirectory() as made:
        child("benchmarks.world", made, people)
        found = [_in_order(Path(made), number) for number in range(orders)]
    print(f"{people:,} people, rows in {orders} orders; {len({each['digest'] for each in found})} different plans")
    for name in MEASURES:
        least, most = (choose(each[name] for each in found) for choose in (min, max))
        print(f"  {name:8} {least:10,.1f} to {most:10,.1f}   {f'{most / least:.2f} times' if least else ''}")


def _in_order(made: Path, number: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as copy:
        folder = Path(copy) / "company"
        shutil.copytree(made, folder)
        child("benchmarks.orders", "mix", folder, number)
        measured: dict[str, Any] = child("benchmarks.orders", "plan", folder)
        return measured


def mix(folder: Path, number: int) -> None:
    """Lays the rows of the history in an order of their own, and makes the wide copies of them anew."""
    with duckdb.connect(config={"temp_directory": str(folder / "spill")}) as connection:
        connection.execute("ATTACH $path AS store", {"path": str(folder / "state" / "store.duckdb")}).fetchall()
        connection.execute("SET VARIABLE number = $number", {"number": number}).fetchall()
        connection.execute(MIX.read_text(encoding="utf-8")).fetchall()
    session = Session.open(folder)
    traits = {name: target.traits for name, target in session._targets().items()}  # noqa: SLF001 - as `extract` does
    with Store.open(folder / "state", write=True) as store:
        keep_wide_copies(store, session.project.mappings, traits, session.language)


def plan(folder: Path) -> None:
    """Plans, and looks at what is spilled meanwhile; what that took, as JSON."""
    spilled, ended = [0], threading.Event()

    def look() -> None:
        while not ended.wait(EVERY):
            spilled.append(_size(folder / "state" / "spill"))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        measured = one(folder)
    finally:
        ended.set()
        watching.join()
    print(json.dumps({**measured, "spilled": max(spilled) / 1e6}))


def _size(folder: Path) -> int:
    try:
        return sum(each.stat().st_size for each in os.scandir(folder))
    except OSError:
        return 0


if __name__ == "__main__":
    if sys.argv[1] == "mix":
        mix(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "plan":
        plan(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]), int(sys.argv[2]))
