"""Checks the precondition of an operation on a group against the live target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from connectors.contract import Entitlement
from connectors.group_changes import NAME, GroupEditor, group_values
from connectors.quoting import quoted
from reconcile.apply.standing import GROUP_GONE, PreconditionCheck, Standing, another_value
from reconcile.plan.model import Operation, Verb


class GroupFinder(Protocol):
    """The part of a target that finds groups by name."""

    async def find_groups(self, name: str) -> Sequence[Entitlement]: ...


async def check_group(target: GroupFinder, operation: Operation) -> PreconditionCheck:
    """Reads the group that is created, changed or deleted, and what has the name that it is to get."""
    if operation.verb is Verb.CREATE_GROUP:
        return _stand_creation(operation, await target.find_groups(operation.entitlement))
    if not isinstance(target, GroupEditor):
        return PreconditionCheck(Standing.DRIFTED, f"{operation.target} does not change groups")
    now = await target.read_group(operation.entitlement_id)
    if operation.verb is Verb.DELETE_GROUP:
        return await _look_deletion(target, operation, now)
    return await _look_update(target, operation, now)


def _stand_creation(operation: Operation, found: Sequence[Entitlement]) -> PreconditionCheck:
    named = [group for group in found if group.name == operation.entitlement]
    if not named:
        return PreconditionCheck(Standing.AS_PLANNED)
    if len(named) > 1 or named[0].read_only:
        reason = f"{len(named)} groups have that name" if len(named) > 1 else named[0].read_only
        return PreconditionCheck(Standing.DRIFTED, f"the group {quoted(operation.entitlement)} exists by now and cannot be used: {reason}")
    return PreconditionCheck(Standing.ALREADY, entitlement_id=named[0].id)


async def _look_update(target: GroupFinder, operation: Operation, now: Entitlement | None) -> PreconditionCheck:
    if now is None:
        return PreconditionCheck(Standing.DRIFTED, GROUP_GONE)
    held = group_values(now)
    if all(held[name] == value for name, value in operation.after.items()):
        return PreconditionCheck(Standing.ALREADY, entitlement_id=now.id)
    if moved := _moved(operation, now):
        return moved
    name = str(operation.after.get(NAME) or "")
    if name and any(each.id != now.id for each in await target.find_groups(name)):
        return PreconditionCheck(Standing.DRIFTED, f"another group is named {quoted(name)} by now; the plan did not see it")
    return PreconditionCheck(Standing.AS_PLANNED)


async def _look_deletion(target: GroupEditor, operation: Operation, now: Entitlement | None) -> PreconditionCheck:
    if now is None:
        return PreconditionCheck(Standing.ALREADY, GROUP_GONE)
    if moved := _moved(operation, now):
        return moved
    if not await target.is_empty(operation.entitlement_id):
        return PreconditionCheck(Standing.DRIFTED, f"the group {quoted(now.name)} has members; only an empty group is deleted")
    return PreconditionCheck(Standing.AS_PLANNED)


def _moved(operation: Operation, now: Entitlement) -> PreconditionCheck | None:
    """The drift of a group that cannot be changed, or is not as the plan saw it."""
    if now.read_only:
        return PreconditionCheck(Standing.DRIFTED, f"the group {quoted(now.name)} cannot be changed: {now.read_only}")
    held = group_values(now)
    for name, value in {NAME: operation.entitlement, **operation.before}.items():
        if held.get(name) != value:
            return PreconditionCheck(Standing.DRIFTED, another_value(name, value, held.get(name)))
    return None
