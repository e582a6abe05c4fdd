"""Okta as a target: what the contract asks, in Okta's calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from connectors.contract import (
    WHOLE,
    Capability,
    Check,
    RawPage,
    ReadRequest,
    Rows,
    ScopeEnd,
    SystemIdentity,
    Traits,
)
from connectors.declaration import DeclaredAttribute
from connectors.group_changes import DESCRIPTION, NAME
from connectors.http.retry import RetryPolicy
from connectors.okta import actions, schema
from connectors.okta import read as reads
from connectors.okta import write as writes
from connectors.okta.account_verbs import OktaAccounts
from connectors.okta.checks import checks
from connectors.okta.client import Org
from connectors.okta.costs import OktaCosts
from connectors.okta.group_verbs import OktaGroups
from connectors.okta.identity import identity
from connectors.okta.limits import OktaLimits
from connectors.okta.log_reader import OktaLog
from connectors.okta.member_batches import OktaMemberBatches
from connectors.okta.membership_verbs import OktaMemberships
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


class Okta(OktaAccounts, OktaGroups, OktaMemberships, OktaMemberBatches, OktaNewMembers, OktaLimits, OktaCosts, OktaLog):
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
