"""The models of the mapping files: `identities.toml`, and one file a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from mappings.expressions import OF_THE_MANAGER
from mappings.model import Model
from mappings.push import BY_ID, PushRule


class Lifecycle(Model):
    """Rules that give the lifecycle state of a source's rows. Status words match in any case; a word that is not listed holds the row."""

    status: str = ""
    """Expression; empty where presence in the source is all it says."""
    active: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    terminated: tuple[str, ...] = ()
    start: str = ""
    """Expression giving the first working day (ISO date); empty where the source has none."""
    end: str = ""
    """Expression giving the end date."""
    end_is: Literal["last_day", "first_day_gone"] = "last_day"
    """Whether the person still works on the end date: Workday says the last day, SuccessFactors' records start one day after."""
    lead_days: Annotated[int, Field(ge=0, le=90, strict=True)] = 0
    """The number of days before the first working day from which a person counts as active."""

    @model_validator(mode="after")
    def _words(self) -> Lifecycle:
        words = [word.strip().lower() for word in (*self.active, *self.leave, *self.terminated)]
        doubled = sorted({word for word in words if words.count(word) > 1})
        if doubled:
            raise ValueError(f"the status words {', '.join(doubled)} stand in more than one list")
        if self.status and not self.active:
            raise ValueError("status is given: list the words that mean active, leave and terminated")
        if words and not self.status:
            raise ValueError("lists status words and no status expression, so that they would be compared with nothing: add status")
        if self.lead_days and not self.start:
            raise ValueError("lead_days counts from start, which is not given")
        if "end_is" in self.model_fields_set and not self.end:
            raise ValueError("end_is says what end means, which is not given")
        return self


class IdentitySource(Model):
    """One source of identities. Sources stand in order of precedence."""

    connector: str
    anchor: str
    """Expression giving the key of an identity that never changes."""
    where: str = "true"
    """Expression: the rows that count (one position of several, one kind of worker)."""
    several: Literal["refuse", "latest"] = "refuse"
    """Treatment of several rows with one anchor: a finding, or employments of which the latest counts."""
    person: str = ""
    """Expression: what rows of different anchors share where they are one person; NULL and '' state nothing."""
    attributes: dict[str, str]
    """Identity attribute to expression over the source row. NULL states nothing; '' states "empty"."""
    lifecycle: Lifecycle = Lifecycle()


class Lookup(Model):
    """A table beside the mappings: what more is to be known of a person by a value they have."""

    file: str
    """A CSV file in the folder `mappings/`."""
    key: str
    """Expression over the identity: what is looked up. NULL and '' look nothing up."""
    column: str
    """The column of the table that it is looked up in."""
    gives: Annotated[dict[str, str], Field(min_length=1)]
    """Identity attribute to column of the table."""


class ManagerWay(Model):
    """One way to find a person's manager. Ways are tried in order: the first that names a person counts."""

    names: str
    """Expression over the identity: the manager that it names. NULL and '' name none."""
    matches: str = "anchor"
    """Expression over the manager's identity that gives the same."""


class Identities(Model):
    """`identities.toml`: who there is."""

    name: str = "display_name"
    """The identity attribute a person is shown by."""
    source: Annotated[tuple[IdentitySource, ...], Field(min_length=1)]
    lookup: dict[str, Lookup] = Field(default_factory=dict)
    manager: tuple[ManagerWay, ...] = ()

    def attributes(self) -> tuple[str, ...]:
        """Every identity attribute that sources state, in the order of first mention."""
        return tuple(dict.fromkeys(name for source in self.source for name in source.attributes))

    def columns(self) -> tuple[str, ...]:
        """Every column that an identity has beside `anchor`, `state` and the clock."""
        looked_up = [name for lookup in self.lookup.values() for name in lookup.gives]
        return (*self.attributes(), *looked_up, *(OF_THE_MANAGER if self.manager else ()))


def _spelled_out(value: object) -> object:
    return {"expression": value} if isinstance(value, str) else value


class Rename(StrEnum):
    """The way in which an immutable attribute that differs is changed."""

    NEVER = "never"
    """Never: the difference is a finding."""
    REVIEW = "review"
    """By a plan made with `--renames`; `run` never does."""


