"""Plans that are read and not kept: in a folder that is removed afterwards."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reconcile.plan.model import Plan
from reconcile.store.plans.files import load, save, save_streamed
from reconcile.store.plans.tables import StoredOperations
from reconcile.store.plans.writing import FramedRows

SCRATCH = "scratch"
"""In the state folder. The lock of a run keeps two of them apart; what a killed command left there goes with the next one."""


@contextlib.contextmanager
def scratch_folder(state: Path) -> Iterator[Path]:
    """A state folder for plans that are not kept, until the context ends."""
    folder = state / SCRATCH
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def open_to_queries(plan: Plan, state: Path) -> Iterator[Plan]:
    """The plan as it can be queried: one with bulk additions is saved until the context ends. Its findings and links stay in memory."""
    if isinstance(plan.operations, FramedRows):
        with scratch_folder(state) as folder:
            saved = save_streamed(plan, folder)
            yield replace(plan, operations=saved.operations, digest=saved.digest)
    else:
        yield plan


def stored_operations(plan: Plan, folder: Path) -> StoredOperations:
    """The operations of a plan in its file. `folder`: the state folder in which a plan in memory is saved for it."""
    if isinstance(plan.operations, StoredOperations):
        return plan.operations
    save(plan, folder)
    operations = load(folder, plan.digest).operations
    assert isinstance(operations, StoredOperations)
    return operations
