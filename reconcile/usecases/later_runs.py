"""The runs after one that did the same again, by the journal: an undo of the earlier one leaves that to an undo of the later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconcile.apply.journal import Journal
from reconcile.apply.run_list import own_changes
from reconcile.decide.undo.done_again import standing_run
from reconcile.plan.model import Operation, Run


@dataclass(frozen=True, slots=True)
class LaterRuns:
    """The live runs after one run."""

    journal: Journal
    run: Run

    def of(self, operations: Sequence[Operation]) -> Mapping[str, str]:
        """Returns the later run that did again what an operation of an undo would take back, by the id of the operation."""
        found: dict[str, str] = {}
        for target in sorted({each.target for each in operations}):
            here = [each for each in operations if each.target == target and each.account_id]
            changes = own_changes(self.journal, target, self.run.started, sorted({each.account_id for each in here}))
            for each in here:
                later = [one for one in changes.get((target, each.account_id, each.entitlement_id), ()) if one.run != self.run.id]
                if run := standing_run([(one.verb, one.rule, one.run) for one in later], each.verb):
                    found[each.id] = run
        return found
