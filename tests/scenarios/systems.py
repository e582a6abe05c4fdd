"""Targets that are not as honest as they should be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import WHOLE, AccountState, RawPage, ReadRequest, Record, ScopeEnd, Traits, Value
from connectors.errors import NotFound
from connectors.memory.connector import MemoryTarget


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


class Secretive(MemoryTarget):
    """Shows a deactivated account in no list and under no name: its id answers only to what makes it active again."""

    def __init__(self, name: str, traits: Traits, **world: Any) -> None:
        can = replace(traits.can, hidden_when_inactive=True, reactivate_unseen=True, delete=False)
        super().__init__(name, replace(traits, can=can), **world)

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:
        everything, self.accounts = self.accounts, {id_: each for id_, each in self.accounts.items() if self._shown(id_)}
        items = [item async for item in super().pages(request)]
        self.accounts = everything
        for item in items:
            yield item

    async def read_account(self, account_id: str) -> Record | None:
        return await super().read_account(account_id) if self._shown(account_id) else None

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]:
        return [each for each in await super().find_accounts(attribute, value) if self._shown(each.id)]

    def _shown(self, account_id: str) -> bool:
        return account_id in self.accounts and self.accounts[account_id].state is not AccountState.DEACTIVATED


KINDS: Mapping[str, type[MemoryTarget]] = {"obedient": MemoryTarget, "dormant": Dormant, "full": Full, "secretive": Secretive}
