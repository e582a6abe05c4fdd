"""Forms of a group in an answer and in a seed."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.sandbox.okta.membership import member_count
from connectors.sandbox.okta.objects import OktaGroup
from connectors.sandbox.okta.org import Org


def group_object(group: OktaGroup, base_url: str) -> dict[str, Any]:
    """A group; the description is null where unset."""
    own = f"{base_url}/api/v1/groups/{group.id}"
    logos = [
        {"name": size, "href": f"{base_url}/assets/img/logos/groups/{group.type.lower()}-{size}.png", "type": "image/png"}
        for size in ("medium", "large")
    ]
    return {**stored_group(group), "_links": {"logo": logos, "users": {"href": f"{own}/users"}, "apps": {"href": f"{own}/apps"}}}


def group_row(org: Org, group: OktaGroup, base_url: str, *, stats: bool = False) -> bytes:
    """A group as lists show it, as JSON, with its counts where they are asked for."""
    shown = group_object(group, base_url)
    if stats:
        apps = sum(group.id in app.groups for app in org.apps.values())
        counts = {
            "usersCount": member_count(org, group),
            "appsCount": apps,
            "groupPushMappingsCount": 0,
            "hasAdminPrivilege": group.has_admin_privilege,
        }
        shown["_embedded"] = {"stats": {**counts, "_links": {"self": {"href": f"{base_url}/api/v1/groups/{group.id}/stats"}}}}
    return msgspec.json.encode(shown)


def stored_group(group: OktaGroup) -> dict[str, Any]:
    """A group as a seed holds it."""
    return {
        "id": group.id,
        "created": group.created,
        "lastUpdated": group.last_updated,
        "lastMembershipUpdated": group.last_membership_updated,
        "objectClass": group.object_class,
        "type": group.type,
        "profile": group.profile,
        **({"source": {"id": group.source_id}} if group.source_id else {}),
    }
