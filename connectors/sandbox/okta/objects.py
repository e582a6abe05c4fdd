"""Objects of an Okta org: users, groups, apps, types and rules, as values that change in place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The statuses of a user."""

    STAGED = "STAGED"
    PROVISIONED = "PROVISIONED"
    ACTIVE = "ACTIVE"
    RECOVERY = "RECOVERY"
    LOCKED_OUT = "LOCKED_OUT"
    PASSWORD_EXPIRED = "PASSWORD_EXPIRED"  # noqa: S105 - the name of a status
    SUSPENDED = "SUSPENDED"
    DEPROVISIONED = "DEPROVISIONED"


class GroupType(StrEnum):
    """Type of a group: the system that masters it."""

    OKTA_GROUP = "OKTA_GROUP"
    APP_GROUP = "APP_GROUP"
    BUILT_IN = "BUILT_IN"


@dataclass(slots=True, kw_only=True)
class OktaUser:
    """One user. Times are Okta's own text, which sorts as time does."""

    id: str
    status: Status
    created: str
    last_updated: str
    type_id: str
    profile: dict[str, Any]
    activated: str | None = None
    status_changed: str | None = None
    last_login: str | None = None
    password_changed: str | None = None
    has_password: bool = False
    recovery_question: str | None = None
    provider_type: str = "OKTA"
    provider_name: str = "OKTA"
    transitioning_to: Status | None = None
    groups: set[str] = field(default_factory=set)
    """Ids of the groups it was put into; Everyone is not among them."""
    rows: dict[tuple[str, ...], bytes] = field(default_factory=dict)
    """Its list rows as JSON, kept until it changes."""
    indexed: list[tuple[float, OktaUser | None]] = field(default_factory=list)
    """States that `search` still shows instead, each until a time; None: not there yet."""

    def as_indexed(self, towards: Status | None) -> OktaUser:
        """Copies the user as it stands now, for the lagging index; `towards` is the status it is on its way to."""
        return replace(self, profile=dict(self.profile), rows={}, indexed=[], transitioning_to=towards)


@dataclass(slots=True, kw_only=True)
class OktaGroup:
    """One group."""

    id: str
    type: GroupType
    created: str
    last_updated: str
    last_membership_updated: str
    profile: dict[str, Any]
    object_class: list[str]
    source_id: str | None = None
    has_admin_privilege: bool = False
    members: set[str] = field(default_factory=set)
    """Ids of users; unused for Everyone, which holds all of them."""
    by_rule: dict[str, set[str]] = field(default_factory=dict)
    """Members whom only rules put there, with the ids of those rules."""
    recent: dict[str, tuple[float, bool]] = field(default_factory=dict)
    """Whether a user still counts as member for the lagging member list, until a time."""


@dataclass(slots=True, kw_only=True)
class AppUser:
    """One user's direct assignment to an app."""

    created: str
    last_updated: str
    user_name: str
    profile: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class AppGroup:
    """One group's assignment to an app."""

    last_updated: str
    priority: int
    profile: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class OktaApp:
    """One app instance."""

    id: str
    name: str
    label: str
    status: str
    sign_on_mode: str
    created: str
    last_updated: str
    features: list[str] | None = None
    """Provisioning features that are on; None: the app does not say."""
    users: dict[str, AppUser] = field(default_factory=dict)
    groups: dict[str, AppGroup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserType:
    """One user type; every org has a default one."""

    id: str
    schema_id: str
    name: str
    display_name: str
    default: bool
    created: str
    lacks: tuple[str, ...] = ()
    """Custom attributes that its schema does not have; a user who becomes of this type loses their values."""
