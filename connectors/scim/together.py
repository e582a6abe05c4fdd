"""Changes of several users in one bulk request."""

from __future__ import annotations

from contextlib import AbstractContextManager

from connectors.scim.client import Session


class ScimTogether:
    """An application as `together.SendsTogether`."""

    _session: Session

    async def most_together(self) -> int:
        limits = await self._session.bulk.limits()
        return limits.operations if limits else 1

    def under_way(self) -> AbstractContextManager[None]:
        return self._session.bulk.under_way()
