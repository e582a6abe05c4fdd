"""The verbs that are one-off actions: only a person asks for them, no rule of a mapping does, and no state is put back."""

from __future__ import annotations

from connectors.actions import Action
from reconcile.plan.model import REMOVING, Verb

ACTION_VERBS = {Verb(action.value): action for action in Action}
"""By verb, the action that a target performs."""

TAKING = REMOVING | {
    Verb.REVOKE_SESSIONS,
    Verb.RESET_FACTORS,
    Verb.RESET_PASSWORD,
    Verb.TEMPORARY_PASSWORD,
    Verb.EXPIRE_PASSWORD,
}
"""Verbs that take something away, actions among them: the first of each kind in a target is verified before the others begin."""
