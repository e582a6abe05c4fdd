"""The folder of one rehearsal: a store, a journal and the plan of its own, copied from the project's and removed at its end."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reconcile.apply.journal import Journal
from reconcile.clock import Clock
from reconcile.errors import RunLocked
from reconcile.store.file import FILE as STORE_FILE
from reconcile.store.plans.files import FOLDER as PLANS
from reconcile.usecases.run_lock import run_lock

FOLDER = "rehearsals"
"""In the state folder, whose disk may hold what the store holds."""


@contextlib.contextmanager
def workplace(state: Path, clock: Clock) -> Iterator[Path]:
    """A new folder for its owner alone, until the context ends. What killed rehearsals left behind goes, too."""
    every = state / FOLDER
    every.mkdir(parents=True, exist_ok=True, mode=0o700)
    remove_left_behind(state, clock)
    folder = Path(tempfile.mkdtemp(dir=every)).absolute()  # a path to a secret counts from the project
    try:
        with run_lock(folder, clock):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            every.rmdir()


def remove_left_behind(state: Path, clock: Clock) -> None:
    """Removes the folders that no process works in: each holds the lock of its own."""
    for folder in (state / FOLDER).glob("*"):
        with contextlib.suppress(RunLocked), run_lock(folder, clock):
            shutil.rmtree(folder, ignore_errors=True)


def copy_state(state: Path, folder: Path, digest: str, clock: Clock) -> None:
    """Copies the store, the journal and one plan. The caller holds the lock of the project, so that no run writes them."""
    for name in (STORE_FILE, f"{STORE_FILE}.wal"):
        if (state / name).exists():
            shutil.copyfile(state / name, folder / name)
            (folder / name).chmod(0o600)
    with contextlib.closing(Journal(state, clock)) as journal:
        journal.copy_to(folder)
    (folder / PLANS).mkdir(mode=0o700)
    shutil.copytree(state / PLANS / digest, folder / PLANS / digest)
