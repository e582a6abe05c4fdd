"""The contract of connectors: the rows of a system, the scopes they were read in, and what a source and a target are.

Rows are named tuples because a snapshot holds up to a million of them. Attributes travel as the text of one JSON object, so
that "absent", `null`, `""` and every type survive until a rule looks at them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from connectors.actions import Action, ActionRule
from connectors.declaration import DeclaredAttribute
from connectors.verbs import AccountVerbs, GroupVerbs, MembershipVerbs

ROLE = "role:"
"""Prefix of the entitlement id of a role that is kept in an attribute of the accounts (`Traits.roles`), before its value."""

BY_HAND = "by_hand"
"""Key in the attributes of an app: why an account in it stays when the person loses the app here, so that a person must end it there."""

Value: TypeAlias = "str | bool | int | float | Sequence[Value] | Mapping[str, Value] | None"


class AccountState(StrEnum):
    """State of an account, whatever its system calls it."""

    STAGED = "staged"
    """Exists and was never activated: it admits no sign-in."""
    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Cannot sign in; keeps groups and applications."""
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"
    """The system does not say (a SCIM user without `active`)."""


class Opening(StrEnum):
    """Way in which the person of an account that is created or activated gets to sign in."""

    SILENT = "silent"
    """No message is sent."""
    MAIL = "mail"
    """The system sends its activation mail."""
    LATER = "later"
    """Not yet: it is left staged."""


class EntitlementKind(StrEnum):
    """Kind of an entitlement."""

    GROUP = "group"
    APP = "app"
    ROLE = "role"


class ScopeKind(StrEnum):
    """Kind of a scope."""

    FILE = "file"
    ACCOUNTS = "accounts"
    ENTITLEMENTS = "entitlements"
    MEMBERS = "members"
    ASSIGNMENTS = "assignments"


class Scope(NamedTuple):
    """The part of a system that one read covers; `name` is a file name or an entitlement id, empty for the whole system."""

    kind: ScopeKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}".strip()


class Record(NamedTuple):
    """One row of a system: a line of an HR file, an Okta user, a SCIM User. An account, where the system is a target."""

    id: str
    state: AccountState
    status: str
    """The system's own word for the state; empty where it has none."""
    attributes: str
    """The text of one JSON object, by the connector's attribute names."""
    updated: str = ""
    """Time of its last change by the system (RFC 3339), empty where it states none."""
    version: str = ""
    """Version for a conditional write (an ETag), empty where there is none."""
    position: int = 0
    """Place where it was read: the line of a file; 0 elsewhere."""

    def values(self) -> dict[str, Value]:
        """The attributes as Python values."""
        parsed: dict[str, Value] = json.loads(self.attributes)
        return parsed


class Entitlement(NamedTuple):
    """A group, an application or a role that an account can hold."""

    id: str
    kind: EntitlementKind
    name: str
    attributes: str = "{}"
    read_only: str = ""
    """Reason why its memberships cannot be changed through the API; empty where they can."""
    privileged: bool = False
    updated: str = ""
    type: str = ""
    """The system's own word for the kind of a group, such as Okta's `APP_GROUP`; empty where it has none."""


class Membership(NamedTuple):
    """One account holding one entitlement."""

    account_id: str
    entitlement_id: str
    via: str = ""
    """Origin of the membership: empty for a direct one, else the group or rule it comes through."""


class Quarantined(NamedTuple):
    """A record that was read and cannot be used, with the reason. `id` is empty where the record does not say who it is."""

    position: str
    """Place where it was: `line 17`, `page 3, record 20`."""
    id: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class RawPage:
    """One answer of a system, as it came. What it holds is found by `Source.decode`."""

    scope: Scope
    number: int
    """From 1, within its scope. A page numbered 1 that comes again begins the scope anew: its pages that came before are void."""
    body: bytes
    cursor: str | None = None
    """Cursor of the page after this one; None where this was the last."""
    declared_total: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Records, memberships and quarantined records of one page."""

    records: Sequence[Record] = ()
    entitlements: Sequence[Entitlement] = ()
    memberships: Sequence[Membership] = ()
    quarantined: Sequence[Quarantined] = ()
    repeated: int = 0
    """Rows that state what another row of the same scope states, the id included: read, and counted by declared totals, and nothing more."""


@dataclass(frozen=True, slots=True)
class ScopeEnd:
    """End of the reading of one scope: `problem` is empty where every page of it was read and can be believed.

    Records that do not say whom they are about are no problem of the whole: they are `Quarantined` rows without an id.
    """

    scope: Scope
    problem: str = ""
    declared_total: int | None = None
    watermark: str = ""
    """Time that this read is current to, by the system's own clock; a file's `as of` date or modification time."""
    delta: bool = False
    """Only what changed since the watermark that was asked for: what is not in it says nothing."""


class ResumePoint(NamedTuple):
    """The last page of a scope that an interrupted read left behind."""

    number: int
    cursor: str | None
    """Cursor of the page after it; None where that was the last."""


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Parts of a system to be read. Empty: everything, from the beginning."""

    since: str = ""
    """The watermark of an earlier whole read: where the system can tell what changed since, only that is wanted."""
    held: Mapping[Scope, ResumePoint] = field(default_factory=dict)
    """The scopes that an interrupted read began. Their pages up to `held` are there already; a cursor that the system does not
    take any more ends the scope with a problem."""


WHOLE = ReadRequest()


