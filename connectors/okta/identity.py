"""The id of the Okta org that answers, which stays the same when the org is renamed or gets a domain of its own."""

from __future__ import annotations

import re

import msgspec

from connectors.contract import SystemIdentity
from connectors.errors import BadResponse, NotFound
from connectors.okta.client import Bucket, Org

METADATA = "/.well-known/okta-organization"
"""The org's public metadata (Okta, Org Settings: Retrieve the Well-Known Org Metadata)."""


_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Pattern of an id of Okta's: it is stored, compared and shown on terminals."""


class _Metadata(msgspec.Struct):
    id: str = ""


async def identity(org: Org) -> SystemIdentity:
    """The org's id and address. Raises BadResponse where something else than an org's metadata is answered."""
    try:
        answer = await org.get(METADATA, Bucket.OTHER)
    except NotFound:
        return SystemIdentity(address=org.url)
    try:
        said = msgspec.json.decode(answer.body, type=_Metadata)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadResponse(f"{answer.what}: the org's metadata cannot be read", detail=str(error), request_id=answer.request_id) from error
    if not _ID.fullmatch(said.id):
        raise BadResponse(f"{answer.what}: the org's id is none", request_id=answer.request_id)
    return SystemIdentity(f"org {said.id}", org.url)
