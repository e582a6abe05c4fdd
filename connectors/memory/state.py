"""State of a target in dictionaries, and what it refuses to hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connectors.actions import Action
from connectors.contract import AccountState, Entitlement, Membership, Record, Scope, SystemIdentity, Traits, Value
from connectors.declaration import DeclaredAttribute
from connectors.errors import Conflict, NotFound, Rejected
from connectors.quoting import quoted


@dataclass(frozen=True, slots=True)
class MemoryAccount:
    """One account. `version` counts its changes."""

    id: str
    state: AccountState
    attributes: Mapping[str, Value]
    version: int = 1
    status: str = ""
    """The target's own word for the state; empty: the state in capitals."""

    def record(self) -> Record:
        return Record(
            id=self.id,
            state=self.state,
            status=self.status or self.state.value.upper(),
            attributes=json.dumps(self.attributes, ensure_ascii=False),
            version=str(self.version),
        )


class MemoryState:
    """Accounts, entitlements and memberships in this process. What it may not repeat or change, its traits say."""

    def __init__(
        self,
        name: str,
        traits: Traits,
        accounts: Iterable[MemoryAccount] = (),
        entitlements: Iterable[Entitlement] = (),
        members: Iterable[tuple[str, str]] = (),
    ) -> None:
        """`members` are pairs of account id and entitlement id."""
        self.name = name
        self.traits = traits
        self.accounts = {account.id: account for account in accounts}
        self.entitlements = {entitlement.id: entitlement for entitlement in entitlements}
        self.members = set(members)
        self.inherited: set[Membership] = set()
        """Memberships that come through something else: they are there and cannot be changed."""
        self.invited: list[str] = []
        """The accounts whose people were mailed, once for each mail."""
        self.performed: list[tuple[str, Action]] = []
        """One-off actions by account, in order."""
        self.itself = SystemIdentity(f"memory {name}")
        self.declared: Mapping[str, DeclaredAttribute] | None = None
        """Types that it declares for its attributes."""
        self.broken: Mapping[Scope, str] = {}
        """Scopes whose reads stop halfway, with the reason."""

    def _account(self, account_id: str) -> MemoryAccount:
        if account_id not in self.accounts:
            raise NotFound(f"{self.name} has no account {account_id}")
        return self.accounts[account_id]

    def _group(self, group_id: str) -> Entitlement:
        if group_id not in self.entitlements:
            raise NotFound(f"{self.name} has no entitlement {group_id}")
        return self.entitlements[group_id]

    def _refuse_without(self, capability: str) -> None:
        if not getattr(self.traits.can, capability):
            raise Rejected(f"{self.name} does not support {capability}")

    def _put(self, account: MemoryAccount) -> Record:
        old = self.accounts[account.id]
        if account == old:
            return old.record()
        self._refuse_repeats(account)
        self.accounts[account.id] = replace(account, version=old.version + 1)
        return self.accounts[account.id].record()

    def _refuse_repeats(self, account: MemoryAccount) -> None:
        """Refuses a value that must be unique, is new to this account, and is held by another one, in any case (RFC 7643 §2.2)."""
        old = self.accounts.get(account.id)
        for name in sorted(self.traits.unique):
            value = folded(account.attributes.get(name))
            if not value or (old and folded(old.attributes.get(name)) == value):
                continue
            for other in self.accounts.values():
                if other.id != account.id and folded(other.attributes.get(name)) == value:
                    raise Conflict(f"{name} {quoted(account.attributes.get(name))} is taken", detail=f"the account {other.id} holds it")


def free_id(letter: str, taken: Mapping[str, object]) -> str:
    """Returns an id that begins with the letter and is not taken."""
    number = len(taken) + 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def folded(value: Value) -> str:
    """A value as it is compared: without its case and the space around it."""
    return str(value).strip().lower() if value is not None else ""
