"""Permission that a request to an org needs: the OAuth scope of a service app, and the admin role of whom the request is made as."""

from __future__ import annotations

from dataclasses import dataclass

_VIEWER = "Read-only Administrator"
_MANAGERS = {
    "users": (
        "manage users",
        "Organization Administrator, or Group Administrator for groups that the users are in; for users who are admins, Super Administrator",
    ),
    "groups": ("manage groups and their members", "Organization Administrator, or Group Administrator for the group"),
    "apps": ("assign people to apps", "Application Administrator"),
    "schemas": ("manage the user schema", "Super Administrator"),
    "userTypes": ("manage user types", "Super Administrator"),
    "roles": ("manage admin roles", "Super Administrator"),
}
_VIEWED = {
    "users": "view all users and groups",
    "groups": "view all users and groups",
    "apps": "view all apps",
    "logs": "view the system log",
    "schemas": "view the user schema",
    "userTypes": "view the user types",
    "roles": "view admin roles",
}
_OF_META = {"schemas": "schemas", "types": "userTypes"}
_RESOURCES = {*_VIEWED, "meta"}


@dataclass(frozen=True, slots=True)
class Permission:
    """Permission for one kind of request."""

    scope: str
    may: str
    """Right that a role must give: `manage users`."""
    role: str
    """A standard admin role that allows it."""


VIEW_USERS = Permission("okta.users.read", _VIEWED["users"], _VIEWER)


def permission_for(method: str, path: str) -> Permission | None:
    """Returns the permission that a request needs by its endpoint and method; None where the endpoint is not known."""
    steps = path.partition("?")[0].partition("/api/v1/")[2].split("/")
    if steps[0] not in _RESOURCES:
        return None
    resource = _OF_META.get(steps[1], "") if steps[0] == "meta" and len(steps) > 1 else steps[0]
    if steps[0] == "users" and len(steps) > 2 and steps[2] == "roles":
        resource = "roles"
    if method == "GET" and resource in _VIEWED:
        return Permission(f"okta.{resource}.read", _VIEWED[resource], _VIEWER)
    if resource in _MANAGERS:
        may, role = _MANAGERS[resource]
        return Permission(f"okta.{resource}.manage", may, role)
    return None
