"""The System Log of an org, as the contract of logs asks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime

from connectors.event_log import LogEvent, LogPage
from connectors.okta import logs
from connectors.okta.client import Org
from connectors.okta.settings import OktaSettings


class OktaLog:
    """The log of one org, for `event_log.FollowedLog`."""

    _org: Org
    _settings: OktaSettings
    log_days = logs.DAYS

    @property
    def follows_log(self) -> bool:
        return self._settings.log

    def events(self, since: datetime, until: datetime) -> AsyncGenerator[LogEvent, None]:
        """Yields the events of the org's own log between two moments, the oldest first."""
        return logs.events(self._org, since, until)

    def log_pages(self, since: datetime, cursor: str) -> AsyncGenerator[LogPage, None]:
        return logs.log_pages(self._org, since, cursor)
