"""Asks a target whether an account is in a protected group now, before something is sent to it."""

from __future__ import annotations

from connectors.contract import Target
from connectors.errors import NotFound
from reconcile.decide.protection.protected import Protection, by_group


async def group_reason(target: Target, protection: Protection, account_id: str) -> str:
    """The reason why a protected group's member must not be written to; empty where the account is in none. Raises the target's errors."""
    if not account_id:
        return ""
    for id_, name in protection.groups.get(target.name, {}).items():
        try:
            if await target.has_member(id_, account_id):
                return by_group(target.name, name)
        except NotFound:
            # A group that is gone has no members.
            continue
    return ""
