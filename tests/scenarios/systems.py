"""Targets that are not as honest as they should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.contract import AccountState, Record, Value
from connectors.errors import NotFound
from connectors.memory import MemoryTarget


class Dormant(MemoryTarget):
    """Makes every new account an inactive one, and says that all is well."""

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        made = await super().create_account(attributes)
        self.accounts[made.id] = replace(self.accounts[made.id], state=AccountState.DEACTIVATED)
        return self.accounts[made.id].record()


class Full(MemoryTarget):
    """Has no seat left: takes what it is sent, answers that all is well, and keeps nothing."""

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        made = await super().create_account(attributes)
        del self.accounts[made.id]
        # A verb that gives back an account has read it: this is what it meets here.
        raise NotFound(f"{self.name} accepted the account {attributes[self.traits.login]} and does not have it")

    async def add_member(self, entitlement_id: str, account_id: str) -> None:
        """Nothing comes of it."""


KINDS: Mapping[str, type[MemoryTarget]] = {"obedient": MemoryTarget, "dormant": Dormant, "full": Full}
