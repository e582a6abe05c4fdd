"""Versions of resources (ETags, RFC 7644 section 3.14): which one a write carries, so that it is refused where the resource has changed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.scim.attributes import folded
from connectors.scim.dialect import EtagUse

_VERSION = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"|[\x21\x23-\x2b\x2d-\x7e]{1,200}')
"""An entity tag (RFC 9110 section 8.8.3) of ASCII characters; some applications leave out the quotes."""


@dataclass(slots=True)
class Versions:
    """The versions that one application gives to its resources."""

    use: EtagUse
    advertised: Callable[[], Awaitable[Mapping[str, Any]]]
    _used: bool | None = None
    """Whether the application says that it has them; None until it was asked."""

    async def for_write(self, resource: Mapping[str, Any]) -> str:
        """Returns the version that If-Match carries for this resource; empty where none is to be sent, or no header can carry it."""
        version = stated_version(resource)
        return version if version and _VERSION.fullmatch(version) and await self._are_used() else ""

    async def are_sent(self, resource: Mapping[str, Any]) -> bool:
        """Whether a write to this resource carries the version that the resource states, if it states one where ETags are used."""
        return not stated_version(resource) or not await self._are_used() or bool(await self.for_write(resource))

    async def _are_used(self) -> bool:
        match self.use:
            case EtagUse.OFF:
                return False
            case EtagUse.ALWAYS:
                return True
            case EtagUse.ADVERTISED:
                if self._used is None:
                    etag = folded(await self.advertised(), "etag")
                    self._used = isinstance(etag, dict) and folded(etag, "supported") in (True, "true")
                return self._used


def stated_version(resource: Mapping[str, Any]) -> str:
    """The version that a resource states; empty where it states none."""
    meta = folded(resource, "meta")
    version = folded(meta, "version") if isinstance(meta, dict) else None
    return version if isinstance(version, str) else ""
