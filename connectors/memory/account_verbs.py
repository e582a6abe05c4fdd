"""Accounts of a target in dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.actions import Action, Performed, TemporaryPassword
from connectors.contract import AccountState, Record, Value
from connectors.errors import PreconditionFailed, Rejected
from connectors.memory.state import MemoryAccount, MemoryState, folded, free_id


class MemoryAccounts(MemoryState):
    """Accounts as `verbs.AccountVerbs` and `actions.Acting`."""

    async def read_account(self, account_id: str) -> Record | None:
        account = self.accounts.get(account_id)
        return account.record() if account else None

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]:
        wanted = folded(value)
        return [each.record() for each in self.accounts.values() if wanted and folded(each.attributes.get(attribute)) == wanted]

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        if not attributes.get(self.traits.login):
            raise Rejected(f"{self.name} cannot create an account", detail=f"it has no {self.traits.login}")
        account = MemoryAccount(free_id("m", self.accounts), AccountState.ACTIVE, {**attributes})
        self._refuse_repeats(account)
        self.accounts[account.id] = account
        return account.record()

    async def stage_account(self, attributes: Mapping[str, Value]) -> Record:
        self._refuse_without("stage")
        made = await self.create_account(attributes)
        return self._put(replace(self._account(made.id), state=AccountState.STAGED))

    async def invite_account(self, account_id: str, seen: Record | None = None) -> Record:
        self._refuse_without("activation_mail")
        if self._account(account_id).state in (AccountState.STAGED, AccountState.DEACTIVATED):
            self.invited.append(account_id)
        return await self.activate_account(account_id, seen)

    async def update_account(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        old = self._account(account_id)
        if str(old.version) != seen.version:
            raise PreconditionFailed(f"{account_id} has version {old.version}; version {seen.version} was seen")
        for name in sorted((self.traits.immutable - self.traits.renamable) & changes.keys()):
            if old.attributes.get(name) != changes[name]:
                raise Rejected(f"{account_id} cannot be changed", detail=f"{name} is immutable")
        kept = {name: value for name, value in {**old.attributes, **changes}.items() if value is not None}
        return self._put(replace(old, attributes=kept))

    async def activate_account(self, account_id: str, seen: Record | None = None) -> Record:  # noqa: ARG002 - it is here
        return self._put(replace(self._account(account_id), state=AccountState.ACTIVE, status=""))

    async def deactivate_account(self, account_id: str, seen: Record | None = None) -> Record:  # noqa: ARG002 - it is here
        return self._put(replace(self._account(account_id), state=AccountState.DEACTIVATED, status=""))

    async def suspend_account(self, account_id: str, seen: Record | None = None) -> Record:  # noqa: ARG002 - it is here
        self._refuse_without("suspend")
        account = self._account(account_id)
        if account.state in (AccountState.DEACTIVATED, AccountState.STAGED):
            raise Rejected(f"{account_id} cannot be suspended", detail="it does not work")
        possible = self.traits.can.suspend_from
        if account.state is not AccountState.SUSPENDED and possible is not None and account.record().status not in possible:
            raise PreconditionFailed(f"{account_id} cannot be suspended", detail=f"it is {account.record().status}")
        return self._put(replace(account, state=AccountState.SUSPENDED, status=""))

    async def perform(self, account_id: str, action: Action) -> Performed:
        account, rule = self._account(account_id), self.traits.can.actions.get(action)
        if rule is None:
            raise Rejected(f"{self.name} does not offer {action.value}")
        status = account.record().status
        if status in rule.already:
            return Performed(account.record())
        if rule.possible is not None and status not in rule.possible:
            raise PreconditionFailed(f"{account_id} is {status}, from which {action.value} is not possible")
        self.performed.append((account_id, action))
        now = self._put(replace(account, status=rule.leads_to)) if rule.leads_to else account.record()
        password = TemporaryPassword(f"memory-{len(self.performed)}") if action is Action.TEMPORARY_PASSWORD else None
        return Performed(now, password)

    async def delete_account(self, account_id: str) -> None:
        account = self.accounts.get(account_id)
        if account is not None and account.state is not AccountState.DEACTIVATED:
            raise PreconditionFailed(f"{account_id} is {account.state.value}; only a deactivated account is deleted")
        self.accounts.pop(account_id, None)
        self.members = {(holder, entitlement) for holder, entitlement in self.members if holder != account_id}
