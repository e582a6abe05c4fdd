"""Peak memory of an extract: flat, since pages are not kept. Each size runs in a process of its own."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.pages import PageSource
from reconcile.project.config import Reading
from reconcile.snapshot.extract import Extract
from reconcile.store.connection import Store

SIZES = (100_000, 1_000_000)


def main() -> None:
    """Prints a line a size and the ratio of their peaks."""
    peaks = []
    for size in SIZES:
        done = subprocess.run([sys.executable, "-m", "benchmarks.memory", str(size)], capture_output=True, text=True, check=True)
        peak, seconds, grown = (float(word) for word in done.stdout.split())
        peaks.append(peak)
        print(
            f"extract of {size:,} Okta users: {seconds:.1f} s, peak {peak:,.0f} MB; a second one without changes adds {grown:,.0f} kB to the store"
        )
    print(f"peak of {SIZES[1]:,} users over peak of {SIZES[0]:,}: {peaks[1] / peaks[0]:.2f} (bar: 1.5)")


def one(size: int) -> None:
    """One extract of a size, then a second one of the same: peak MB, seconds of the first, kB that the second one added."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        _extract(size, Path(folder))
        seconds = time.perf_counter() - began
        before = (Path(folder) / "store.duckdb").stat().st_size
        _extract(size, Path(folder))
        grown = (Path(folder) / "store.duckdb").stat().st_size - before
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, seconds, grown / 1024)


def _extract(size: int, folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        extract = Extract(store, folder, lambda _system: Reading(), lambda _name, _count: None)
        asyncio.run(extract.read({"okta": PageSource("okta", "okta", size)}))


if __name__ == "__main__":
    one(int(sys.argv[1]))
