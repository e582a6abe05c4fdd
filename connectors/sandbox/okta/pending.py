"""Changes of one org that take effect, or are seen, later than they are made: by group rules, activations and the index of users."""

from __future__ import annotations

from connectors.sandbox.okta.objects import OktaUser, Status
from connectors.sandbox.okta.settings import OktaSandboxSettings


class Pending:
    """The changes under way, each until a time of the org's clock."""

    def __init__(self, settings: OktaSandboxSettings) -> None:
        self._settings = settings
        self._rules_due: list[tuple[float, str | None]] = []
        self._unsettled: list[tuple[float, OktaUser]] = []

    def look_later(self, user_id: str | None) -> None:
        """Has the rules look at one user, or at all users, after as long as the org is set up to."""
        self._rules_due.append((self._settings.clock() + self._settings.rule_seconds, user_id))

    def due_for_rules(self) -> set[str | None]:
        """Returns the ids of users that the rules have to look at now; None among them for all. Once returned, they count as looked at."""
        now = self._settings.clock()
        due = {user_id for moment, user_id in self._rules_due if moment <= now}
        self._rules_due = [entry for entry in self._rules_due if entry[0] > now]
        return due

    def settle_later(self, user: OktaUser, status: Status) -> None:
        """Leaves a status change under way for as long as the org is set up to."""
        user.transitioning_to = status
        self._unsettled.append((self._settings.clock() + self._settings.activation_seconds, user))

    def settle(self) -> None:
        """Completes the status changes whose time has come."""
        now = self._settings.clock()
        for due, user in self._unsettled:
            if due <= now and user.transitioning_to is not None:
                user.status, user.transitioning_to = user.transitioning_to, None
                user.rows.clear()
        self._unsettled = [(due, user) for due, user in self._unsettled if due > now]

    def index_later(self, user: OktaUser, towards: Status | None = None) -> None:
        """Keeps what the lagging index shows of a user who is about to change."""
        if self._settings.index_lag:
            until = self._settings.clock() + self._settings.index_lag * (2 if towards else 1)
            user.indexed.append((until, user.as_indexed(towards)))

    def index_new(self, user: OktaUser) -> None:
        """Keeps a new user out of the lagging index."""
        if self._settings.index_lag:
            user.indexed.append((self._settings.clock() + self._settings.index_lag, None))

    def as_indexed(self, user: OktaUser) -> OktaUser | None:
        """The user as `search` sees it; None while it is not indexed."""
        now = self._settings.clock()
        user.indexed = [entry for entry in user.indexed if entry[0] > now]
        return user.indexed[0][1] if user.indexed else user
