"""Settings of a sandboxed Okta org: tokens, limits, and the switches for ways in which real orgs differ."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Bucket(StrEnum):
    """The rate limit buckets of an org: which calls share a counter."""

    USERS = "/api/v1/users"
    """Lists, creates, every lifecycle call, sessions, a user's groups."""
    USER_READ = "GET /api/v1/users/{id}"
    USER_WRITE = "POST/PUT/DELETE /api/v1/users/{id}"
    GROUPS = "/api/v1/groups"
    """Lists, creates, members, rules."""
    GROUP = "/api/v1/groups/{id}"
    APPS = "/api/v1/apps"
    """Apps, with the users and groups of each."""
    APP = "/api/v1/apps/{id}"
    LOGS = "/api/v1/logs"
    TOKEN = "/oauth2/v1/token"  # noqa: S105 - a path
    OTHER = "/api/v1/*"


WORKFORCE_LIMITS: Mapping[Bucket, int | None] = {
    Bucket.USERS: 600,
    Bucket.USER_READ: 2000,
    Bucket.USER_WRITE: 600,
    Bucket.GROUPS: 500,
    Bucket.GROUP: 1000,
    Bucket.APPS: 100,
    Bucket.APP: 500,
    Bucket.LOGS: 120,
    Bucket.TOKEN: 300,
    Bucket.OTHER: 1200,
}
"""Calls a minute of a workforce org, as Okta's last public table had them (December 2025)."""


class LinkStyle(StrEnum):
    """The shapes in which real orgs send their Link headers."""

    TWO_LINES = "two_lines"
    JOINED = "joined"
    NEXT_ONLY = "next_only"
    """As in 2020: no `self`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """A service app that is registered with the org."""

    client_id: str
    keys: tuple[Mapping[str, str | list[str]], ...]
    """Its public keys, as JWKs."""
    scopes: frozenset[str]
    """Scopes that it was granted, such as `okta.users.read`."""
    dpop: bool = True
    """Whether it must prove that it holds a key (RFC 9449): what new apps have to, unless the setting is turned off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OktaSandboxSettings:
    """One org's set-up. Seconds of lag are 0 unless given, so that tests need not wait."""

    org_id: str = "00o0localorg0000s4x7"
    """Id that the org states of itself."""
    tokens: tuple[str, ...] = ("sandbox-token",)
    """The SSWS tokens that are let in."""
    clients: tuple[OAuthClient, ...] = ()
    """The service apps that are let in."""
    token_seconds: int = 3600
    """Seconds for which an access token is good."""
    dpop_nonce: str = "nonce-of-the-token-endpoint"
    """Nonce that a proof at the token endpoint must contain; empty for none."""
    resource_nonce: str = ""
    """Nonce that a proof at any other endpoint must contain; empty for none, as in Okta."""
    limits: Mapping[Bucket, int | None] = field(default_factory=dict)
    """Calls a minute of the whole org; None or absent: never refused."""
    token_share: float = 0.5
    """Share of each bucket that one token gets."""
    concurrency_limit: int | None = None
    link_style: LinkStyle = LinkStyle.TWO_LINES
    role_missing: bool = False
    """The client has its scopes but no admin role: the user list is empty, everything else is forbidden."""
    missing_scopes: frozenset[str] = frozenset()
    """Scopes that an API token is refused for, as if it were an app without them; a missing read scope takes writing with it."""
    deactivate_status: int = 200
    """200 with `{}`, or 204 as in older orgs."""
    duplicate_group_status: int = 400
    """400 E0000001 or 409 E0000055: which of them Okta answers is not on record."""
    edits_deactivated: bool = False
    """Whether profiles of deactivated users may be changed."""
    login_is_email: bool = True
    credential_emails: bool = True
    """Whether credentials list the addresses."""
    reset_factors_link: bool = True
    realm_id: str = ""
    """Shown with each user where the org has realms."""
    index_lag: float = 0.0
    """Seconds by which `search` is behind."""
    membership_lag: float = 0.0
    """Seconds by which the member list of a group is behind."""
    rule_seconds: float = 0.0
    """Seconds that group rules take to move users after a change; about 15 where it was seen."""
    log_lag: float = 0.0
    """Seconds that it takes an event to be in the log."""
    activation_seconds: float = 0.0
    """Seconds for which an activation stays under way; writes meanwhile are refused with 409 E0000112."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
