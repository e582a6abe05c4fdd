"""Okta as a target: what the contract asks, in Okta's calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from connectors.actions import Action, Performed
from connectors.contract import (
    WHOLE,
    Capability,
    Check,
    Opening,
    RawPage,
    ReadRequest,
    Record,
    Rows,
    ScopeEnd,
    SystemIdentity,
    Traits,
    Value,
)
from connectors.declaration import DeclaredAttribute
from connectors.group_changes import DESCRIPTION, NAME
from connectors.http.retry import RetryPolicy
from connectors.okta import actions, app_writes, schema, search, users
from connectors.okta import read as reads
from connectors.okta import write as writes
from connectors.okta.apps import APP
from connectors.okta.checks import checks
from connectors.okta.client import Org
from connectors.okta.costs import OktaCosts
from connectors.okta.group_verbs import OktaGroups
from connectors.okta.identity import identity
from connectors.okta.limits import OktaLimits
from connectors.okta.log_reader import OktaLog
from connectors.okta.member_batches import OktaMemberBatches
from connectors.okta.new_members import OktaNewMembers
from connectors.okta.rows import rows_of
from connectors.okta.settings import OktaSettings
from connectors.okta.user_types import TYPE

TRAITS = Traits(
    login="login",
    email="email",
    immutable=frozenset({"login"}),
    renamable=frozenset({"login"}),
    unique=frozenset({"login", "email"}),
    required=frozenset({"login", "email"}),
    not_case_exact=frozenset({"login", "email", "secondEmail"}),
    can=Capability(
        suspend=True,
        stage=True,
        activation_mail=True,
        suspend_from=writes.SUSPENDABLE,
        delete=True,
        group_attributes=frozenset({NAME, DESCRIPTION}),
        delete_groups=True,
        actions=actions.RULES,
    ),
)
"""Traits of an org whose apps are not read."""


def _traits(settings: OktaSettings) -> Traits:
    """Returns the traits of the org that these settings read."""
    typed = {TYPE} if settings.user_types else set()
    return replace(
        TRAITS,
        can=replace(TRAITS.can, apps=settings.apps),
        immutable=TRAITS.immutable | typed,
        renamable=TRAITS.renamable | typed,
        whole=not settings.only.some_users,
        whole_groups=not settings.only.groups,
    )


class Okta(OktaGroups, OktaMemberBatches, OktaNewMembers, OktaLimits, OktaCosts, OktaLog):
    """One Okta org. Attribute names are those of the user profile (`login`, `firstName`, `costCenter`)."""

    traits = TRAITS
    """Traits of this org: `can.apps` where its apps are read, not `whole` where only a part of it is."""

    def __init__(self, name: str, settings: OktaSettings, base: Path, *, patience: RetryPolicy | None = None) -> None:
        self.name = name
        self._settings = settings
        self.traits = _traits(settings)
        self._org = Org(name, settings, base, patience or RetryPolicy())

    async def identity(self) -> SystemIdentity:
        return await identity(self._org)

    def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:
        return reads.read(self._org, self._settings, request)

    def decode(self, page: RawPage) -> Rows:
        return rows_of(page)

    async def attribute_names(self) -> Sequence[str] | None:
        declared = await self.declared_attributes()
        return None if declared is None else tuple(declared)

    async def declared_attributes(self) -> Mapping[str, DeclaredAttribute] | None:
        """Every attribute with what it takes, over all user types; None where the token may not read schemas."""
        return await schema.all_declared(self._org, limits=self._settings.schema_limits)

    async def check(self) -> Sequence[Check]:
        return await checks(self._org)

    async def close(self) -> None:
        await self._org.close()

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

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
        if entitlement_id.startswith(APP):
            return await app_writes.is_assigned(self._org, entitlement_id.removeprefix(APP), account_id, directly=directly)
        # Nobody is in a group through another, and the members of those that rules fill are read-only.
        return await writes.has_member(self._org, entitlement_id, account_id)

    async def add_member(self, entitlement_id: str, account_id: str) -> None:
        if entitlement_id.startswith(APP):
            await app_writes.assign(self._org, entitlement_id.removeprefix(APP), account_id)
        else:
            await writes.add_member(self._org, entitlement_id, account_id)

    async def remove_member(self, entitlement_id: str, account_id: str) -> None:
        if entitlement_id.startswith(APP):
            await app_writes.unassign(self._org, entitlement_id.removeprefix(APP), account_id)
        else:
            await writes.remove_member(self._org, entitlement_id, account_id)
