"""The verbs of the accounts of one application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import Record, Traits, Value
from connectors.errors import Rejected
from connectors.scim.looks import Looks
from connectors.scim.search import Search
from connectors.scim.states import States
from connectors.scim.write import Accounts


class ScimAccounts:
    """Accounts as `verbs.AccountVerbs`."""

    name: str
    traits: Traits
    _accounts: Accounts
    _looks: Looks
    _search: Search
    _states: States

    async def read_account(self, account_id: str) -> Record | None:
        return await self._looks.read(account_id)

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]:
        return await self._search.by(attribute, value)

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        return await self._accounts.create(attributes)

    async def stage_account(self, attributes: Mapping[str, Value]) -> Record:
        if not self.traits.can.stage:
            raise Rejected(f"{self.name} keeps no account that is not active: none can be staged")
        return await self._accounts.create(attributes, active=False)

    async def invite_account(self, account_id: str, seen: Record | None = None) -> Record:  # noqa: ARG002 - refused
        raise Rejected(f"SCIM knows no activation mail: {self.name} cannot be asked to mail the person of {account_id}")

    async def update_account(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        return await self._accounts.update(account_id, changes, seen)

    async def activate_account(self, account_id: str, seen: Record | None = None) -> Record:
        return await self._states.activate(account_id, seen)

    async def deactivate_account(self, account_id: str, seen: Record | None = None) -> Record:
        return await self._states.deactivate(account_id, seen)

    async def suspend_account(self, account_id: str, seen: Record | None = None) -> Record:  # noqa: ARG002 - refused
        raise Rejected(f"SCIM does not support suspension: {account_id} of {self.name} cannot be suspended")

    async def delete_account(self, account_id: str) -> None:
        await self._states.delete(account_id)
