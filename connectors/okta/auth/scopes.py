"""The OAuth scope that each request to an org needs (Okta, OAuth 2.0 scopes)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class Feature(StrEnum):
    """Use that is made of an org, in the words of `reconcile check`."""

    READ_USERS = "users can be read"
    READ_GROUPS = "groups can be read"
    READ_RULES = "group rules can be read"
    READ_SCHEMA = "the user schema can be read"
    READ_TYPES = "the user types can be read"
    READ_APPS = "applications can be read"
    READ_LOG = "the system log can be read"
    WRITE_USERS = "users can be changed"
    WRITE_MEMBERSHIPS = "memberships can be changed"
    WRITE_APPS = "app assignments can be changed"


REQUIRED_SCOPES: Mapping[Feature, str] = {
    Feature.READ_USERS: "okta.users.read",
    Feature.READ_GROUPS: "okta.groups.read",
    Feature.READ_RULES: "okta.groups.read",
    Feature.READ_SCHEMA: "okta.schemas.read",
    Feature.READ_TYPES: "okta.userTypes.read",
    Feature.READ_APPS: "okta.apps.read",
    Feature.READ_LOG: "okta.logs.read",
    Feature.WRITE_USERS: "okta.users.manage",
    Feature.WRITE_MEMBERSHIPS: "okta.groups.manage",
    Feature.WRITE_APPS: "okta.apps.manage",
}


def scopes_for(features: Collection[Feature]) -> tuple[str, ...]:
    """Returns the OAuth scopes to ask for. Reading is asked for beside managing: an app that was granted only the one still gets that."""
    return tuple(sorted({REQUIRED_SCOPES[feature] for feature in features}))


def covers(granted: Collection[str], feature: Feature) -> bool:
    """Whether these scopes allow it; a `manage` scope includes its `read`."""
    needed = REQUIRED_SCOPES[feature]
    return needed in granted or needed.replace(".read", ".manage") in granted
