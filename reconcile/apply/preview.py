"""A look at what a live run of a plan would find in the way. It reads the targets, and cannot write."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from connectors.contract import Target
from connectors.errors import NotFound
from reconcile.apply.group_names import GroupNames
from reconcile.apply.outcomes import depending_on, finished, outcome_of, refused, without_approval
from reconcile.apply.precondition import check_precondition
from reconcile.apply.standing import PreconditionCheck, Standing
from reconcile.clock import SYSTEM, Clock
from reconcile.decide.protection.protected import Protection
from reconcile.plan.approval import not_approved
from reconcile.plan.model import CHANGING, Operation, Outcome, OutcomeKind, Plan, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.plan.ordering import waits_for_others
from reconcile.plan.same_account import PlannedWrites
from reconcile.unexpected import explained

SIDE_BY_SIDE = 4
"""Operations that are looked at side by side."""
IN_HAND = 200
"""Operations in memory at once."""


async def preview(
    plan: Plan, targets: Mapping[str, Target], protection: Protection | None = None, clock: Clock = SYSTEM
) -> tuple[Outcome, ...]:
    """Checks preconditions by reading only: returns an outcome for each operation that a live run would not send."""
    return await preview_of(plan, targets, plan.operations, protection or Protection(), clock)


async def preview_of(
    plan: Plan, targets: Mapping[str, Target], some: Iterable[Operation], protection: Protection, clock: Clock = SYSTEM
) -> tuple[Outcome, ...]:
    """Does the same for some operations of a plan, in its order."""
    foreseen = _Preview(plan, targets, protection, clock)
    found: list[Outcome] = []
    operations = iter(some)
    while batch := list(islice(operations, IN_HAND)):
        found += await foreseen.outcomes(batch)
    return tuple(found)


class _Preview:
    """One look at what a live run would do."""

    def __init__(self, plan: Plan, targets: Mapping[str, Target], protection: Protection, clock: Clock) -> None:
        self._targets, self._protection, self._clock = targets, protection, clock
        self._not_approved = not_approved(plan.approvals)
        self._operations = queryable(plan.operations)
        self._writes = PlannedWrites(self._operations)
        self._group_names = {name: GroupNames(each, self._operations) for name, each in targets.items()}
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)

    async def outcomes(self, operations: Sequence[Operation]) -> list[Outcome]:
        """The outcomes of operations that would end without being sent; none for one that would be sent, or cannot be checked yet."""
        seen = [each for each in operations if not waits_for_others(each)]
        earlier = self._operations.with_ids({needed for each in seen for needed in each.depends_on})
        # They come in the order of the plan: what an operation depends on was here before.
        for each in operations:
            if reason := next((depending_on(needed) for needed in each.depends_on if needed in self._not_approved), ""):
                self._not_approved.setdefault(each.id, reason)
        found = await asyncio.gather(*(self._outcome(each, earlier) for each in operations))
        return [outcome for outcome in found if outcome is not None]

    async def _outcome(self, operation: Operation, earlier: Mapping[str, Operation]) -> Outcome | None:
        target = self._targets[operation.target]
        reason = self._protection.reason(operation, target.traits)
        if stop := outcome_of(OutcomeKind.HELD, reason) if reason else without_approval(operation, self._not_approved):
            return finished(operation, stop, self._clock)
        async with self._slots:
            try:
                seen = await self._look(target, operation, [earlier[each] for each in operation.depends_on if each in earlier])
                stopped = await refused(target, operation, seen, self._protection)
            except NotFound as error:
                return finished(operation, outcome_of(OutcomeKind.MOVED, str(error)), self._clock)
            except Exception as error:  # noqa: BLE001 - what nobody foresaw is the outcome of its row, and ends no look
                return finished(operation, outcome_of(OutcomeKind.FAILED, explained(error)), self._clock)
        if stopped is not None:
            return finished(operation, stopped, self._clock)
        already = seen.standing is Standing.ALREADY
        return finished(operation, outcome_of(OutcomeKind.ALREADY, seen.detail), self._clock) if already else None

    async def _look(self, target: Target, operation: Operation, needed: Sequence[Operation]) -> PreconditionCheck:
        names = self._group_names[target.name]
        if waits_for_others(operation):
            # Of what is not there yet only the group of an addition can be looked at.
            return await names.judged(operation, PreconditionCheck(Standing.AS_PLANNED))
        awakens = any(each.verb is Verb.REACTIVATE and each.account_id == operation.account_id for each in needed)
        seen = await check_precondition(target, _from_now(operation, needed), planned=self._writes, awakens=awakens)
        return await names.judged(operation, seen)


def _from_now(operation: Operation, needed: Sequence[Operation]) -> Operation:
    """The operation as it would be without the earlier steps, none of which is done yet: those of its account, and those that free values."""
    updates = [each for each in needed if each.verb in CHANGING]
    own = [each for each in updates if operation.verb in CHANGING and each.account_id == operation.account_id]
    freeing = tuple(each.account_id for each in updates)
    return replace(
        operation,
        before={**operation.before, **{name: value for each in own for name, value in each.before.items()}},
        absent=tuple(replace(key, held_by=(*key.held_by, *freeing)) for key in operation.absent),
    )
