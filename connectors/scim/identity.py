"""The identity of an application: its base address, with what it says of itself."""

from __future__ import annotations

from connectors.contract import SystemIdentity
from connectors.scim.attributes import folded
from connectors.scim.client import Session

LONGEST_URI = 500
"""Characters of an address that a server states; what follows is not looked at."""


async def identity(session: Session) -> SystemIdentity:
    """The base address, with the documentation that the service names: all that tells one application from another (RFC 7643 section 5)."""
    stated = folded(await session.advertised(), "documentationUri")
    address = session.settings.url
    # Stored and shown on terminals: what cannot be printed, and half a surrogate pair, is written out.
    return SystemIdentity(f"{address} {ascii(stated[:LONGEST_URI])[1:-1]}" if isinstance(stated, str) and stated else "", address)
