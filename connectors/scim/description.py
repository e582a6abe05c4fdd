"""The description that an application gives of itself: ServiceProviderConfig (RFC 7643 section 5), asked once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConnectorError
from connectors.http.answer import Answer

_PATHS = ("ServiceProviderConfig", "ServiceProviderConfigs")
"""Salesforce and Slack's SCIM 1.1 have it under the plural."""


@dataclass(slots=True)
class Description:
    """The description; empty where there is none, or none that can be read."""

    _said: dict[str, Any] | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def said(self, get: Callable[[str], Awaitable[Answer]]) -> dict[str, Any]:
        """The description. It is asked for once, also by several at a time."""
        async with self._asking:
            if self._said is None:
                self._said = await _asked(get)
            return self._said


async def _asked(get: Callable[[str], Awaitable[Answer]]) -> dict[str, Any]:
    for path in _PATHS:
        try:
            said = (await get(path)).json()
        except ConnectorError:
            continue
        if isinstance(said, dict) and said:
            return said
    return {}
