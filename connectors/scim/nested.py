"""Finds the accounts that hold a group through another group inside it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from connectors.errors import BadResponse, NotFound
from connectors.scim import decode as wire
from connectors.scim.client import GROUPS, Session


async def with_nested(session: Session, group: wire.Resource, cut: Callable[[wire.Resource], str]) -> wire.Resource:
    """The group with the members of the groups inside it, at any depth, as `_nested`: the account, and the inner group it comes through.

    Raises ConnectorError where one of them cannot be read whole, as `cut` tells.
    """
    found: dict[str, str] = {}
    seen = {wire.resource_id(group)}
    ahead = [(inner, "") for inner in wire.groups_inside(group)]
    while ahead:
        inner_id, through = ahead.pop(0)
        if inner_id in seen:
            continue
        seen.add(inner_id)
        try:
            inner = await session.fetch(GROUPS, inner_id)
        except NotFound:
            # A server keeps the entry of a group that is gone: nobody comes through it.
            continue
        if problem := cut(inner):
            raise BadResponse(f"the group {inner_id}, which is inside, cannot be read whole: {problem}")
        through = through or wire.entitlement(inner).name
        for account in wire.account_members(inner):
            found.setdefault(account, through)
        ahead += [(deeper, through) for deeper in wire.groups_inside(inner)]
    return {**group, wire.NESTED: [{"value": account, "through": found[account]} for account in sorted(found)]}


def as_page(group: wire.Resource) -> bytes:
    """The group as the text that is kept of it. Raises BadResponse where it holds what no JSON text can."""
    try:
        return msgspec.json.encode(group)
    except (ValueError, TypeError, RecursionError):
        raise BadResponse("the group holds text or a number that cannot be kept") from None
