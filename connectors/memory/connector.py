"""A target in dictionaries that obeys the laws of the contract: what plans are applied to where no wire is wanted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import msgspec

from connectors.bounds import object_text, usable_id
from connectors.contract import (
    WHOLE,
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
)
from connectors.declaration import DeclaredAttribute
from connectors.memory.account_verbs import MemoryAccounts
from connectors.memory.group_verbs import MemoryGroups
from connectors.memory.membership_verbs import MemoryMemberships

PAGE = 50
"""Rows of one page."""


class MemoryTarget(MemoryAccounts, MemoryGroups, MemoryMemberships):
    """The state in this process as a source, with the verbs of a target."""

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
