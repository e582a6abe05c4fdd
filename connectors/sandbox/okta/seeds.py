"""Seed of a sandboxed Okta org: the shapes that Okta answers with, without links."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from connectors.sandbox.okta.objects import GroupType, Status


class _SeedPart(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class SeedUserProfile(BaseModel):
    """Attributes by name; those that every answer shows must be there."""

    model_config = ConfigDict(extra="allow")

    login: str
    email: str


class SeedReference(BaseModel):
    """An object named by its id."""

    id: str


class SeedCredentials(BaseModel):
    """A user's credentials, as answers show them."""

    password: dict[str, Any] | None = None
    recovery_question: dict[str, str] | None = None
    provider: dict[str, str] = {"type": "OKTA", "name": "OKTA"}


class SeedUser(_SeedPart):
    """One user, as an answer shows it, without links."""

    id: str = ""
    status: Status = Status.ACTIVE
    transitioning_to_status: Status | None = None
    created: str = ""
    activated: str | None = None
    status_changed: str | None = None
    last_login: str | None = None
    last_updated: str = ""
    password_changed: str | None = None
    realm_id: str = ""
    type: SeedReference | None = None
    profile: SeedUserProfile
    credentials: SeedCredentials | None = None
    """Without them a user who was ever active has a password."""


class SeedGroup(_SeedPart):
    """One group, as an answer shows it, without links."""

    id: str = ""
    type: GroupType = GroupType.OKTA_GROUP
    created: str = ""
    last_updated: str = ""
    last_membership_updated: str = ""
    object_class: list[str] = ["okta:user_group"]
    profile: dict[str, Any]
    source: SeedReference | None = None
    has_admin_privilege: bool = False
    """Whether its members administer the org; answers say so only in their statistics."""


class SeedAppUser(_SeedPart):
    """One direct assignment to an app."""

    created: str = ""
    last_updated: str = ""
    user_name: str = ""
    profile: dict[str, Any] = {}


class SeedAppGroup(_SeedPart):
    """One group assignment to an app."""

    last_updated: str = ""
    priority: int = 0
    profile: dict[str, Any] = {}


class SeedApp(_SeedPart):
    """One app with its assignments."""

    id: str = ""
    name: str = "bookmark"
    label: str
    status: str = "ACTIVE"
    sign_on_mode: str = "BOOKMARK"
    features: list[str] | None = None
    created: str = ""
    last_updated: str = ""
    users: dict[str, SeedAppUser] = {}
    groups: dict[str, SeedAppGroup] = {}


class SeedType(_SeedPart):
    """One user type."""

    id: str = ""
    schema_id: str = ""
    name: str = "user"
    display_name: str = "User"
    default: bool = False
    created: str = ""
    lacks: tuple[str, ...] = ()


class OktaSeed(_SeedPart):
    """A whole org. Users are referred to by id or login, groups by id or name; missing ids and times are filled in."""

    model_config = ConfigDict(alias_generator=None)

    users: list[SeedUser] = []
    groups: list[SeedGroup] = []
    members: dict[str, list[str]] = {}
    custom_attributes: dict[str, dict[str, Any]] = {}
    apps: list[SeedApp] = []
    rules: list[dict[str, Any]] = []
    by_rule: dict[str, dict[str, list[str]]] = {}
    """Group id to the members whom only rules put there, with the ids of those rules."""
    log: list[dict[str, Any]] = []
    """Events, the oldest first, as answers show them."""
    types: list[SeedType] = [SeedType(default=True)]
    minted: int = 0
    """Number of ids that were given out before."""

    @model_validator(mode="after")
    def _one_default_type(self) -> OktaSeed:
        if [kind.default for kind in self.types].count(True) != 1:
            raise ValueError("exactly one user type is the default")
        return self
