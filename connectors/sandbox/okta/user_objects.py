"""Forms of a user in an answer: the order of its keys, what is absent, and the links of each status."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from connectors.sandbox.okta.objects import OktaUser, Status
from connectors.sandbox.okta.org import Org
from connectors.sandbox.okta.schema import ALWAYS_SHOWN

OMISSIONS = ("omitCredentials", "omitCredentialsLinks", "omitTransitioningToStatus")
"""Parts that a client may leave out of list rows with `Content-Type: application/json; okta-response="..."`."""

_PASSWORD_LINKS = ("suspend", "resetPassword", "forgotPassword", "expirePassword", "changeRecoveryQuestion", "changePassword", "deactivate")
_LINKS: dict[Status, tuple[str, ...]] = {
    Status.STAGED: ("activate",),
    Status.PROVISIONED: ("suspend", "resetPassword", "reactivate", "deactivate"),
    Status.ACTIVE: _PASSWORD_LINKS,
    Status.PASSWORD_EXPIRED: _PASSWORD_LINKS,
    Status.RECOVERY: ("reactivate", *_PASSWORD_LINKS),
    Status.LOCKED_OUT: ("unlock", *_PASSWORD_LINKS),
    Status.SUSPENDED: ("unsuspend", "deactivate"),
    Status.DEPROVISIONED: ("activate", "delete"),
}
_PLACES = {
    "resetPassword": "lifecycle/reset_password",
    "resetFactors": "lifecycle/reset_factors",
    "expirePassword": "lifecycle/expire_password",
    "forgotPassword": "credentials/forgot_password",
    "changePassword": "credentials/change_password",
    "changeRecoveryQuestion": "credentials/change_recovery_question",
}


def user_object(org: Org, user: OktaUser, base_url: str) -> dict[str, Any]:
    """A user as a single GET and every write show it."""
    return {**_common(org, user, frozenset()), "_links": _links(org, user, base_url)}


def user_row(org: Org, user: OktaUser, base_url: str, omissions: frozenset[str] = frozenset()) -> bytes:
    """A user as lists show it, as JSON: the only link is `self`. Kept until the user changes."""
    key = (base_url, *sorted(omissions))
    if key not in user.rows:
        links = {"self": {"href": f"{base_url}/api/v1/users/{user.id}"}}
        user.rows[key] = msgspec.json.encode({**_common(org, user, omissions), "_links": links})
    return user.rows[key]


def stored_user(org: Org, user: OktaUser) -> dict[str, Any]:
    """A user as a seed holds it."""
    return _common(org, user, frozenset())


def etag(user: OktaUser) -> str:
    """The ETag of a single GET: it covers the profile and the type, not the status, the credentials or the times."""
    content = msgspec.json.encode([user.type_id, sorted(user.profile.items())])
    return f'W/"{hashlib.sha256(content).hexdigest()}"'


def _common(org: Org, user: OktaUser, omissions: frozenset[str]) -> dict[str, Any]:
    underway = user.transitioning_to and "omitTransitioningToStatus" not in omissions
    return {
        "id": user.id,
        "status": user.status,
        **({"transitioningToStatus": user.transitioning_to} if underway else {}),
        "created": user.created,
        "activated": user.activated,
        "statusChanged": user.status_changed,
        "lastLogin": user.last_login,
        "lastUpdated": user.last_updated,
        "passwordChanged": user.password_changed,
        **({"realmId": org.settings.realm_id} if org.settings.realm_id else {}),
        "type": {"id": user.type_id},
        "profile": {**dict.fromkeys(ALWAYS_SHOWN), **user.profile},
        **({} if "omitCredentials" in omissions else {"credentials": _credentials(org, user)}),
    }


def _credentials(org: Org, user: OktaUser) -> dict[str, Any]:
    shown: dict[str, Any] = {"password": {}} if user.has_password else {}
    if user.recovery_question is not None:
        shown["recovery_question"] = {"question": user.recovery_question}
    if org.settings.credential_emails:
        shown["emails"] = [{"value": user.profile["email"], "status": "VERIFIED", "type": "PRIMARY"}]
        if user.profile.get("secondEmail"):
            shown["emails"].append({"value": user.profile["secondEmail"], "status": "VERIFIED", "type": "SECONDARY"})
    shown["provider"] = {"type": user.provider_type, "name": user.provider_name}
    return shown


def _links(org: Org, user: OktaUser, base_url: str) -> dict[str, Any]:
    own = f"{base_url}/api/v1/users/{user.id}"
    actions = (*_LINKS[user.status], *(("resetFactors",) if org.settings.reset_factors_link else ()))
    shown: dict[str, Any] = {
        "self": {"href": own},
        "schema": {"href": f"{base_url}/api/v1/meta/schemas/user/{org.types[user.type_id].schema_id}"},
        "type": {"href": f"{base_url}/api/v1/meta/types/user/{user.type_id}"},
    }
    for action in actions:
        if action == "delete":
            shown[action] = {"href": own, "method": "DELETE"}
        else:
            shown[action] = {"href": f"{own}/{_PLACES.get(action, f'lifecycle/{action}')}", "method": "POST"}
    return shown
