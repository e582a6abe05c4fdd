"""Formats a moment for Okta's filters, and sets how far before a watermark a delta begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

OVERLAP = timedelta(seconds=120)
"""Okta's times have whole seconds, and its lists come from a replica that lags: what changed shortly before counts as changed since."""


def okta_time(moment: datetime) -> str:
    """Formats a moment as Okta writes it: UTC, whole seconds, `.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def delta_start(watermark: str) -> str:
    """Returns the moment where a delta since this watermark begins, in Okta's writing."""
    return okta_time(datetime.fromisoformat(watermark) - OVERLAP)


def changed_since(field: str, watermark: str) -> str:
    """The filter clause for what changed since a watermark."""
    return f'{field} gt "{delta_start(watermark)}"'
