"""The runs after one that did the same again, by the journal: an undo of the earlier one leaves that to an undo of the later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.contract import Value
from reconcile.apply.journal import Journal
from reconcile.apply.run_list import OwnOutcome, outcomes_within, own_changes
from reconcile.decide.undo.done_again import Again, standing_run, standing_writer, undoing_run
from reconcile.errors import NoSuchPlan, PlanDamaged, PlanOfEarlierVersion
from reconcile.plan.journal_place import JournalPlace
from reconcile.plan.model import CHANGING, Operation, Plan, Run
from reconcile.plan.operation_rows import queryable
from reconcile.store.plans.files import load

_LATEST = "9999"
"""A moment after every run."""


@dataclass(frozen=True, slots=True)
class LaterRuns:
    """The live runs after one run."""

    state: Path
    journal: Journal
    run: Run
    _plans: dict[str, Plan | None] = field(default_factory=dict)
    """Plans of later runs by digest; None for one that is lost."""

    def of(self, operations: Sequence[Operation]) -> Mapping[str, Sequence[Again]]:
        """Returns the later runs that did again what an operation of an undo would take back, or took it back, by the id of the operation."""
        found: dict[str, Sequence[Again]] = {}
        for target in sorted({each.target for each in operations}):
            here = [each for each in operations if each.target == target and each.account_id]
            changes = own_changes(self.journal, target, self._began(), sorted({each.account_id for each in here}))
            for each in here:
                later = [one for one in changes.get((target, each.account_id, each.entitlement_id), ()) if one.run != self.run.id]
                if run := standing_run([(one.verb, one.rule, one.run) for one in later], each.verb):
                    found[each.id] = [Again(run)]
                elif run := undoing_run([(one.verb, one.rule, one.run, one.certain) for one in later], each.verb, self.run.id):
                    found[each.id] = [Again(run, taken_back=True)]
        return found | self._written_again([each for each in operations if each.verb in CHANGING and each.account_id])

    def _began(self) -> JournalPlace:
        """The place where the run began: what other runs did comes after its first entry."""
        return self.journal.runs.began(self.run.id)

    def _written_again(self, operations: Sequence[Operation]) -> dict[str, Sequence[Again]]:
        """The same of changes of attributes. Of a run whose plan is lost it is not known what it wrote."""
        accounts = sorted({each.account_id for each in operations})
        done = outcomes_within(self.journal, self._began(), JournalPlace(_LATEST, self.journal.last_entry()), accounts) if accounts else ()
        writes = self._writes([each for each in done if each.run != self.run.id and each.verb in CHANGING])
        found: dict[str, Sequence[Again]] = {}
        for each in operations:
            stand = ((name, standing_writer(writes[each.target, each.account_id, name], each.before.get(name))) for name in each.after)
            if again := [Again(run, name) for name, run in stand if run]:
                found[each.id] = again
        return found

    def _writes(self, outcomes: Sequence[OwnOutcome]) -> Mapping[tuple[str, str, str], Sequence[tuple[Value, str, str]]]:
        """The values that operations wrote, by target, account and attribute, in order, each with its rule and its run."""
        ids: dict[str, list[str]] = defaultdict(list)
        for each in outcomes:
            ids[each.plan_digest].append(each.operation)
        written = {digest: self._operations(digest, of_plan) for digest, of_plan in ids.items()}
        found: dict[tuple[str, str, str], list[tuple[Value, str, str]]] = defaultdict(list)
        for each in outcomes:
            operation = written[each.plan_digest].get(each.operation)
            if operation is None:
                continue
            for name, value in operation.after.items():
                found[each.target, each.account, name].append((value, operation.because.rule, each.run))
        return found

    def _operations(self, digest: str, ids: Sequence[str]) -> Mapping[str, Operation]:
        if digest not in self._plans:
            try:
                self._plans[digest] = load(self.state, digest)
            except (NoSuchPlan, PlanDamaged, PlanOfEarlierVersion):
                self._plans[digest] = None
        plan = self._plans[digest]
        return queryable(plan.operations).with_ids(ids) if plan else {}
