"""The values that deciding produces: situations, operations, findings, guard verdicts, and the plan that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.contract import Opening, Value
from reconcile.plan.approval import Approval
from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.forecast import Forecast
from reconcile.plan.hold import Hold
from reconcile.plan.naming import EntitlementName
from reconcile.plan.origin import BoundSystem, ReadScope
from reconcile.plan.override import Override
from reconcile.plan.rows import Rows
from reconcile.plan.search_key import SearchKey
from reconcile.plan.server_answer import ServerAnswer
from reconcile.plan.waits import Waiting


class LifecycleState(StrEnum):
    """Lifecycle state of a person at the clock."""

    FUTURE = "future"
    ACTIVE = "active"
    LEAVE = "leave"
    TERMINATED = "terminated"


class Situation(StrEnum):
    """Situation of an identity or an account; each is in exactly one (design, section 5)."""

    CONFIRMED = "CONFIRMED"
    FOUND = "FOUND"
    ABSENT = "ABSENT"
    UNQUALIFIED = "UNQUALIFIED"
    AMBIGUOUS = "AMBIGUOUS"
    FOUND_ALREADY_LINKED = "FOUND_ALREADY_LINKED"
    MISSING = "MISSING"
    SOURCE_MISSING = "SOURCE_MISSING"
    UNASSIGNED = "UNASSIGNED"
    LINK_ONLY = "LINK_ONLY"
    NOT_DUE = "NOT_DUE"
    """A person who should have no account there, and has none."""


class Verb(StrEnum):
    """Verb of an operation."""

    DEACTIVATE = "deactivate"
    SUSPEND = "suspend"
    UPDATE_GROUP = "update_group"
    """Changes the name or the description of a group; its members stay."""
    CREATE_GROUP = "create_group"
    CREATE = "create"
    REACTIVATE = "reactivate"
    RENAME = "rename"
    """Changes an immutable attribute that the mapping puts under review: only in a plan made with `--renames`."""
    UPDATE = "update"
    ADD_MEMBER = "add_member"
    REMOVE_MEMBER = "remove_member"
    DELETE = "delete"
    DELETE_GROUP = "delete_group"
    """Deletes a group that has no members when its turn comes."""
    REVOKE_SESSIONS = "revoke_sessions"
    UNLOCK = "unlock"
    RESET_FACTORS = "reset_factors"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a verb
    TEMPORARY_PASSWORD = "temporary_password"  # noqa: S105 - a verb
    EXPIRE_PASSWORD = "expire_password"  # noqa: S105 - a verb
    RESEND_ACTIVATION = "resend_activation"


ENDING = frozenset({Verb.DEACTIVATE, Verb.SUSPEND, Verb.DELETE})
"""Verbs that end the use of an account: a leaver's, or one of a person on leave. Nothing else about the person prevents them."""

LOSING = ENDING - {Verb.DELETE}
"""Verbs that take a working account from a person. A deleted account lost its use long before."""
REMOVING = ENDING | {Verb.REMOVE_MEMBER, Verb.DELETE_GROUP}
"""Verbs that take something away by a rule; `actions.TAKING` has those of a person, too."""

GROUP_VERBS = frozenset({Verb.CREATE_GROUP, Verb.UPDATE_GROUP, Verb.DELETE_GROUP})
"""Verbs that are about a group and no account."""

CHANGING = frozenset({Verb.RENAME, Verb.UPDATE})
"""Verbs that change attributes of an account that exists."""


class FindingKind(StrEnum):
    """Kind of a finding."""

    AMBIGUOUS = "ambiguous"
    FOUND_ALREADY_LINKED = "found_already_linked"
    LINK_PROPOSED = "link_proposed"
    LINK_DISAGREES = "link_disagrees"
    DECISION = "decision"
    ACCOUNT_MISSING = "account_missing"
    SOURCE_MISSING = "source_missing"
    IMMUTABLE = "immutable"
    NOT_UNIQUE = "not_unique"
    REQUIRED = "required"
    INVALID_VALUE = "invalid_value"
    UNSEEN = "unseen"
    PROTECTED = "protected"
    PROTECTED_ENTRY = "protected_entry"
    HELD = "held"
    REJECTED = "rejected"
    FROZEN = "frozen"
    QUARANTINED = "quarantined"
    ENTITLEMENT_UNKNOWN = "entitlement_unknown"
    ENTITLEMENT_READ_ONLY = "entitlement_read_only"
    ENTITLEMENT_NAME = "entitlement_name"
    MANAGER = "manager"
    LOOKUP_UNKNOWN = "lookup_unknown"
    REFUSED = "refused"
    NOT_KEPT = "not_kept"
    ACCESS_KEPT = "access_kept"
    """A person who should have no working account keeps one."""
    BY_HAND = "by_hand"
    """A person whose account ends has accounts in apps that nothing ends there."""
    NO_WAY_IN = "no_way_in"
    """Accounts become active whose people have no password and get no activation mail."""
    OUTDATED_READ = "outdated_read"
    """A target was read before a live run wrote to it."""
    POLICY = "policy"
    UNMANAGED = "unmanaged"
    NOT_UNDONE = "not_undone"
    NOT_RESTORED = "not_restored"
    NOT_ACTED = "not_acted"


