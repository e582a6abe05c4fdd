"""The plan that undoes a run, made by the product through its files, as values."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from reconcile.decide.undo.batches import UndoTerms
from reconcile.plan.digest import digested
from reconcile.plan.model import Plan, Run
from reconcile.plan.operation_rows import in_memory
from reconcile.store.plans.files import load, save
from reconcile.usecases.undo import undo_in_scratch


def inverse(plan: Plan, run: Run, only: Collection[str] | None = None) -> Plan:
    """What undoes a run of a plan, before a guard has judged it. `only`: the ids of its rows that are wanted."""
    with tempfile.TemporaryDirectory() as folder:
        whole = digested(plan)
        save(whole, Path(folder))
        saved = replace(load(Path(folder), whole.digest), snapshots=plan.snapshots)
        with undo_in_scratch(saved, run, UndoTerms(only=only), Path(folder) / "undo") as back:
            return digested(in_memory(back))