@dataclass(frozen=True, slots=True)
class Capability:
    """Capability of a target; without it nothing of its kind is planned."""

    create: bool = True
    update: bool = True
    deactivate: bool = True
    reactivate: bool = True
    suspend: bool = False
    suspend_from: frozenset[str] | None = None
    """The status words from which an active account can be suspended; None: from every one."""
    delete: bool = False
    """Whether a deactivated account can be deleted for good."""
    stage: bool = False
    """Whether an account can be created without being opened, for `activate_account` to open it."""
    activation_mail: bool = False
    """Whether the system can mail a person when their account is opened."""
    hidden_when_inactive: bool = False
    """Whether a deactivated account answers that it does not exist, until it is active again."""
    reactivate_unseen: bool = False
    """Whether an account that answers so can be made active all the same, by its id."""
    memberships: bool = True
    create_groups: bool = True
    group_attributes: frozenset[str] = frozenset()
    """Attributes of groups that can be changed: `name`, `description` (`group_changes.GroupEditor`)."""
    delete_groups: bool = False
    """Whether a group without members can be deleted."""
    apps: bool = False
    """Whether apps are read, and assignments to them are changed."""
    actions: Mapping[Action, ActionRule] = field(default_factory=dict)
    """One-off actions that the target performs (`actions.Acting`)."""

    def suspends(self, status: str) -> bool:
        """Whether an active account in this status can be suspended."""
        return self.suspend and (self.suspend_from is None or status in self.suspend_from)


def any_name(name: str) -> str:
    """Returns the reason why an attribute of a name can never be set: none, for systems that tell by their schema alone."""
    del name
    return ""


@dataclass(frozen=True, slots=True)
class Traits:
    """Rules by which a target compares names: the login and e-mail attributes, and those that never change or repeat."""

    login: str
    email: str
    immutable: frozenset[str] = frozenset()
    renamable: frozenset[str] = frozenset()
    """Immutable attributes that the system can change all the same, under review."""
    unique: frozenset[str] = frozenset()
    not_case_exact: frozenset[str] = frozenset()
    """Attributes whose values upper and lower case do not tell apart; `emails` stands for each of its entries, such as `emails.work`."""
    required: frozenset[str] = frozenset()
    """Attributes without which no account is created, beside the login."""
    telephone: frozenset[str] = frozenset()
    """Attributes of which a number and its `tel:` URI are one value; `phoneNumbers` stands for each of its entries."""
    roles: str = ""
    """The attribute that lists an account's roles as texts or as objects with a `value`; empty where accounts have none. Such roles
    are not listed as entitlements: a role exists where an account has it, or a rule gives it.
    """
    can: Capability = field(default_factory=Capability)
    never_set: Callable[[str], str] = any_name
    """Reason why no rule can set an attribute, by its name alone; empty where one can. It asks no system."""
    whole: bool = True
    """Whether every account is read; else only a part, and what is outside the part is not ours."""
    whole_groups: bool = True
    """Whether every group is read: else one that is not there may be outside the part."""

    def is_telephone(self, attribute: str) -> bool:
        """Whether a number and its `tel:` URI are one value of the attribute to the target."""
        return attribute in self.telephone or attribute.partition(".")[0] in self.telephone

    def ignores_case(self, attribute: str) -> bool:
        """Whether two values of the attribute that differ in case alone are one value to the target."""
        return attribute in self.not_case_exact or attribute.partition(".")[0] in self.not_case_exact


class SystemIdentity(NamedTuple):
    """Identity of a system: ids of accounts and groups have a meaning in that system only."""

    id: str = ""
    """Id that the system states of itself, the same under every address; empty where it states none."""
    address: str = ""
    """Address of the system; empty for what belongs to its project folder."""

    def is_same(self, other: SystemIdentity) -> bool:
        """Whether both are one system: by id where both have one, else by address."""
        return self.id == other.id if self.id and other.id else self.address == other.address

    def __str__(self) -> str:
        return f"{self.address} ({self.id})" if self.id and self.address else self.address or self.id or "this project"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing `reconcile check` looked at. `problem` is empty where it is well; else what is wrong and the way out."""

    what: str
    problem: str = ""


@runtime_checkable
class Source(Protocol):
    """A system that can be read.

    `pages` yields a `RawPage` for every answer and a `ScopeEnd` for every scope it began, also for one that failed: a failure
    inside a scope is a `ScopeEnd` with a problem, not an exception. Only what stops the whole read is raised (Unauthorised,
    Unreachable before the first page). `decode` is pure and total: a record it cannot read becomes a `Quarantined` row.
    """

    name: str

    async def identity(self) -> SystemIdentity:
        """Asks which system answers here now. Raises a class of `connectors.errors` where it cannot be asked."""

    def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]: ...

    def decode(self, page: RawPage) -> Rows: ...

    async def attribute_names(self) -> Sequence[str] | None:
        """Every attribute that a row of this system can have, as the system itself declares them; None where it does not."""

    async def check(self) -> Sequence[Check]: ...

    async def close(self) -> None: ...


@runtime_checkable
class Target(Source, AccountVerbs, GroupVerbs, MembershipVerbs, Protocol):
    """A system whose accounts can be changed, by the verbs of `connectors.verbs`."""

    traits: Traits


@runtime_checkable
class SelfDescribing(Protocol):
    """A target that states what it does not support, whatever its settings say."""

    async def unsupported(self) -> Mapping[str, str]:
        """Returns by the name of a capability why the system does not have it, with the way out: half a sentence. Asks nothing twice."""


@runtime_checkable
class Declaring(Protocol):
    """A target that declares what each attribute takes."""

    async def declared_attributes(self) -> Mapping[str, DeclaredAttribute] | None:
        """Every attribute with what it takes; None where the target does not say. `attribute_names` are its keys."""
