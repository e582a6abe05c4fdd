"""State of one Okta org, with the ways to find and change its parts together."""

from __future__ import annotations

import time
import unicodedata
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from connectors.sandbox.okta.errors import OktaError, not_found
from connectors.sandbox.okta.events import Log
from connectors.sandbox.okta.objects import GroupType, OktaApp, OktaGroup, OktaUser, Status, UserType
from connectors.sandbox.okta.settings import OktaSandboxSettings

EVERYONE = "Everyone"


def login_key(login: str) -> str:
    """Returns a text that is equal for equal logins of an org: case and diacritics do not count (Okta, user profile: login)."""
    plain = unicodedata.normalize("NFKD", login)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


class Org:
    """Everything one org holds. Ids come from one counter, so that the same calls give the same ids."""

    def __init__(self, settings: OktaSandboxSettings) -> None:
        self.settings = settings
        self.users: dict[str, OktaUser] = {}
        self.user_ids: list[str] = []
        """Sorted: the order of every list of users."""
        self.logins: dict[str, str] = {}
        self.groups: dict[str, OktaGroup] = {}
        self.apps: dict[str, OktaApp] = {}
        self.types: dict[str, UserType] = {}
        self.rules: list[dict[str, Any]] = []
        self.custom_attributes: dict[str, dict[str, Any]] = {}
        self.minted = 0
        self.log = Log(settings)
        self._rules_due: list[tuple[float, str | None]] = []
        self._unsettled: list[tuple[float, OktaUser]] = []

    def now(self) -> str:
        """The clock as Okta writes it: whole seconds, always `.000Z`."""
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self.settings.clock()))

    def mint(self, prefix: str) -> str:
        """A new id of 20 characters: `00u` for users, `00g` groups, `0oa` apps, `0pr` rules, `oty` types, `osc` schemas."""
        taken = True
        while taken:
            self.minted += 1
            minted = f"{prefix}{self.minted:013d}s4x7"
            taken = minted in self.users or minted in self.groups or minted in self.apps or minted in self.types
        return minted

    @property
    def everyone(self) -> OktaGroup:
        return next(group for group in self.groups.values() if is_everyone(group))

    @property
    def default_type(self) -> UserType:
        return next(kind for kind in self.types.values() if kind.default)

    def user(self, reference: str) -> OktaUser:
        """The user with this id, this login, or this login before the `@` where only one has it."""
        found = self.users.get(reference) or self.users.get(self.logins.get(login_key(reference), ""))
        if found is None and reference and "@" not in reference:
            start = login_key(reference) + "@"
            named = [user_id for login, user_id in self.logins.items() if login.startswith(start)]
            found = self.users[named[0]] if len(named) == 1 else None
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

    def users_after(self, after: str) -> Iterator[OktaUser]:
        """Every user behind a cursor, in the order of their ids."""
        for position in range(bisect_right(self.user_ids, after), len(self.user_ids)):
            yield self.users[self.user_ids[position]]

    def add_users(self, users: Iterable[OktaUser]) -> None:
        """Takes in many users at once, as a seed does."""
        self.users.update((user.id, user) for user in users)
        self.user_ids = sorted(self.users)
        self.logins = {login_key(user.profile["login"]): user.id for user in self.users.values()}

    def add_user(self, user: OktaUser) -> None:
        self.users[user.id] = user
        insort(self.user_ids, user.id)
        self.logins[login_key(user.profile["login"])] = user.id
        self.everyone.last_membership_updated = self.now()
        self.look_at_rules(user.id)
        if self.settings.index_lag:
            user.indexed.append((self.settings.clock() + self.settings.index_lag, None))

    def remove_user(self, user: OktaUser) -> None:
        for group_id in user.groups:
            self.groups[group_id].members.discard(user.id)
            self.groups[group_id].recent.pop(user.id, None)
            self.groups[group_id].by_rule.pop(user.id, None)
        del self.users[user.id]
        del self.user_ids[bisect_left(self.user_ids, user.id)]
        del self.logins[login_key(user.profile["login"])]
        self.everyone.last_membership_updated = self.now()

    @contextmanager
    def changing(self, user: OktaUser, *, towards: Status | None = None) -> Iterator[None]:
        """Surrounds every change of a user: keeps what the lagging index shows, and the login findable.

        `towards` is the status of an activation, which the index shows as under way. Refuses with 409 while one is under way.
        """
        if user.transitioning_to is not None:
            raise OktaError("E0000112")
        if self.settings.index_lag:
            until = self.settings.clock() + self.settings.index_lag * (2 if towards else 1)
            user.indexed.append((until, user.as_indexed(towards)))
        before = login_key(user.profile["login"])
        yield
        self.look_at_rules(user.id)
        user.rows.clear()
        del self.logins[before]
        self.logins[login_key(user.profile["login"])] = user.id

    def look_at_rules(self, user_id: str | None) -> None:
        """Has the active rules look at one user, or at all users, after as long as the org is set up to."""
        if any(rule["status"] == "ACTIVE" for rule in self.rules):
            self._rules_due.append((self.settings.clock() + self.settings.rule_seconds, user_id))

    def due_for_rules(self) -> set[str | None]:
        """Returns the ids of users that the rules have to look at now; None among them for all. Once returned, they count as looked at."""
        now = self.settings.clock()
        due = {user_id for moment, user_id in self._rules_due if moment <= now}
        self._rules_due = [entry for entry in self._rules_due if entry[0] > now]
        return due

    def settle_later(self, user: OktaUser, status: Status) -> None:
        """Leaves a status change under way for as long as the org is set up to."""
        user.transitioning_to = status
        self._unsettled.append((self.settings.clock() + self.settings.activation_seconds, user))

    def settle(self) -> None:
        """Completes the status changes whose time has come."""
        now = self.settings.clock()
        for due, user in self._unsettled:
            if due <= now and user.transitioning_to is not None:
                user.status, user.transitioning_to = user.transitioning_to, None
                user.rows.clear()
        self._unsettled = [(due, user) for due, user in self._unsettled if due > now]

    def as_indexed(self, user: OktaUser) -> OktaUser | None:
        """The user as `search` sees it; None while it is not indexed."""
        now = self.settings.clock()
        user.indexed = [entry for entry in user.indexed if entry[0] > now]
        return user.indexed[0][1] if user.indexed else user


def is_everyone(group: OktaGroup) -> bool:
    """Whether it is the built-in group of all users."""
    return group.type is GroupType.BUILT_IN and group.profile["name"] == EVERYONE
