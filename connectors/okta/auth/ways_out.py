"""Ways out where an org lets a request in, and its sign-in lacks a permission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from connectors.errors import ConnectorError, Forbidden, Unauthorised
from connectors.okta.auth.challenges import ADMIN_PLACE, GRANT, INSUFFICIENT_SCOPE
from connectors.okta.auth.permissions import Permission

NO_SESSION, NO_PERMISSION = "E0000005", "E0000006"
"""Okta's codes for a request without an authorisation, and for one that an admin role does not allow."""


class WaysOut(Protocol):
    """Ways out of one kind of sign-in."""

    def of(self, error: ConnectorError, needed: Permission | None) -> str:
        """Returns what to do about a request that needs a permission and was not let in; empty for any other error."""

    def role_for(self, needed: Permission) -> str:
        """Returns how to get an admin role that allows this."""


@dataclass(frozen=True, slots=True)
class OfToken:
    """Ways out of an API token."""

    refused: str

    def of(self, error: ConnectorError, needed: Permission | None) -> str:
        if isinstance(error, Unauthorised):
            return "" if error.code == NO_SESSION else self.refused
        return self.role_for(needed) if error.code == NO_PERMISSION and needed else ""

    def role_for(self, needed: Permission) -> str:
        return f"To mend it, give the admin who made the token a role that may {needed.may} ({needed.role})."


@dataclass(frozen=True, slots=True)
class OfApp:
    """Ways out of an OAuth service app."""

    def of(self, error: ConnectorError, needed: Permission | None) -> str:
        if isinstance(error, Unauthorised) and error.code != NO_SESSION:
            return f"See that the app is active, and that its key and scopes are still there, {ADMIN_PLACE}."
        if not isinstance(error, Forbidden) or needed is None:
            return ""
        if error.code == NO_PERMISSION:
            return self.role_for(needed)
        unnamed = error.code == INSUFFICIENT_SCOPE and needed.scope not in error.detail
        return f"The app lacks the scope {needed.scope}: {GRANT}." if unnamed else ""

    def role_for(self, needed: Permission) -> str:
        role = f"a role that may {needed.may} ({needed.role})"
        return f"To mend it, give the app {role}, {ADMIN_PLACE}, Admin roles: scopes alone show nothing."
