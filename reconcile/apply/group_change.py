"""Creates, changes and deletes a group, and judges what the target shows of it."""

from __future__ import annotations

import json

from connectors.contract import Entitlement, EntitlementKind, Target
from connectors.group_changes import DESCRIPTION, NAME, GroupEditor, group_values
from connectors.quoting import quoted
from reconcile.apply.outcomes import outcome_of
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb


async def change_group(target: Target, operation: Operation) -> Outcome:
    """Sends one operation on a group. Raises what the verbs of the target raise."""
    if operation.verb is Verb.CREATE_GROUP:
        return await _create(target, operation)
    if not isinstance(target, GroupEditor):
        return outcome_of(OutcomeKind.FAILED, f"{target.name} does not change groups")
    if operation.verb is Verb.DELETE_GROUP:
        await target.delete_group(operation.entitlement_id)
        return outcome_of(OutcomeKind.DONE, "")
    changes = {name: str(value) for name, value in operation.after.items()}
    shown = group_values(await target.update_group(operation.entitlement_id, changes, _seen(operation)))
    missing = sorted(name for name, value in changes.items() if shown[name] != value)
    if missing:
        return outcome_of(OutcomeKind.FAILED, f"{target.name} accepted it, and {', '.join(missing)} of the group did not take the value")
    return outcome_of(OutcomeKind.DONE, "")


async def _create(target: Target, operation: Operation) -> Outcome:
    made = await target.create_group(operation.entitlement, str(operation.after.get(DESCRIPTION) or ""))
    if made.name != operation.entitlement:
        return outcome_of(OutcomeKind.FAILED, f"{target.name} accepted it, and calls the group {quoted(made.name)}")
    return outcome_of(OutcomeKind.DONE, "", entitlement_id=made.id)


def _seen(operation: Operation) -> Entitlement:
    """The group as the plan saw it, as far as the plan changes it."""
    description = json.dumps({DESCRIPTION: operation.before.get(DESCRIPTION, "")})
    return Entitlement(operation.entitlement_id, EntitlementKind.GROUP, str(operation.before.get(NAME, operation.entitlement)), description)
