"""Endpoint, rate bucket and scope of a request of the Management API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connectors.sandbox.okta import apps, groups, lifecycle, logs, meta, rules, user_lists, users
from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.settings import Bucket
from connectors.sandbox.wire import WireAnswer

Endpoint = Callable[..., WireAnswer]
"""Takes the Call and the ids in the path."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; `{}` stands for an id."""

    method: str
    path: tuple[str, ...]
    bucket: Bucket
    endpoint: Endpoint

    @property
    def scope(self) -> str:
        """The OAuth scope it needs (Okta, OAuth scopes)."""
        resource = {"schemas": "schemas", "types": "userTypes"}.get(self.path[1]) if self.path[0] == "meta" else self.path[0]
        return f"okta.{resource}.{'read' if self.method == 'GET' else 'manage'}"


def _route(line: str, bucket: Bucket, endpoint: Endpoint) -> Route:
    method, _, path = line.partition(" ")
    return Route(method, tuple(path.split("/")), bucket, endpoint)


_LIFECYCLE: dict[str, Endpoint] = {
    "activate": lifecycle.activate,
    "reactivate": lifecycle.reactivate,
    "deactivate": lifecycle.deactivate,
    "suspend": lifecycle.suspend,
    "unsuspend": lifecycle.unsuspend,
    "unlock": lifecycle.unlock,
    "reset_password": lifecycle.reset_password,
    "expire_password": lifecycle.expire_password,
    "expire_password_with_temp_password": lifecycle.expire_password_with_temp_password,
    "reset_factors": users.reset_factors,
}

ROUTES = (
    _route("GET users", Bucket.USERS, user_lists.list_users),
    _route("POST users", Bucket.USERS, users.create_user),
    _route("GET users/{}", Bucket.USER_READ, users.get_user),
    _route("POST users/{}", Bucket.USER_WRITE, users.update_user),
    _route("PUT users/{}", Bucket.USER_WRITE, users.replace_user),
    _route("DELETE users/{}", Bucket.USER_WRITE, users.delete_user),
    _route("GET users/{}/groups", Bucket.USERS, users.list_groups_of),
    _route("DELETE users/{}/sessions", Bucket.USERS, users.clear_sessions),
    *(_route(f"POST users/{{}}/lifecycle/{name}", Bucket.USERS, endpoint) for name, endpoint in _LIFECYCLE.items()),
    _route("GET groups", Bucket.GROUPS, groups.list_groups),
    _route("POST groups", Bucket.GROUPS, groups.create_group),
    _route("GET groups/rules", Bucket.GROUPS, rules.list_rules),
    _route("POST groups/rules", Bucket.GROUPS, rules.create_rule),
    _route("GET groups/rules/{}", Bucket.GROUPS, rules.get_rule),
    _route("PUT groups/rules/{}", Bucket.GROUPS, rules.replace_rule),
    _route("DELETE groups/rules/{}", Bucket.GROUPS, rules.delete_rule),
    _route("POST groups/rules/{}/lifecycle/activate", Bucket.GROUPS, rules.activate_rule),
    _route("POST groups/rules/{}/lifecycle/deactivate", Bucket.GROUPS, rules.deactivate_rule),
    _route("GET groups/{}", Bucket.GROUP, groups.get_group),
    _route("PUT groups/{}", Bucket.GROUP, groups.replace_group),
    _route("DELETE groups/{}", Bucket.GROUP, groups.delete_group),
    _route("GET groups/{}/users", Bucket.GROUPS, groups.list_members),
    _route("PUT groups/{}/users/{}", Bucket.GROUPS, groups.put_member),
    _route("DELETE groups/{}/users/{}", Bucket.GROUPS, groups.delete_member),
    _route("GET groups/{}/apps", Bucket.GROUPS, groups.list_apps_of),
    _route("GET apps", Bucket.APPS, apps.list_apps),
    _route("GET apps/{}", Bucket.APP, apps.get_app),
    _route("GET apps/{}/users", Bucket.APPS, apps.list_app_users),
    _route("POST apps/{}/users", Bucket.APPS, apps.assign_user),
    _route("GET apps/{}/users/{}", Bucket.APPS, apps.get_app_user),
    _route("POST apps/{}/users/{}", Bucket.APPS, apps.update_app_user),
    _route("DELETE apps/{}/users/{}", Bucket.APPS, apps.unassign_user),
    _route("GET apps/{}/groups", Bucket.APPS, apps.list_app_groups),
    _route("GET apps/{}/groups/{}", Bucket.APPS, apps.get_app_group),
    _route("PUT apps/{}/groups/{}", Bucket.APPS, apps.assign_group),
    _route("DELETE apps/{}/groups/{}", Bucket.APPS, apps.unassign_group),
    _route("GET logs", Bucket.LOGS, logs.list_events),
    _route("GET meta/schemas/user/{}", Bucket.OTHER, meta.get_schema),
    _route("POST meta/schemas/user/{}", Bucket.OTHER, meta.update_schema),
    _route("GET meta/types/user", Bucket.OTHER, meta.list_types),
    _route("GET meta/types/user/{}", Bucket.OTHER, meta.get_type),
)


def find(method: str, segments: tuple[str, ...]) -> tuple[Route, tuple[str, ...]]:
    """The route of a request and the ids in its path. Raises E0000022 for another method's path, E0000008 for an unknown one."""
    path = segments[2:] if segments[:2] == ("api", "v1") else ()
    fitting = [route for route in ROUTES if _fits(route.path, path)]
    route = next((route for route in fitting if route.method == method), None)
    if route is None:
        raise OktaError("E0000022" if fitting else "E0000008")
    return route, tuple(part for part, pattern in zip(path, route.path, strict=True) if pattern == "{}")


def _fits(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    return len(pattern) == len(path) and all(want in ("{}", part) for want, part in zip(pattern, path, strict=True))