class AttributeRule(Model):
    """The rule for one attribute of an account."""

    example: ClassVar[str] = '"an expression", or { expression = "an expression", required = true }'
    expression: str
    required: bool = False
    """Nothing is created or updated for a person without it."""
    unique: bool = False
    immutable: bool = False
    """Set on create; a later difference is a finding."""
    rename: Rename = Rename.NEVER
    """The way in which an immutable attribute that differs is changed."""
    create_only: bool = False
    """Set on create; later differences are none of ours."""
    clear: bool = False
    """Whether '' clears the attribute. NULL never does."""
    case: Literal["exact", "ignore"] | None = None
    """Whether a difference in case counts; None: as the target compares the attribute."""
    unseen: Literal["clean", "refuse"] = "clean"
    """Treatment of a login, an e-mail address or a unique value with invisible characters or another form of a letter."""
    otherwise: tuple[str, ...] = ()
    """Expressions that are tried in order where `expression` gives a value that is taken. The last may name the column `number`: 2, 3, ... 99."""
    temporary: str = ""
    """Expression: a value that a person has for a moment where people exchange values in a ring; empty for none."""

    @model_validator(mode="after")
    def _choice_of_what_is_unique(self) -> AttributeRule:
        if self.otherwise and not self.unique:
            raise ValueError("otherwise is for values that are unique = true: others are never taken")
        return self

    @model_validator(mode="after")
    def _temporary_of_what_moves(self) -> AttributeRule:
        if self.temporary and (not self.unique or self.immutable or self.create_only):
            raise ValueError("temporary is for values that are unique = true and can change: not for immutable or create_only")
        return self

    @model_validator(mode="after")
    def _rename_of_what_is_compared(self) -> AttributeRule:
        if self.rename is Rename.REVIEW and (self.create_only or self.temporary):
            raise ValueError('rename = "review" is for values that are compared and change once: not with create_only or temporary')
        return self


Attribute = Annotated[AttributeRule, BeforeValidator(_spelled_out)]


class Normalisation(StrEnum):
    """Differences between two values of a key that are ignored."""

    CASE = "case"
    TRIM = "trim"
    """Spaces around it."""
    UNICODE = "unicode"
    """Composition of letters (NFC)."""
    ZEROS = "zeros"
    """Leading zeros: spreadsheets take them away."""


class CorrelationKey(Model):
    """One way to find the account of an identity that has no link yet. Keys are tried in order."""

    account: str
    """An attribute of the account."""
    identity: str
    """Expression over the identity."""
    adopt: bool = False
    """Whether a single match on this key becomes a link when the plan is applied; else it is proposed as a finding."""
    normalise: tuple[Normalisation, ...] = (Normalisation.CASE, Normalisation.TRIM, Normalisation.UNICODE)
    """Differences that are ignored on both sides before they are compared."""


IfMemberOf = dict[str, Annotated[tuple[str, ...], Field(min_length=1)]]
"""By system: groups, of which a person must be in one after this plan."""


def condition_of(expression: str, if_member_of: IfMemberOf) -> str:
    """Returns a condition as sentences show it: `dept = 'Sales', in okta: eng or ops`; empty where it holds for all people."""
    groups = [f"in {system}: {' or '.join(names)}" for system, names in if_member_of.items()]
    return ", ".join(([] if expression == "true" else [expression]) + ([" or ".join(groups)] if groups else []))


BY_KIND = "kind:"
"""Prefix of a name that states the kind of the group: `kind:APP_GROUP:Sales`."""


def _named(name: str, id_: str, kind: str = "") -> str:
    return f"{BY_ID}{id_}" if id_ else f"{BY_KIND}{kind}:{name}" if kind else name


class EntitlementRule(Model):
    """A rule that grants an entitlement to people."""

    entitlement_kind: ClassVar[str]
    """`group`, `app` or `role`."""
    when: str = "true"
    if_member_of: IfMemberOf = Field(default_factory=dict)

    @property
    def named(self) -> str:
        """Returns the entitlement that the rule grants, as sentences name it; empty where the name is computed."""
        raise NotImplementedError

    @property
    def condition(self) -> str:
        """Returns which people get it, in words: `dept = 'Sales', in okta: eng or ops`; empty for all people."""
        return condition_of(self.when, self.if_member_of)


class GroupRule(EntitlementRule):
    """A rule that grants a group to people."""

    entitlement_kind = "group"
    example: ClassVar[str] = '{ group = "its name", when = "an expression" }'
    group: str = ""
    """The group's name."""
    kind: Annotated[str, Field(pattern="^[^:]*$")] = ""
    """Beside the name: of which kind it is, in its system's own word, where groups of several kinds have that name."""
    id: str = ""
    """Or: its id, for one whose name others have too."""
    group_expression: str = ""
    """Or: expression giving the name, for rules like "one group a department"; NULL grants nothing."""
    create: bool = False
    """Whether a group that does not exist is created once a person is to be its member; else it is a finding."""
    rename: bool = False
    """Whether a group whose people all get one new name is renamed, instead of a second one being created."""
    description: str = ""
    """Description of a group that is created, where the target has that attribute."""

    @model_validator(mode="after")
    def _one_name(self) -> GroupRule:
        if [self.group, self.id, self.group_expression].count("") != 2:
            raise ValueError("give either group (a name), id, or group_expression (an expression giving the name)")
        if self.kind and not self.group:
            raise ValueError("kind belongs to the name of a group: give group, or leave kind out")
        if self.kind and self.create:
            raise ValueError("create is for groups that are named without kind: the target decides of which kind a new group is")
        if self.id and self.create:
            raise ValueError("create is for groups that are named: one that does not exist has no id")
        if self.rename and not (self.group_expression and self.create):
            raise ValueError(
                "rename is for rules that compute the names of groups and create them: give group_expression and create = true"
            )
        if self.description and not self.create:
            raise ValueError("description is for groups that the rule creates: it needs create = true")
        return self

    @property
    def named(self) -> str:
        return _named(self.group, self.id, self.kind)


