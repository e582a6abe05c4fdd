"""The people who left since a run: an undo gives nothing back to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from reconcile.decide.act.accounts import accounts_asked_for
from reconcile.decide.planner import Planned, Planner
from reconcile.decide.undo.batches import Ended
from reconcile.decide.undo.left_since import read_anew, undecided_finding, why_ended, why_left
from reconcile.plan.model import Finding, Operation, Plan
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class LeaversSince:
    """The people who left since a run, by the relations of each target; where nothing was decided, by what the sources state of the person."""

    store: Store
    planned: Planned
    plan: Plan
    """The plan of the run."""
    sources: Collection[str]
    """Sources of people; none where they state what the run knew already."""

    def ended(self, operations: Sequence[Operation]) -> Ended:
        """Returns why people should have no account now, by the targets and ids of their accounts."""
        if not self.sources:
            return {}
        found = self._ended_of_undecided(operations)
        for view in self.planned.targets:
            ids = sorted({each.account_id for each in operations if each.target == view.name})
            with self.store.schemas.of_target(view.name):
                for each in accounts_asked_for(self.store, (), ids) if ids else ():
                    if why := why_ended(each.situation, each.expected):
                        found[view.name, each.account_id] = why
        return found

    def undecided(self, targets: Collection[str]) -> Iterator[Finding]:
        """Yields a finding for each target that was not decided. `targets`: those that operations put something back in."""
        if self.sources:
            concerned = {*targets, *(each.target for each in self.plan.links)}
            for target in sorted(concerned - {view.name for view in self.planned.targets}):
                yield undecided_finding(target, people=self.planned.people)

    def _ended_of_undecided(self, operations: Sequence[Operation]) -> dict[tuple[str, str], str]:
        """The accounts of people who left, in targets that were not decided: not read completely, or all people are frozen."""
        decided = {view.name for view in self.planned.targets}
        rows = [each for each in operations if each.target not in decided and each.anchor]
        if not rows or not self.planned.people:
            return {}
        states: dict[str, str] = dict(self.store.rows("states_of_people", anchors=sorted({each.anchor for each in rows})))
        proven = all(scope.complete for scope in self.planned.plan.scopes if scope.system in self.sources)
        found = {(each.target, each.account_id): why_left(states.get(each.anchor), absence_proven=proven) for each in rows}
        return {place: why for place, why in found.items() if why}


def leavers_since(store: Store, planner: Planner, planned: Planned, run_plan: Plan) -> LeaversSince:
    """Returns the leavers, to be asked for; none where the sources state what the run knew already: what it did to people is then what is undone."""
    sources = {each.connector for each in planner.project.mappings.identities.source}
    return LeaversSince(store, planned, run_plan, sources if read_anew(run_plan, planned.plan, sources) else ())
