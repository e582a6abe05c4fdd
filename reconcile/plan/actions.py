"""The verbs that are one-off actions: only a person asks for them, no rule of a mapping does, and no state is put back."""

from __future__ import annotations

from connectors.actions import Action
from reconcile.plan.model import Verb

ACTION_VERBS = {Verb(action.value): action for action in Action}
"""By verb, the action that a target performs."""
