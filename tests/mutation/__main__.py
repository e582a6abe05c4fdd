"""Breaks what decides in one place at a time, and says which faults no test finds: `make mutants`.

Works on a copy of the files that git knows. Exit code 1 where a fault survives.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.mutation.faults import Fault, faults

ROOT = Path(__file__).parents[2]


def main() -> int:
    wanted = sys.argv[1:]
    chosen = [fault for fault in faults() if not wanted or any(word in fault.name for word in wanted)]
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder) / "copy")
        _pass_unbroken({path for fault in chosen for path in fault.tests}, copy)
        survivors = [fault for number, fault in enumerate(chosen, 1) if not _told(fault, f"{number} of {len(chosen)}", copy)]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} faults were found.")
    return 1 if survivors else 0


def _copied(into: Path) -> Path:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, into / name)
    return into


def _pass_unbroken(tests: set[str], copy: Path) -> None:
    """Ends everything where a test fails without a fault: it would find any."""
    code, said = _run(sorted(tests), copy)
    if code != 0:
        raise SystemExit(f"The tests do not pass while nothing is broken.\n{said}")


def _told(fault: Fault, number: str, copy: Path) -> bool:
    began = time.monotonic()
    path = copy / fault.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(fault.inject(whole), encoding="utf-8")
    try:
        code, said = _run(fault.tests, copy)
    finally:
        path.write_text(whole, encoding="utf-8")
    if code not in (0, 1):
        raise SystemExit(f"{fault.name}: the tests could not be run\n{said}")
    by = next((line.removeprefix("FAILED ").partition(" - ")[0] for line in said.splitlines() if line.startswith("FAILED ")), "")
    print(f"{number}  {'found   ' if code else 'SURVIVED'}  {time.monotonic() - began:4.0f} s  {fault.name}  {by}", flush=True)
    return code == 1


def _run(tests: Iterable[str], copy: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout[-4000:] + done.stderr[-2000:]


if __name__ == "__main__":
    sys.exit(main())
