"""Requests for one-off actions, and the verbs that each takes on an account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from reconcile.plan.model import Verb


class RequestKind(StrEnum):
    """Kinds of requests, by the names of the command line."""

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    UNLOCK = "unlock"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - a verb
    TEMPORARY_PASSWORD = "temporary-password"  # noqa: S105 - a verb
    EXPIRE_PASSWORD = "expire-password"  # noqa: S105 - a verb
    RESEND_ACTIVATION = "resend-activation"
    RESET_FACTORS = "reset-factors"
    REVOKE_SESSIONS = "revoke-sessions"
    DELETE = "delete"
    ADD_TO_GROUP = "add-to-group"
    REMOVE_FROM_GROUP = "remove-from-group"
    CREATE_GROUP = "create-group"
    RENAME_GROUP = "rename-group"
    DESCRIBE_GROUP = "describe-group"
    DELETE_GROUP = "delete-group"
    """Takes every member out of the group, then deletes it."""
    ASSIGN_APP = "assign-app"
    UNASSIGN_APP = "unassign-app"
    OFFBOARD = "offboard"
    """Takes every membership and assignment, revokes sessions, deactivates."""
    LOCKDOWN = "lockdown"
    """Revokes sessions and suspends; deactivates where the account cannot be suspended."""


OF_A_GROUP = frozenset({RequestKind.ADD_TO_GROUP, RequestKind.REMOVE_FROM_GROUP})
OF_GROUPS = frozenset({RequestKind.CREATE_GROUP, RequestKind.RENAME_GROUP, RequestKind.DESCRIBE_GROUP, RequestKind.DELETE_GROUP})
"""Requests about groups themselves: `Request.who` has their names or ids."""
WITH_TEXT = frozenset({RequestKind.RENAME_GROUP, RequestKind.DESCRIBE_GROUP})
"""Requests that need `Request.to`."""
OF_AN_APP = frozenset({RequestKind.ASSIGN_APP, RequestKind.UNASSIGN_APP})


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one action on some accounts."""

    kind: RequestKind
    by: str
    """Name of the person who asks."""
    why: str
    who: tuple[str, ...] = ()
    """Anchors, logins, e-mail addresses, account ids, or other values that one person alone has. Of groups, their names or ids."""
    where: str = ""
    """Expression over the identity (`department = 'Sales'`): the people for whom it holds, too. Empty for none."""
    targets: frozenset[str] = frozenset()
    """Targets that it is about; empty for all."""
    entitlement: str = ""
    """Name or id of the group or app; empty for what is about accounts alone."""

    to: str = ""
    """The new name or description of a group."""

    @property
    def needs_entitlements(self) -> bool:
        """Whether it can be decided only where the groups of a target are known."""
        return bool(self.entitlement) or self.kind is RequestKind.OFFBOARD or self.kind in OF_GROUPS

    @property
    def takes_memberships(self) -> bool:
        """Whether it takes memberships or assignments."""
        return Verb.REMOVE_MEMBER in verbs_of(self.kind)

    @property
    def asked(self) -> str:
        """Returns a sentence for the reviewer: the action, the person who asks, and the reason."""
        return f"{self.kind.value}, asked for by {self.by}: {self.why.rstrip('.')}."


def verbs_of(kind: RequestKind) -> tuple[Verb, ...]:
    """Returns the verbs of a request on one account, in their order; none of a request about groups."""
    match kind:
        case RequestKind.ACTIVATE | RequestKind.UNSUSPEND:
            verbs: tuple[Verb, ...] = (Verb.REACTIVATE,)
        case RequestKind.ADD_TO_GROUP | RequestKind.ASSIGN_APP:
            verbs = (Verb.ADD_MEMBER,)
        case RequestKind.REMOVE_FROM_GROUP | RequestKind.UNASSIGN_APP:
            verbs = (Verb.REMOVE_MEMBER,)
        case RequestKind.OFFBOARD:
            verbs = (Verb.REMOVE_MEMBER, Verb.REVOKE_SESSIONS, Verb.DEACTIVATE)
        case RequestKind.LOCKDOWN:
            verbs = (Verb.REVOKE_SESSIONS, Verb.SUSPEND)
        case RequestKind.CREATE_GROUP | RequestKind.RENAME_GROUP | RequestKind.DESCRIBE_GROUP | RequestKind.DELETE_GROUP:
            verbs = ()
        case (
            RequestKind.DEACTIVATE
            | RequestKind.SUSPEND
            | RequestKind.UNLOCK
            | RequestKind.RESET_PASSWORD
            | RequestKind.TEMPORARY_PASSWORD
            | RequestKind.EXPIRE_PASSWORD
            | RequestKind.RESEND_ACTIVATION
            | RequestKind.RESET_FACTORS
            | RequestKind.REVOKE_SESSIONS
            | RequestKind.DELETE
        ):
            verbs = (Verb(kind.value.replace("-", "_")),)
        case _:
            assert_never(kind)
    return verbs
