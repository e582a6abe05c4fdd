"""A target in dictionaries that obeys the laws of the contract: what plans are applied to where no wire is wanted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from connectors.actions import Action, Performed, TemporaryPassword
from connectors.bounds import object_text, usable_id
from connectors.contract import (
    ROLE,
    WHOLE,
    AccountState,
    Check,
    Entitlement,
    EntitlementKind,
    Membership,
    Quarantined,
    RawPage,
    ReadRequest,
    Record,
    Rows,
    Scope,
    ScopeEnd,
    ScopeKind,
    SystemIdentity,
    Traits,
    Value,
)
from connectors.declaration import DeclaredAttribute
from connectors.errors import Conflict, NotFound, PreconditionFailed, Rejected
from connectors.memory_groups import MemoryGroups, free_id

PAGE = 50
"""Rows of one page."""


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


class MemoryTarget(MemoryGroups):
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

    async def identity(self) -> SystemIdentity:
        return self.itself

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:  # noqa: ARG002 - always everything
        """Every scope in pages: the accounts, the entitlements, the members of each."""
        for item in paged(Scope(ScopeKind.ACCOUNTS), [account.record() for account in self.accounts.values()], self.broken):
            yield item
        for item in paged(Scope(ScopeKind.ENTITLEMENTS), list(self.entitlements.values()), self.broken):
            yield item
        for entitlement in self.entitlements.values():
            direct = (Membership(account, holds) for account, holds in self.members)
            held = sorted(each for each in {*direct, *self.inherited} if each.entitlement_id == entitlement.id)
            for item in paged(Scope(_members_kind(entitlement), entitlement.id), held, self.broken):
                yield item

    def decode(self, page: RawPage) -> Rows:
        """The rows of a page that `pages` made; another is one quarantined row."""
        try:
            return _decoded(page)
        except (ValueError, RecursionError) as error:
            return Rows(quarantined=[Quarantined(f"page {page.number}", "", str(error)[:200], page.body[:200].decode(errors="replace"))])

    async def attribute_names(self) -> Sequence[str] | None:
        return None if self.declared is None else tuple(self.declared)

    async def declared_attributes(self) -> Mapping[str, DeclaredAttribute] | None:
        return self.declared

    async def check(self) -> Sequence[Check]:
        return [Check(f"{self.name} is in this process")]

    async def close(self) -> None:
        """Closes nothing: what was written stays, as it does behind a wire."""

    async def read_account(self, account_id: str) -> Record | None:
        account = self.accounts.get(account_id)
        return account.record() if account else None

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]:
        wanted = _folded(value)
        return [each.record() for each in self.accounts.values() if wanted and _folded(each.attributes.get(attribute)) == wanted]

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

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
        if entitlement_id.startswith(ROLE):
            return entitlement_id.removeprefix(ROLE) in self._roles(account_id)
        through = not directly and any(each[:2] == (account_id, entitlement_id) for each in self.inherited)
        return through or (account_id, entitlement_id) in self.members

    async def add_member(self, entitlement_id: str, account_id: str) -> None:
        if entitlement_id.startswith(ROLE):
            self._put_roles(account_id, [*self._roles(account_id), entitlement_id.removeprefix(ROLE)])
        else:
            self.members.add(self._membership(entitlement_id, account_id))

    async def remove_member(self, entitlement_id: str, account_id: str) -> None:
        if entitlement_id.startswith(ROLE):
            self._put_roles(account_id, [role for role in self._roles(account_id) if role != entitlement_id.removeprefix(ROLE)])
        else:
            self.members.discard(self._membership(entitlement_id, account_id))

    def _roles(self, account_id: str) -> list[str]:
        held = self._account(account_id).attributes.get(self.traits.roles)
        return [str(role) for role in held] if isinstance(held, list) else []

    def _put_roles(self, account_id: str, roles: list[str]) -> None:
        account = self._account(account_id)
        self._put(replace(account, attributes={**account.attributes, self.traits.roles: list(dict.fromkeys(roles))}))

    def _account(self, account_id: str) -> MemoryAccount:
        if account_id not in self.accounts:
            raise NotFound(f"{self.name} has no account {account_id}")
        return self.accounts[account_id]

    def _membership(self, entitlement_id: str, account_id: str) -> tuple[str, str]:
        entitlement = self._group(entitlement_id)
        if entitlement.read_only:
            raise Rejected(f"the members of {entitlement.name} cannot be changed", detail=entitlement.read_only)
        return self._account(account_id).id, entitlement_id

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
            value = _folded(account.attributes.get(name))
            if not value or (old and _folded(old.attributes.get(name)) == value):
                continue
            for other in self.accounts.values():
                if other.id != account.id and _folded(other.attributes.get(name)) == value:
                    raise Conflict(f"{name} {account.attributes.get(name)!r} is taken", detail=f"the account {other.id} holds it")


def paged(scope: Scope, rows: Sequence[tuple[object, ...]], broken: Mapping[Scope, str]) -> Iterable[RawPage | ScopeEnd]:
    """Yields the pages of one scope and its end; half of its rows and the reason where the scope is broken."""
    problem = broken.get(scope, "")
    told = rows[: len(rows) // 2] if problem else rows
    starts = range(0, len(told), PAGE) or range(1)
    for number, start in enumerate(starts, 1):
        cursor = None if number == len(starts) else str(start + PAGE)
        yield RawPage(scope, number, json.dumps(told[start : start + PAGE]).encode(), cursor, len(rows))
    yield ScopeEnd(scope, problem, len(rows))


def _decoded(page: RawPage) -> Rows:
    """Raises ValueError and RecursionError for what `pages` does not make."""
    match page.scope.kind:
        case ScopeKind.ACCOUNTS | ScopeKind.FILE:
            records = msgspec.json.decode(page.body, type=list[Record])
            return Rows(records=[each._replace(attributes=object_text(each.attributes.encode())) for each in records])
        case ScopeKind.ENTITLEMENTS:
            entitlements = msgspec.json.decode(page.body, type=list[Entitlement])
            return Rows(entitlements=[each._replace(attributes=object_text(each.attributes.encode())) for each in entitlements])
        case ScopeKind.MEMBERS | ScopeKind.ASSIGNMENTS:
            memberships = msgspec.json.decode(page.body, type=list[Membership])
            return Rows(memberships=[each._replace(account_id=usable_id(each.account_id)) for each in memberships])


def _members_kind(entitlement: Entitlement) -> ScopeKind:
    return ScopeKind.MEMBERS if entitlement.kind is EntitlementKind.GROUP else ScopeKind.ASSIGNMENTS


def _folded(value: Value) -> str:
    return str(value).strip().lower() if value is not None else ""