class Severity(StrEnum):
    """Severity of a finding."""

    ATTENTION = "attention"
    """A reviewer should decide or repair something."""
    NOTE = "note"
    """Good to know; nothing is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Reason why an operation is planned."""

    situation: Situation
    rule: str
    """The rule's name: `okta.toml: attributes`, `okta.toml: groups.engineering`."""
    detail: str
    """A sentence for the reviewer, with the values that led here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One intended write, with the state it was computed from."""

    id: str
    """12 hexadecimal digits, the same for the same intention in every plan."""
    target: str
    verb: Verb
    anchor: str
    """The identity it is for; empty where none is known."""
    account_id: str
    """Empty for an account that this plan creates, and for a group."""
    who: str
    """Name that a reviewer knows the account by: its login, or the one it will have."""
    name: str
    """The person's display name, empty where unknown."""
    entitlement_id: str = ""
    """Empty for a group that this plan creates."""
    entitlement: str = ""
    """The entitlement's name, for memberships and for a group to create."""
    entitlement_kind: str = ""
    """`group`, `app` or `role`; empty for what is about an account alone."""
    privileged: bool = False
    """Whether the entitlement gives power over the system: a reviewer sees it first."""
    ours: bool = True
    """For memberships: whether this job had given what is removed, or owns what is added. Only what it owns it takes again. For a new name
    of a group: whether a rule computes it, so that the old name means the group no longer.
    """
    before: Mapping[str, Value] = field(default_factory=dict)
    """Values of the changed attributes in the snapshot; for a lifecycle change `{"state": ...}`; for a membership `{"member": ...}`."""
    after: Mapping[str, Value] = field(default_factory=dict)
    account: Mapping[str, Value] = field(default_factory=dict)
    """Values that identified the account: login, e-mail, correlation keys (None for one that it does not state); at creation, the new ones."""
    opening: Opening = Opening.SILENT
    """For a creation or a reactivation: when and how its person gets a way in."""
    deactivated: bool = False
    """Whether the account may be deactivated when its turn comes, as far as the plan knows. One that is so otherwise gets nothing."""
    absent: tuple[SearchKey, ...] = ()
    """For a creation: what proved that the person has no account yet, the login first."""
    because: Because
    depends_on: tuple[str, ...] = ()
    """Ids of operations that must have succeeded before this one."""
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """Texts in `after` that stand for the id of an account that another operation creates, each with that operation's id."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that may be the person's; `who` is its login."""

    account_id: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a person must see that leads to no write."""

    kind: FindingKind
    severity: Severity
    target: str
    """The target or source it concerns; empty for none."""
    anchor: str = ""
    account_id: str = ""
    who: str = ""
    message: str
    """Sentence with the state, its subject, and the next action."""
    candidates: tuple[Candidate, ...] = ()
    """Accounts that may be the person's, where the finding asks for a decision (the first twenty); empty otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Cause that most operations of one verb in one target share."""

    target: str
    verb: Verb
    kind: CauseKind
    name: str
    value: str
    explained: int
    """Number of the accounts, or people, that share it."""
    of: int
    """Number of accounts, or people, that the verb concerns."""
    people: int = 0
    """Number of people with the value (for a change, with `was`) who have, or should have, a working account there; else 0."""
    was: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Verdict of one guard on the plan; `count` is of operations."""

    guard: str
    """`okta.deactivate`: what an override names."""
    passed: bool
    count: int
    accounts: int
    """Different accounts among them: what the percentage counts."""
    population: int
    """Number that the percentage is of (`impact.population_of`)."""
    message: str
    """With the numbers; for a refusal also a sample and the way out."""
    earlier: int = 0
    """Number of the operations that other runs of the day applied."""
    override: Override | None = None
    """Override that lets the plan pass all the same; known where a plan is shown or applied, never in its bytes."""

    @property
    def refuses(self) -> bool:
        """Whether the guard refuses the plan: its verdict is negative and not overridden."""
        return not self.passed and self.override is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """Census of one target: the number of identities and accounts in each situation."""

    target: str
    situations: Mapping[Situation, int]
    accounts: int
    """Accounts of the target that are not deactivated."""
    before: int | None = None
    """Number before the other runs of the day; None where there was no such run."""

    @property
    def population(self) -> int:
        """The accounts that are not deactivated, or the people who should have one where those are more."""
        due = self._count(Situation.CONFIRMED, Situation.FOUND, Situation.ABSENT, Situation.MISSING)
        return max(self.accounts, self.before or 0, due)

    @property
    def standing(self) -> int:
        """The accounts that can change or be taken: without new people, and before anything was done on this day."""
        known = max(self.accounts, self._count(Situation.CONFIRMED, Situation.FOUND))
        return (known if self.before is None else self.before) or self.population

    def _count(self, *situations: Situation) -> int:
        return sum(self.situations.get(situation, 0) for situation in situations)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChange:
    """A pair of identity and account to remember, or to forget, when the plan is applied. Writes nothing to a target."""

    target: str
    anchor: str
    account_id: str
    because: str
    who: str = ""
    """The login of the account, empty where unknown."""
    name: str = ""
    """The person's display name, empty where unknown."""
    forget: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The ordered operations and findings computed from named snapshots. `digest` is over everything else."""

    run_date: str
    """The clock: a date, in the project's time zone."""
    planner: str
    """The version of what computed it."""
    snapshots: Mapping[str, str]
    """System name to the digest of what was read from it."""
    mapping: str
    """The digest of the configuration that decides."""
    scopes: tuple[ReadScope, ...]
    census: tuple[Census, ...]
    operations: Rows[Operation]
    findings: Rows[Finding]
    verdicts: tuple[Verdict, ...]
    links: Rows[LinkChange] = ()
    causes: tuple[Cause, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    """The frozen people, by the read that they wait for."""
    systems: Mapping[str, BoundSystem] = field(default_factory=dict)
    """By name, the systems that the snapshots are of: the plan is for them and no others."""
    configuration: Mapping[str, str] = field(default_factory=dict)
    """The digest of each part of the configuration that decides (`config.Project.parts`)."""
    names: tuple[EntitlementName, ...] = ()
    digest: str = ""
    approvals: tuple[Approval, ...] = ()
    """Approvals by people; known where a plan is shown or applied, never in its bytes."""
    forecasts: tuple[Forecast, ...] = ()
    """Forecasts of an apply, a target each; known where a plan is shown, never in its bytes."""
    rejections_over: tuple[str, ...] = ()
    """Rejected operations whose cause was gone when the plan was made; never in its bytes."""
    holds_followed: tuple[Hold, ...] = ()
    """Holds under the anchors that count now, of people who are held under a former one; never in its bytes."""

    @property
    def refused(self) -> bool:
        """Whether a guard refuses the whole plan, without an override."""
        return any(verdict.refuses for verdict in self.verdicts)

    @property
    def untrusted(self) -> bool:
        """Whether something was not read completely or cannot be found, so that a person or an account is frozen."""
        return not all(scope.complete for scope in self.scopes) or any(each.kind is FindingKind.FROZEN for each in self.findings)


class OutcomeKind(StrEnum):
    """Kind of an outcome."""

    DONE = "done"
    ALREADY = "already"
    """The target was as desired before anything was sent."""
    MOVED = "moved"
    """The target is no longer as the plan saw it: not applied."""
    FAILED = "failed"
    HELD = "held"
    """Not tried: something it depends on did not succeed, or nothing may be changed about its person or account."""
    NOT_APPROVED = "not_approved"
    """Not tried: a reviewer held or rejected it, or what it depends on."""
    UNKNOWN = "unknown"
    """Sent, and its effect could not be read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Outcome of one operation of a run."""

    operation_id: str
    kind: OutcomeKind
    account_id: str = ""
    entitlement_id: str = ""
    """Id of a group that was created, by which later operations name it."""
    detail: str = ""
    at: str = ""
    """RFC 3339, UTC."""
    answer: ServerAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a plan: dry, or live with an outcome for every operation that was reached."""

    id: str
    plan_digest: str
    live: bool
    started: str
    ended: str
    outcomes: Rows[Outcome]
    """In memory, or read from the journal as they are asked for (`outcome_rows`)."""
