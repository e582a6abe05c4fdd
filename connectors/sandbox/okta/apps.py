"""Answers of the app endpoints: the apps, and the users assigned to them directly or through a group."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.sandbox.okta.app_objects import app_group_object, app_object, app_user_object
from connectors.sandbox.okta.calls import NO_CONTENT, Call, list_answer, object_answer, page
from connectors.sandbox.okta.errors import OktaError, not_found
from connectors.sandbox.okta.membership import members_after
from connectors.sandbox.okta.objects import AppGroup, AppUser, OktaApp, OktaUser, Status
from connectors.sandbox.okta.user_objects import user_object
from connectors.sandbox.wire import WireAnswer


def list_apps(call: Call) -> WireAnswer:
    """`GET /api/v1/apps`: 20 a page unless asked for, 200 at most; `q` is a prefix of the label."""
    limit = call.limit(default=20, maximum=200)
    after, start = call.cursor(), call.query.get("q", "").casefold()
    found = (app for app_id, app in sorted(call.org.apps.items()) if app_id > after and app.label.casefold().startswith(start))
    apps, more = page(found, limit)
    rows = [msgspec.json.encode(app_object(app, call.wire.base_url)) for app in apps]
    return list_answer(call, rows, limit=limit, following=apps[-1].id if more else "")


def get_app(call: Call, app_id: str) -> WireAnswer:
    return object_answer(app_object(call.org.app(app_id), call.wire.base_url))


def list_app_users(call: Call, app_id: str) -> WireAnswer:
    """`GET /api/v1/apps/{id}/users`: 50 a page unless asked for, 500 at most."""
    app = call.org.app(app_id)
    limit = call.limit(default=50, maximum=500)
    after = call.cursor()
    found = ((user_id, scoped) for user_id, scoped in sorted(_assigned(call, app).items()) if user_id > after)
    assigned, more = page(found, limit)
    rows = [msgspec.json.encode(_shown(call, app, call.org.users.by_id[user_id], *scoped)) for user_id, scoped in assigned]
    return list_answer(call, rows, limit=limit, following=assigned[-1][0] if more else "")


def get_app_user(call: Call, app_id: str, user_id: str) -> WireAnswer:
    app = call.org.app(app_id)
    scoped = _assigned(call, app).get(user_id)
    if scoped is None:
        raise not_found(user_id, "AppUser")
    return object_answer(_shown(call, app, call.org.users.by_id[user_id], *scoped))


def assign_user(call: Call, app_id: str) -> WireAnswer:
    """`POST /api/v1/apps/{id}/users`: a direct assignment; 409 E0000062 where there is one already."""
    app, body = call.org.app(app_id), call.body()
    user = call.org.user(str(body.get("id", "")))
    if user.id in app.users:
        raise OktaError("E0000062")
    if user.status is Status.DEPROVISIONED:
        raise OktaError("E0000038")
    now = call.org.now()
    app.users[user.id] = AppUser(created=now, last_updated=now, user_name=user.profile["login"], profile={})
    call.org.log.note("application.user_membership.add", user, app)
    return _updated(call, app, user, body)


def update_app_user(call: Call, app_id: str, user_id: str) -> WireAnswer:
    """`POST /api/v1/apps/{id}/users/{user}`: changes the profile or the user name of a direct assignment."""
    app = call.org.app(app_id)
    if user_id not in app.users:
        raise not_found(user_id, "AppUser")
    user = call.org.user(user_id)
    call.org.log.note("application.user_membership.update", user, app)
    return _updated(call, app, user, call.body())


def unassign_user(call: Call, app_id: str, user_id: str) -> WireAnswer:
    """`DELETE /api/v1/apps/{id}/users/{user}`: 204; 403 E0000046 where a group grants the assignment."""
    app = call.org.app(app_id)
    if user_id in app.users:
        del app.users[user_id]
        call.org.log.note("application.user_membership.remove", call.org.user(user_id), app)
        return NO_CONTENT
    if user_id in _assigned(call, app):
        raise OktaError("E0000046", causes=["User app assignment is granted by a group membership."])
    raise not_found(user_id, "AppUser")


def list_app_groups(call: Call, app_id: str) -> WireAnswer:
    """`GET /api/v1/apps/{id}/groups`: 20 a page unless asked for, 200 at most."""
    app = call.org.app(app_id)
    limit = call.limit(default=20, maximum=200)
    after = call.cursor()
    groups, more = page(((group_id, group) for group_id, group in sorted(app.groups.items()) if group_id > after), limit)
    rows = [msgspec.json.encode(app_group_object(app, group_id, group, call.wire.base_url)) for group_id, group in groups]
    return list_answer(call, rows, limit=limit, following=groups[-1][0] if more else "")


def get_app_group(call: Call, app_id: str, group_id: str) -> WireAnswer:
    app = call.org.app(app_id)
    if group_id not in app.groups:
        raise not_found(group_id, "ApplicationGroupAssignment")
    return object_answer(app_group_object(app, group_id, app.groups[group_id], call.wire.base_url))


def assign_group(call: Call, app_id: str, group_id: str) -> WireAnswer:
    """`PUT /api/v1/apps/{id}/groups/{group}`: assigns the group, or changes its assignment."""
    app, body = call.org.app(app_id), call.body()
    call.org.log.note("group.application_assignment.add", call.org.group(group_id), app)
    priority = body.get("priority")
    app.groups[group_id] = AppGroup(
        last_updated=call.org.now(), priority=priority if isinstance(priority, int) else 0, profile=call.part("profile", body)
    )
    return get_app_group(call, app_id, group_id)


def unassign_group(call: Call, app_id: str, group_id: str) -> WireAnswer:
    get_app_group(call, app_id, group_id)
    app = call.org.app(app_id)
    del app.groups[group_id]
    call.org.log.note("group.application_assignment.remove", call.org.group(group_id), app)
    return NO_CONTENT


def _assigned(call: Call, app: OktaApp) -> dict[str, tuple[AppUser, str]]:
    """Returns the users assigned with the scope: directly, or as a member of an assigned group who is not deactivated."""
    found: dict[str, tuple[AppUser, str]] = {}
    for group_id, assigned in app.groups.items():
        since = assigned.last_updated
        for user in members_after(call.org, call.org.groups[group_id], ""):
            if user.status is not Status.DEPROVISIONED:
                found[user.id] = (AppUser(created=since, last_updated=since, user_name=user.profile["login"], profile={}), "GROUP")
    return {**found, **{user_id: (assigned, "USER") for user_id, assigned in app.users.items()}}


def _shown(call: Call, app: OktaApp, user: OktaUser, assigned: AppUser, scope: str) -> dict[str, Any]:
    shown = app_user_object(app, user, assigned, scope=scope, base_url=call.wire.base_url)
    if call.query.get("expand") == "user":
        shown["_embedded"] = {"user": user_object(call.org, user, call.wire.base_url)}
    return shown


def _updated(call: Call, app: OktaApp, user: OktaUser, body: dict[str, Any]) -> WireAnswer:
    assigned = app.users[user.id]
    assigned.user_name = str(call.part("credentials", body).get("userName") or assigned.user_name)
    assigned.profile = {**assigned.profile, **call.part("profile", body)}
    assigned.last_updated = call.org.now()
    return object_answer(_shown(call, app, user, assigned, "USER"))
