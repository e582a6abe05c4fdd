"""A SCIM 2.0 application as a target of accounts and memberships."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import assert_never

from connectors.contract import (
    WHOLE,
    Capability,
    Check,
    RawPage,
    ReadRequest,
    Rows,
    ScopeEnd,
    ScopeKind,
    SystemIdentity,
    Traits,
)
from connectors.group_changes import NAME
from connectors.scim import decode as wire
from connectors.scim.abilities import unsupported
from connectors.scim.account_verbs import ScimAccounts
from connectors.scim.checks import checks
from connectors.scim.client import Session
from connectors.scim.costs import ScimCosts
from connectors.scim.dialect import ActiveUpdate, Afterwards, Deprovision, Dialect
from connectors.scim.group_verbs import ScimGroups
from connectors.scim.groups import Groups
from connectors.scim.identity import identity
from connectors.scim.limits import ScimLimits
from connectors.scim.looks import Looks
from connectors.scim.member_batches import ScimMemberBatches
from connectors.scim.membership_verbs import ScimMemberships
from connectors.scim.memberships import Memberships
from connectors.scim.names import NOT_CASE_EXACT, never_set
from connectors.scim.read import Reads
from connectors.scim.roles import ATTRIBUTE, Roles
from connectors.scim.schemas import ScimSchema
from connectors.scim.search import Search
from connectors.scim.settings import ScimSettings
from connectors.scim.states import States
from connectors.scim.together import ScimTogether
from connectors.scim.user_writes import UserWrites
from connectors.scim.write import Accounts

__all__ = ["Scim"]


class Scim(ScimAccounts, ScimGroups, ScimMemberships, ScimMemberBatches, ScimTogether, ScimLimits, ScimCosts, ScimSchema):
    """One application. `base` is the project folder, from which the token's file is found."""

    def __init__(self, name: str, settings: ScimSettings, base: Path) -> None:
        self.name = name
        self._session = Session(name, settings, base)
        self._search = Search(self._session)
        self._looks = Looks(self._session)
        writes = UserWrites(self._session)
        self._accounts = Accounts(self._session, self._search, self._looks, writes)
        self._states = States(self._session, self._looks, writes)
        self._groups = Groups(self._session)
        self._memberships = Memberships(self._session)
        self._roles = Roles(self._session, writes)
        self.traits = _traits(self._session.dialect)

    async def identity(self) -> SystemIdentity:
        return await identity(self._session)

    def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:
        """Users, groups, and the members of every group, in this order; always whole, for SCIM cannot tell what changed."""
        return Reads(self._session, request.held).everything()

    def decode(self, page: RawPage) -> Rows:
        match page.scope.kind:
            case ScopeKind.ACCOUNTS:
                return wire.users(page)
            case ScopeKind.ENTITLEMENTS:
                return wire.groups(page)
            case ScopeKind.MEMBERS:
                return wire.members(page)
            case ScopeKind.FILE | ScopeKind.ASSIGNMENTS:
                raise ValueError(f"a SCIM application has no scope {page.scope}")
            case _ as never:
                assert_never(never)

    async def attribute_names(self) -> Sequence[str] | None:
        """Returns None: /Schemas lists no type of an entry (`emails.private`), and servers give attributes that it does not name."""
        return None

    async def unsupported(self) -> Mapping[str, str]:
        return unsupported(await self._session.advertised(), self._session.dialect)

    async def check(self) -> Sequence[Check]:
        """Checks whether the users can be read and searched, and which statements of the application contradict the dialect."""
        return await checks(self._session, self._search)

    async def close(self) -> None:
        await self._session.close()


def _traits(dialect: Dialect) -> Traits:
    # A deleted account is not there to be made active again.
    reactivate = dialect.deprovision is not Deprovision.DELETE and dialect.afterwards is not Afterwards.GONE
    can = Capability(
        deactivate=dialect.deprovision is not Deprovision.NEVER,
        reactivate=reactivate,
        # One that is hidden until it is active could not be looked at meanwhile.
        stage=reactivate and dialect.afterwards is Afterwards.STAYS,
        hidden_when_inactive=dialect.afterwards is Afterwards.HIDDEN,
        # A PUT needs the whole user, which nobody can read.
        reactivate_unseen=reactivate and dialect.active_update is not ActiveUpdate.PUT,
        delete=dialect.deletes and dialect.deprovision is Deprovision.ACTIVE_FALSE and dialect.afterwards is Afterwards.STAYS,
        memberships=dialect.groups,
        create_groups=dialect.groups,
        group_attributes=frozenset({NAME}) if dialect.groups and dialect.group_rename else frozenset(),
        delete_groups=dialect.groups and dialect.group_delete,
    )
    unique = dialect.unique | {"userName"}
    return Traits(
        login="userName",
        email="emails.work",
        immutable=dialect.immutable,
        unique=unique,
        required=dialect.required,
        not_case_exact=NOT_CASE_EXACT,
        # Their canonical value is a URI (RFC 7643 section 4.1.2).
        telephone=frozenset({"phoneNumbers"}),
        roles=ATTRIBUTE,
        can=can,
        never_set=never_set,
    )
