"""Tells whether the group of an addition is still named as the plan was reviewed with, by one read of each group in a run.

Removals are not asked about: they take the membership that the row names by its id, and give nothing, whatever the group is named by now.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from connectors.contract import EntitlementKind, Target
from connectors.errors import Forbidden, Rejected
from connectors.group_changes import NAME, GroupEditor
from connectors.quoting import quoted
from reconcile.apply.standing import GROUP_GONE, PreconditionCheck, Standing, another_value
from reconcile.plan.model import Operation, Verb
from reconcile.plan.operation_rows import OperationRows
from reconcile.store.plans.selection import group_updates


@dataclass(slots=True)
class GroupNames:
    """The names of the groups of one target, each read when the first addition to it has its turn.

    The read serves the rest of the run, and is as old as that: a rename of the group later in the run is not noticed.
    """

    target: Target
    operations: OperationRows
    """The operations of the plan: a name that the plan itself changes is no drift, before and after."""
    _planned: dict[str, set[str]] | None = None
    """The names that the plan knows of each group that it changes."""
    _read: dict[str, str | None] = field(default_factory=dict)
    """By group, the name; None where the group, or the group of a name that the plan knows, is not there; empty where that cannot be told."""
    _turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def judged(self, operation: Operation, found: PreconditionCheck) -> PreconditionCheck:
        """The precondition of an operation that is to be sent, once its group was asked for as `drift` asks."""
        drift = await self.drift(operation) if found.standing is Standing.AS_PLANNED else ""
        return PreconditionCheck(Standing.DRIFTED, drift, found.seen) if drift else found

    async def drift(self, operation: Operation) -> str:
        """Returns how the group of an addition differs from the one of the plan; empty where it does not, or that cannot be told.

        Raises the errors of the target, but for a refusal to show the group.
        """
        if not _names_a_group(operation):
            return ""
        id_ = operation.entitlement_id
        names = self._names_of(operation)
        async with self._turns[id_]:
            if id_ not in self._read:
                self._read[id_] = await self._name_now(id_, names)
        now = self._read[id_]
        if now is None:
            return (
                GROUP_GONE
                if isinstance(self.target, GroupEditor)
                else f"no group {quoted(operation.entitlement)} has the id {id_} any more"
            )
        # A group that states no name is called by its id.
        return "" if now in {*names, id_, ""} or operation.entitlement == id_ else another_value(NAME, operation.entitlement, now)

    async def _name_now(self, id_: str, names: Collection[str]) -> str | None:
        """Asks for the group by its id; where the target does not show single groups, for the groups that have a name which the plan knows."""
        try:
            if isinstance(self.target, GroupEditor):
                group = await self.target.read_group(id_)
                return group and group.name
            for name in sorted(names):
                if any(each.id == id_ for each in await self.target.find_groups(name)):
                    return name
        except (Rejected, Forbidden):
            return ""
        return None

    def _names_of(self, operation: Operation) -> set[str]:
        if self._planned is None:
            self._planned = defaultdict(set)
            for each in group_updates(self.operations, self.target.name):
                stated = (each.entitlement, each.before.get(NAME), each.after.get(NAME))
                self._planned[each.entitlement_id].update(str(name) for name in stated if name)
        return {operation.entitlement, *self._planned.get(operation.entitlement_id, ())}


def _names_a_group(operation: Operation) -> bool:
    """Whether it adds to a group that has an id and a name. The id of a role is its name, and that of an app is all that means it."""
    adds = operation.verb is Verb.ADD_MEMBER and operation.entitlement_kind == EntitlementKind.GROUP
    return adds and bool(operation.entitlement_id and operation.entitlement)
