"""Changes of several users in one bulk request."""

from __future__ import annotations

from contextlib import AbstractContextManager

from connectors.scim.client import Session


class ScimTogether:
    """An application as `together.SendsTogether`; what is read together is asked for together, too."""

    _session: Session

    async def most_together(self) -> int:
        limits = await self._session.bulk.limits()
        return max(limits.operations if limits else 1, self._session.users.full)

    def under_way(self) -> AbstractContextManager[None]:
        return self._session.gathering.under_way()
