"""Words for the intention of an operation, for the sentence of a row that moved."""

from __future__ import annotations

from typing import assert_never

from connectors.quoting import quoted
from reconcile.plan.model import Operation, Verb

LONGEST = 200
"""Characters of one value in a sentence."""


def intention(operation: Operation) -> str:
    """Returns what the plan wanted: `the plan wanted title 'Chief' in place of 'Clerk'`."""
    return f"the plan wanted {_wanted(operation)}"


def _wanted(operation: Operation) -> str:  # noqa: PLR0911 - a verb each
    match operation.verb:
        case Verb.RENAME | Verb.UPDATE | Verb.UPDATE_GROUP:
            return ", ".join(
                f"{name} {_text(value)} in place of {_text(operation.before.get(name))}" for name, value in operation.after.items()
            )
        case Verb.CREATE:
            return f"to create an account for {operation.who or operation.anchor}"
        case Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE:
            return f"to make the account {operation.after['state']}, which was {operation.before['state']}"
        case Verb.DELETE:
            return f"to delete the account, which was {operation.before['state']}"
        case Verb.ADD_MEMBER:
            return f"to add the account to {operation.entitlement or operation.entitlement_id}"
        case Verb.REMOVE_MEMBER:
            return f"to remove the account from {operation.entitlement or operation.entitlement_id}"
        case Verb.CREATE_GROUP | Verb.DELETE_GROUP:
            return f"to {operation.verb.value.removesuffix('_group')} the group {quoted(operation.entitlement)}"
        case (
            Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            return f"to {operation.verb.value.replace('_', ' ')}"
        case _:
            assert_never(operation.verb)


def _text(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
