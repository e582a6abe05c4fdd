"""The verbs of the accounts of one org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.actions import Action, Performed
from connectors.contract import Opening, Record, Value
from connectors.okta import actions, search, users
from connectors.okta import write as writes
from connectors.okta.client import Org


class OktaAccounts:
    """Accounts as `verbs.AccountVerbs` and `actions.Acting`."""

    _org: Org

    async def read_account(self, account_id: str) -> Record | None:
        return await users.read(self._org, account_id)

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]:
        return await search.find(self._org, attribute, value)

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        return await writes.create(self._org, attributes)

    async def stage_account(self, attributes: Mapping[str, Value]) -> Record:
        return await writes.create(self._org, attributes, opening=Opening.LATER)

    async def invite_account(self, account_id: str, seen: Record | None = None) -> Record:
        return await writes.activate(self._org, account_id, seen, mail=True)

    async def update_account(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        return await writes.update(self._org, account_id, changes, seen)

    async def activate_account(self, account_id: str, seen: Record | None = None) -> Record:
        return await writes.activate(self._org, account_id, seen)

    async def deactivate_account(self, account_id: str, seen: Record | None = None) -> Record:
        return await writes.deactivate(self._org, account_id, seen)

    async def suspend_account(self, account_id: str, seen: Record | None = None) -> Record:
        return await writes.suspend(self._org, account_id, seen)

    async def perform(self, account_id: str, action: Action) -> Performed:
        return await actions.perform(self._org, account_id, action)

    async def delete_account(self, account_id: str) -> None:
        await writes.delete(self._org, account_id)
