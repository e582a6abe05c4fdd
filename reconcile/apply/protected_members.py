"""Asks a target whether an account is in a protected group now, before something is sent to it."""

from __future__ import annotations

from typing import Protocol

from connectors.contract import Traits
from connectors.errors import NotFound
from reconcile.decide.protection.protected import Protection, by_group


class MemberReader(Protocol):
    """The part of a target that tells who is in a group."""

    @property
    def name(self) -> str: ...

    @property
    def traits(self) -> Traits: ...

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool: ...


async def group_reason(target: MemberReader, protection: Protection, account_id: str) -> str:
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
