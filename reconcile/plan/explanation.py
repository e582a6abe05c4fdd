"""The explanation of one person or account: its provenance, its state in each target, planned operations, and reasons for inaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Value
from reconcile.plan.model import Finding, Operation, Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One row that says something of a person."""

    source: str
    record: str
    problem: str
    """Reason why it cannot be used; empty where it can."""
    cells: Mapping[str, Value]
    """As they were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """Value that one row states of an identity attribute."""

    source: str
    record: str
    expression: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAttribute:
    """One attribute of a person after merging. The first that states it won."""

    name: str
    value: str | None
    stated: tuple[Stated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedAttribute:
    """One attribute of an account."""

    name: str
    expression: str
    wanted: str | None
    """Result of the expression, as text; None where it states nothing."""
    held: str | None
    verdict: str
    """Outcome for the attribute, in a sentence without its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedMembership:
    """One entitlement that is held, or that a rule grants."""

    entitlement: str
    held: bool
    rules: tuple[str, ...]
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTarget:
    """One person's situation and changes in one target."""

    target: str
    situation: Situation | None
    """None where nothing is decided about the target, or it does not know the person."""
    sentences: tuple[str, ...]
    """Situation of the person there, with reasons, in order of reading."""
    account_id: str
    login: str
    attributes: tuple[ExplainedAttribute, ...]
    memberships: tuple[ExplainedMembership, ...]
    operations: tuple[Operation, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Explanation of one person, or of one unlinked account, from the newest snapshots, the mappings and the clock."""

    who: str
    """`Anna Lee (0010001)`, or the account's login."""
    anchor: str
    """Empty for an account without a person."""
    sentences: tuple[str, ...]
    """Lifecycle state of the person at the clock."""
    rows: tuple[SourceRow, ...]
    attributes: tuple[IdentityAttribute, ...]
    targets: tuple[ExplainedTarget, ...]
    findings: tuple[Finding, ...]
    """Findings that no target's section shows: of sources, and of incomplete reads."""
    refusals: tuple[str, ...]
    """Guards that refuse the plan as a whole, so that nothing in it happens."""
    run_date: str
    plan: str
    """The digest of the plan that is explained."""
