"""State of one Okta org, with the ways to find and change its parts together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.sandbox.okta.errors import OktaError, not_found
from connectors.sandbox.okta.events import Log
from connectors.sandbox.okta.objects import GroupType, OktaApp, OktaGroup, OktaUser, Status, UserType
from connectors.sandbox.okta.org_users import OrgUsers
from connectors.sandbox.okta.pending import Pending
from connectors.sandbox.okta.settings import OktaSandboxSettings

EVERYONE = "Everyone"


class Org:
    """Everything one org holds. Ids come from one counter, so that the same calls give the same ids."""

    def __init__(self, settings: OktaSandboxSettings) -> None:
        self.settings = settings
        self.users = OrgUsers()
        self.groups: dict[str, OktaGroup] = {}
        self.apps: dict[str, OktaApp] = {}
        self.types: dict[str, UserType] = {}
        self.rules: list[dict[str, Any]] = []
        self.custom_attributes: dict[str, dict[str, Any]] = {}
        self.minted = 0
        self.log = Log(settings)
        self.pending = Pending(settings)

    def now(self) -> str:
        """The clock as Okta writes it: whole seconds, always `.000Z`."""
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self.settings.clock()))

    def mint(self, prefix: str) -> str:
        """A new id of 20 characters: `00u` for users, `00g` groups, `0oa` apps, `0pr` rules, `oty` types, `osc` schemas."""
        taken = True
        while taken:
            self.minted += 1
            minted = f"{prefix}{self.minted:013d}s4x7"
            taken = minted in self.users.by_id or minted in self.groups or minted in self.apps or minted in self.types
        return minted

    @property
    def everyone(self) -> OktaGroup:
        return next(group for group in self.groups.values() if is_everyone(group))

    @property
    def default_type(self) -> UserType:
        return next(kind for kind in self.types.values() if kind.default)

    def user(self, reference: str) -> OktaUser:
        """The user with this id, this login, or this login before the `@` where only one has it."""
        found = self.users.find(reference)
        if found is None:
            raise not_found(reference, "User")
        return found

    def group(self, group_id: str) -> OktaGroup:
        if group_id not in self.groups:
            raise not_found(group_id, "UserGroup")
        return self.groups[group_id]

    def app(self, app_id: str) -> OktaApp:
        if app_id not in self.apps:
            raise not_found(app_id, "AppInstance")
        return self.apps[app_id]

    def add_user(self, user: OktaUser) -> None:
        self.users.add(user)
        self.everyone.last_membership_updated = self.now()
        self.look_at_rules(user.id)
        self.pending.index_new(user)

    def remove_user(self, user: OktaUser) -> None:
        for group_id in user.groups:
            self.groups[group_id].members.discard(user.id)
            self.groups[group_id].recent.pop(user.id, None)
            self.groups[group_id].by_rule.pop(user.id, None)
        self.users.remove(user)
        self.everyone.last_membership_updated = self.now()

    @contextmanager
    def changing(self, user: OktaUser, *, towards: Status | None = None) -> Iterator[None]:
        """Surrounds every change of a user: keeps what the lagging index shows, and the login findable.

        `towards` is the status of an activation, which the index shows as under way. Refuses with 409 while one is under way.
        """
        if user.transitioning_to is not None:
            raise OktaError("E0000112")
        self.pending.index_later(user, towards)
        before = user.profile["login"]
        yield
        self.look_at_rules(user.id)
        user.rows.clear()
        self.users.rename(user, before)

    def look_at_rules(self, user_id: str | None) -> None:
        """Has the active rules look at one user, or at all users, after as long as the org is set up to."""
        if any(rule["status"] == "ACTIVE" for rule in self.rules):
            self.pending.look_later(user_id)


def is_everyone(group: OktaGroup) -> bool:
    """Whether it is the built-in group of all users."""
    return group.type is GroupType.BUILT_IN and group.profile["name"] == EVERYONE
