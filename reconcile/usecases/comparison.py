"""Compares two plans, in memory or, where one of them is in its file, by statements on both files."""

from __future__ import annotations

from pathlib import Path

from reconcile.plan.compare import Comparison, compare, differences
from reconcile.plan.model import Plan
from reconcile.store.plans.differences import stored_differences
from reconcile.store.plans.scratch import stored_operations
from reconcile.store.plans.tables import StoredOperations


def compared(here: Plan, there: Plan, folder: Path) -> Comparison:
    """Compares two plans. `folder`: the state folder in which a plan in memory is saved where the other one is in its file."""
    if not any(isinstance(each.operations, StoredOperations) for each in (here, there)):
        return compare(here, there, differences(here.operations, there.operations))
    return compare(here, there, stored_differences(stored_operations(here, folder), stored_operations(there, folder)))
