"""Requests for one-off actions, and the verbs that each takes on an account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from reconcile.plan.model import Verb


class Deed(StrEnum):
    """Actions that a person can ask for, by the names of the command line."""

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    UNLOCK = "unlock"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - a verb
    TEMPORARY_PASSWORD = "temporary-password"  # noqa: S105 - a verb
    EXPIRE_PASSWORD = "expire-password"  # noqa: S105 - a verb
    RESET_FACTORS = "reset-factors"
    REVOKE_SESSIONS = "revoke-sessions"
    DELETE = "delete"
    ADD_TO_GROUP = "add-to-group"
    REMOVE_FROM_GROUP = "remove-from-group"
    CREATE_GROUP = "create-group"
    ASSIGN_APP = "assign-app"
    UNASSIGN_APP = "unassign-app"
    OFFBOARD = "offboard"
    """Takes every membership and assignment, revokes sessions, deactivates."""
    LOCKDOWN = "lockdown"
    """Revokes sessions and suspends; deactivates where the account cannot be suspended."""


OF_A_GROUP = frozenset({Deed.ADD_TO_GROUP, Deed.REMOVE_FROM_GROUP})
OF_AN_APP = frozenset({Deed.ASSIGN_APP, Deed.UNASSIGN_APP})


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one action on some accounts."""

    deed: Deed
    by: str
    """Name of the person who asks."""
    why: str
    who: tuple[str, ...] = ()
    """Anchors, logins, e-mail addresses, account ids, or other values that one person alone has. For a new group, its name."""
    where: str = ""
    """Expression over the identity (`department = 'Sales'`): the people for whom it holds, too. Empty for none."""
    targets: frozenset[str] = frozenset()
    """Targets that it is about; empty for all."""
    entitlement: str = ""
    """Name or id of the group or app; empty for what is about accounts alone."""

    @property
    def asked(self) -> str:
        """Returns a sentence for the reviewer: the action, the person who asks, and the reason."""
        return f"{self.deed.value}, asked for by {self.by}: {self.why.rstrip('.')}."


def verbs_of(deed: Deed) -> tuple[Verb, ...]:
    """Returns the verbs of a deed on one account, in their order."""
    match deed:
        case Deed.ACTIVATE | Deed.UNSUSPEND:
            return (Verb.REACTIVATE,)
        case Deed.ADD_TO_GROUP | Deed.ASSIGN_APP:
            return (Verb.ADD_MEMBER,)
        case Deed.REMOVE_FROM_GROUP | Deed.UNASSIGN_APP:
            return (Verb.REMOVE_MEMBER,)
        case Deed.OFFBOARD:
            return (Verb.REMOVE_MEMBER, Verb.REVOKE_SESSIONS, Verb.DEACTIVATE)
        case Deed.LOCKDOWN:
            return (Verb.REVOKE_SESSIONS, Verb.SUSPEND)
        case (
            Deed.DEACTIVATE
            | Deed.SUSPEND
            | Deed.UNLOCK
            | Deed.RESET_PASSWORD
            | Deed.TEMPORARY_PASSWORD
            | Deed.EXPIRE_PASSWORD
            | Deed.RESET_FACTORS
            | Deed.REVOKE_SESSIONS
            | Deed.DELETE
            | Deed.CREATE_GROUP
        ):
            return (Verb(deed.value.replace("-", "_")),)
        case _:
            assert_never(deed)
