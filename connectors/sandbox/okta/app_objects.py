"""Forms of an app and its assignments in an answer."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.okta.objects import AppGroup, AppUser, OktaApp, OktaUser


def app_object(app: OktaApp, base_url: str) -> dict[str, Any]:
    own = f"{base_url}/api/v1/apps/{app.id}"
    return {
        "id": app.id,
        "name": app.name,
        "label": app.label,
        "status": app.status,
        "lastUpdated": app.last_updated,
        "created": app.created,
        "signOnMode": app.sign_on_mode,
        **({"features": app.features} if app.features is not None else {}),
        "_links": {"users": {"href": f"{own}/users"}, "groups": {"href": f"{own}/groups"}, "self": {"href": own}},
    }


def app_user_object(app: OktaApp, user: OktaUser, assigned: AppUser, *, scope: str, base_url: str) -> dict[str, Any]:
    """A user's assignment; `scope` is USER for a direct one, GROUP for one through a group."""
    return {
        "id": user.id,
        "externalId": None,
        "created": assigned.created,
        "lastUpdated": assigned.last_updated,
        "scope": scope,
        "status": "ACTIVE",
        "statusChanged": assigned.created,
        "passwordChanged": None,
        "syncState": "DISABLED",
        "credentials": {"userName": assigned.user_name},
        "profile": assigned.profile,
        "_links": {"app": {"href": f"{base_url}/api/v1/apps/{app.id}"}, "user": {"href": f"{base_url}/api/v1/users/{user.id}"}},
    }


def app_group_object(app: OktaApp, group_id: str, assigned: AppGroup, base_url: str) -> dict[str, Any]:
    own = f"{base_url}/api/v1/apps/{app.id}"
    return {
        "id": group_id,
        "lastUpdated": assigned.last_updated,
        "priority": assigned.priority,
        "profile": assigned.profile,
        "_links": {
            "app": {"href": own},
            "self": {"href": f"{own}/groups/{group_id}"},
            "group": {"href": f"{base_url}/api/v1/groups/{group_id}"},
        },
    }
