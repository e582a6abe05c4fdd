"""The names that groups and apps have since a run: an undo names them so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconcile.plan.model import Operation, Plan
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class NamesSince:
    """The names in the latest snapshots, of targets that were read after the run."""

    store: Store
    run_plan: Plan
    now: Plan
    """A plan that is bound to the latest snapshots."""

    def of(self, operations: Sequence[Operation]) -> Mapping[tuple[str, str], str]:
        """Returns the names of the groups and apps of some operations, by target and id. One that is gone is not in it."""
        found: dict[tuple[str, str], str] = {}
        for target in sorted({each.target for each in operations}):
            # A snapshot of before the run does not know what the run itself renamed.
            if self.run_plan.snapshots.get(target) != self.now.snapshots.get(target):
                ids = sorted({each.entitlement_id for each in operations if each.target == target})
                found |= {(target, id_): name for id_, name in self.store.rows("names_by_now", system=target, ids=ids)}
        return found
