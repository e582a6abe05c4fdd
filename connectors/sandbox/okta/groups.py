"""Answers of the group endpoints."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from connectors.sandbox.okta.app_objects import app_object
from connectors.sandbox.okta.calls import NO_CONTENT, Call, list_answer, object_answer, page
from connectors.sandbox.okta.errors import OktaError, invalid
from connectors.sandbox.okta.expressions import EQUALITY, ORDER, PREFIX, TEXT, Dialect, Field, compiled
from connectors.sandbox.okta.group_objects import group_object, group_row
from connectors.sandbox.okta.membership import add_member, members_after, remove_member
from connectors.sandbox.okta.objects import GroupType, OktaGroup
from connectors.sandbox.okta.schema import TAKEN
from connectors.sandbox.okta.user_objects import user_row
from connectors.sandbox.wire import WireAnswer


def _fields(identifying: frozenset[str], times: frozenset[str]) -> dict[str, Field[OktaGroup]]:
    return {
        "id": Field(attrgetter("id"), identifying),
        "type": Field(attrgetter("type"), identifying),
        "lastUpdated": Field(attrgetter("last_updated"), times, is_time=True),
        "lastMembershipUpdated": Field(attrgetter("last_membership_updated"), times, is_time=True),
    }


FILTER: Dialect[OktaGroup] = Dialect(fields=_fields(EQUALITY, ORDER), case_sensitive=True, unsupported="E0000094")
SEARCH: Dialect[OktaGroup] = Dialect(
    fields={
        **_fields(PREFIX, PREFIX),
        "created": Field(attrgetter("created"), PREFIX, is_time=True),
        "source.id": Field(attrgetter("source_id"), PREFIX),
        "profile.name": Field(lambda group: group.profile["name"], TEXT),
        "profile.description": Field(lambda group: group.profile.get("description"), TEXT),
    },
    case_sensitive=False,
    unsupported="E0000031",
)


def list_groups(call: Call) -> WireAnswer:
    """`GET /api/v1/groups`: 10 000 a page; `q` is a name prefix and never pages."""
    prefixed = "q" in call.query
    limit = call.limit(default=300 if prefixed else 10_000, maximum=10_000)
    test = _selection(call)
    after = call.cursor()
    found = (group for group_id, group in sorted(call.org.groups.items()) if group_id > after and test(group))
    groups, more = page(found, limit)
    stats = "stats" in call.query.get("expand", "").split(",")
    rows = [group_row(call.org, group, call.wire.base_url, stats=stats) for group in groups]
    return list_answer(call, rows, limit=limit, following=groups[-1].id if more and not prefixed else "")


def _selection(call: Call) -> Callable[[OktaGroup], bool]:
    if "search" in call.query and "filter" in call.query:
        raise OktaError("E0000033")
    if "search" in call.query:
        return compiled(call.query["search"], SEARCH)
    if "filter" in call.query:
        return compiled(call.query["filter"], FILTER)
    start = call.query.get("q", "").casefold()
    return lambda group: group.profile["name"].casefold().startswith(start)


def get_group(call: Call, group_id: str) -> WireAnswer:
    return object_answer(group_object(call.org.group(group_id), call.wire.base_url))


def create_group(call: Call) -> WireAnswer:
    """`POST /api/v1/groups`: 200; the name must be new among the org's own groups."""
    profile = _checked(call, "")
    now = call.org.now()
    group = OktaGroup(
        id=call.org.mint("00g"),
        type=GroupType.OKTA_GROUP,
        created=now,
        last_updated=now,
        last_membership_updated=now,
        profile=profile,
        object_class=["okta:user_group"],
    )
    call.org.groups[group.id] = group
    call.org.log.note("group.lifecycle.create", group)
    return object_answer(group_object(group, call.wire.base_url))


def replace_group(call: Call, group_id: str) -> WireAnswer:
    """`PUT /api/v1/groups/{id}`: replaces name and description of an OKTA_GROUP; moves lastUpdated only."""
    group = call.org.group(group_id)
    if group.type is not GroupType.OKTA_GROUP:
        raise OktaError("E0000006")
    group.profile = _checked(call, group_id)
    group.last_updated = call.org.now()
    call.org.log.note("group.profile.update", group)
    return object_answer(group_object(group, call.wire.base_url))


def delete_group(call: Call, group_id: str) -> WireAnswer:
    """`DELETE /api/v1/groups/{id}`: 204; an APP_GROUP may go, a BUILT_IN one may not."""
    group = call.org.group(group_id)
    if group.type is GroupType.BUILT_IN:
        raise OktaError("E0000006")
    for user_id in group.members:
        call.org.users.by_id[user_id].groups.discard(group_id)
    for app in call.org.apps.values():
        app.groups.pop(group_id, None)
    del call.org.groups[group_id]
    call.org.log.note("group.lifecycle.delete", group)
    return NO_CONTENT


def list_members(call: Call, group_id: str) -> WireAnswer:
    """`GET /api/v1/groups/{id}/users`: 1000 a page, full user rows, the deactivated among them."""
    group = call.org.group(group_id)
    limit = call.limit(default=1000, maximum=1000)
    users, more = page(members_after(call.org, group, call.cursor()), limit)
    rows = [user_row(call.org, user, call.wire.base_url, call.omissions()) for user in users]
    return list_answer(call, rows, limit=limit, following=users[-1].id if more else "")


def put_member(call: Call, group_id: str, user_id: str) -> WireAnswer:
    add_member(call.org, call.org.group(group_id), call.org.user(user_id))
    return NO_CONTENT


def delete_member(call: Call, group_id: str, user_id: str) -> WireAnswer:
    remove_member(call.org, call.org.group(group_id), call.org.user(user_id))
    return NO_CONTENT


def list_apps_of(call: Call, group_id: str) -> WireAnswer:
    """`GET /api/v1/groups/{id}/apps`: the apps the group is assigned to, one page."""
    call.org.group(group_id)
    apps = [app for app in call.org.apps.values() if group_id in app.groups]
    rows = [msgspec.json.encode(app_object(app, call.wire.base_url)) for app in apps]
    return list_answer(call, rows, limit=call.limit(default=20, maximum=200))


def _checked(call: Call, group_id: str) -> dict[str, Any]:
    """The name and description that were sent, checked: name 1-255, description up to 1024 characters."""
    profile = call.part("profile", call.body())
    name, description = profile.get("name") or "", profile.get("description")
    if not isinstance(name, str) or not 1 <= len(name) <= 255:
        raise invalid("name", "The field cannot be left blank" if not name else "The field is too long")
    if len(str(description or "")) > 1024:
        raise invalid("description", "The field is too long")
    own = (group for group in call.org.groups.values() if group.type is GroupType.OKTA_GROUP)
    if any(group.profile["name"] == name and group.id != group_id for group in own):
        raise OktaError("E0000055") if call.org.settings.duplicate_group_status == 409 else invalid("name", TAKEN)
    return {"name": name, "description": description}
