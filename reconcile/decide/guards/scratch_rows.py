"""The operations of a scratch plan as guards see them: what is given back is counted, and of the others only what guards look at is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import Opening, Value
from reconcile.decide.changes.bulk_additions import Added
from reconcile.plan.earlier import Applied
from reconcile.plan.impact import NO_BULK, BulkCount
from reconcile.plan.model import Because, Operation, Situation, Verb
from reconcile.store.connection import Store
from reconcile.store.plans.counted import CountedOperations
from reconcile.store.plans.scratch_plan import ScratchPlan

_WHY = Because(situation=Situation.CONFIRMED, rule="", detail="")


@dataclass(frozen=True, slots=True)
class ScratchGuardRows:
    """The operations of one target in a scratch plan, prepared for the guards. One target at a time."""

    parts: CountedOperations

    @classmethod
    def of(cls, scratch: ScratchPlan, target: str, earlier: Iterable[Applied]) -> ScratchGuardRows:
        """Prepares the operations of a target. `earlier`: of other runs of the day, with whose people and accounts each is looked at by itself."""
        done = [each.operation for each in earlier if each.operation.target == target]
        subjects = {subject for each in done for subject in (each.account_id, each.anchor)}
        return cls(CountedOperations.of(scratch, target, subjects))

    def operations(self) -> list[Operation]:
        """The operations that are looked at, without the values that guards do not look at."""
        names: dict[tuple[str, ...], Mapping[str, Value]] = {}
        return [self._operation(row, names) for row in self.parts.looked_at()]

    def reactivated(self, most: int) -> BulkCount:
        """The size of the counted reactivations, with the names of the first accounts."""
        return self._counted(Verb.REACTIVATE, most)

    def entitlements(self, _store: Store) -> list[Added]:
        """The entitlements that counted additions are of."""
        return [Added(id_, "", kind, 0) for id_, kind in self.parts.entitlements()]

    def counted(self, _store: Store, most: int) -> BulkCount:
        """The size of the counted additions, with the names of the first accounts."""
        return self._counted(Verb.ADD_MEMBER, most)

    def counted_by_group(self, _store: Store, ids: Sequence[str], most: int) -> Mapping[tuple[str, str], BulkCount]:
        """The same of each of some entitlements, by its id and its name."""
        first: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for id_, name, anchor, called in self.parts.first_of_groups(ids, most):
            first[id_, name].append((anchor, called))
        return {group: BulkCount(*numbers, tuple(first[group])) for group, numbers in self.parts.sizes_of_groups(ids).items()}

    def _counted(self, verb: Verb, most: int) -> BulkCount:
        numbers = self.parts.sizes().get(verb)
        return BulkCount(*numbers, tuple(self.parts.first(verb, most))) if numbers else NO_BULK

    def _operation(self, row: Sequence[Any], names: dict[tuple[str, ...], Mapping[str, Value]]) -> Operation:
        id_, verb, anchor, account_id, who, entitlement_id, entitlement, kind, privileged, opening, after = row
        changed = tuple(after)
        return Operation(
            id=id_,
            target=self.parts.target,
            verb=Verb(verb),
            anchor=anchor,
            account_id=account_id,
            who=who,
            name="",
            entitlement_id=entitlement_id,
            entitlement=entitlement,
            entitlement_kind=kind,
            privileged=privileged,
            opening=Opening(opening),
            after=names.setdefault(changed, dict.fromkeys(changed)),
            because=_WHY,
        )