class AppRule(EntitlementRule):
    """A rule that assigns people to an app, each directly."""

    entitlement_kind = "app"
    example: ClassVar[str] = '{ app = "its label", when = "an expression" }'
    app: str = ""
    """The app's label."""
    id: str = ""
    """Or: its id, for one whose label others have too."""

    @model_validator(mode="after")
    def _one_name(self) -> AppRule:
        if bool(self.app) == bool(self.id):
            raise ValueError("give either app (a label) or id")
        return self

    @property
    def named(self) -> str:
        return _named(self.app, self.id)


class RoleRule(EntitlementRule):
    """A rule that grants a role to people."""

    entitlement_kind = "role"
    role: Annotated[str, Field(min_length=1)]
    """The role's value."""

    @property
    def named(self) -> str:
        return self.role


class TargetMapping(Model):
    """`<target>.toml`: what the accounts of one target should be."""

    target: str
    who: str = "true"
    """Expression over the identity: who has an account there at all."""
    if_member_of: IfMemberOf = Field(default_factory=dict)
    """Only those of them who are in one of these groups of other systems after this plan."""
    new_accounts: Literal["active", "staged"] = "active"
    """Whether accounts are opened when they are created, or on the first working day where that is later."""
    activation_mail: bool = False
    """Whether the target mails its activation link to the person of each account that is opened."""
    leavers: Literal["deactivate", "suspend"] = "deactivate"
    """Treatment of a leaver's account."""
    leavers_lose: Literal["managed", "all"] = "managed"
    """Memberships that a leaver loses: those that this job gave and those of what is fully managed, or every direct one it can change."""
    leave: Literal["keep", "suspend", "deactivate"] = "keep"
    """Account of a person on leave: as it is, suspended, or deactivated."""
    vanished: Literal["keep", "suspend", "deactivate"] = "keep"
    """Treatment of the account of a person who is missing from all sources and is not stated as terminated."""
    suspend_otherwise: Literal["deactivate", "keep"] | None = None
    """Treatment of an account that cannot be suspended from its status; None: leavers are deactivated, people on leave keep theirs."""
    vanished_after: Annotated[int, Field(ge=2, strict=True)] = 3
    """Only after complete reads without them on so many different dates."""
    delete_after_days: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Days for which an account that this job deactivated is kept before a plan with deletions deletes it; None: for ever."""
    correlate: tuple[CorrelationKey, ...] = ()
    attributes: dict[str, Attribute]
    groups: dict[str, GroupRule] = Field(default_factory=dict)
    fully_managed: tuple[str, ...] = ()
    """Groups by name whose members are exactly those that a rule grants: others are removed also where this job did not add them."""
    push: dict[str, PushRule] = Field(default_factory=dict)
    """Groups of other systems that the target has, too."""
    apps: dict[str, AppRule] = Field(default_factory=dict)
    fully_managed_apps: tuple[str, ...] = ()
    """The same for apps by label, and the people who are assigned to them by themselves."""
    roles: dict[str, RoleRule] = Field(default_factory=dict)
    fully_managed_roles: tuple[str, ...] = ()
    """The same for roles."""
    retry_refused_after_days: Annotated[int, Field(ge=1, strict=True)] = 7
    """The number of days for which a permanent refusal is not sent again while nothing changes; 1: every day."""
    recreate_missing: bool = False
    """Whether an account that vanished from the target is created again; else it is a finding."""

    @property
    def eligible(self) -> str:
        """The people who have an account there, in words; empty for all."""
        return condition_of(self.who, self.if_member_of)

    @model_validator(mode="after")
    def _vanished(self) -> TargetMapping:
        if "vanished_after" in self.model_fields_set and self.vanished == "keep":
            raise ValueError(
                'vanished_after does nothing while vanished = "keep": say vanished = "suspend" or "deactivate", or leave it out'
            )
        return self

    def entitlement_rules(self) -> dict[str, EntitlementRule]:
        """Every rule that grants something, by the name it goes by in plans: `groups.sales`."""
        tables: dict[str, Mapping[str, EntitlementRule]] = {"groups": self.groups, "apps": self.apps, "roles": self.roles}
        return {f"{table}.{name}": rule for table, rules in tables.items() for name, rule in rules.items()}

    @property
    def computes_groups(self) -> bool:
        """Whether some rule computes the names of its groups."""
        return any(rule.group_expression for rule in self.groups.values())

    def managed_entitlements(self) -> Iterator[tuple[str, str, str]]:
        """Yields each entitlement that is declared fully managed: the setting, the kind, and the name."""
        yield from (("fully_managed", "group", name) for name in self.fully_managed)
        yield from (("fully_managed_apps", "app", name) for name in self.fully_managed_apps)
        yield from (("fully_managed_roles", "role", name) for name in self.fully_managed_roles)
