"""The context that one target is decided in, and the fragments of a plan that its stages return."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import Traits
from connectors.declaration import DeclaredAttribute
from mappings.rules import Rename, TargetMapping
from reconcile.plan.model import ENDING, Finding, LinkChange, Operation, Situation, Verb
from reconcile.plan.naming import EntitlementName
from reconcile.project.decisions import LinkDecision


@dataclass(frozen=True, slots=True)
class TargetContext:
    """One target: how it judges names, and what should be true of it."""

    name: str
    traits: Traits
    mapping: TargetMapping
    reasons: Mapping[str, str]
    """The provenance of each attribute's value (`provenance.attribute_provenance`)."""
    link_decisions: tuple[LinkDecision, ...] = ()
    """The link decisions of this target."""
    unsupported: Mapping[str, str] = field(default_factory=dict)
    """By capability, why the target states that it does not have it."""
    asked_to_rename: bool = False
    """Whether this plan changes immutable attributes that the mapping puts under review."""
    declared: Mapping[str, DeclaredAttribute] = field(default_factory=dict)
    """The target's declarations of its attributes."""

    def ignores_case(self, attribute: str) -> bool:
        """Whether a difference in case is none: as the mapping says, else as the target compares the attribute."""
        case = self.mapping.attributes[attribute].case
        return self.traits.ignores_case(attribute) if case is None else case == "ignore"

    def is_immutable(self, attribute: str) -> bool:
        """Whether the attribute is set on create alone, and a later difference is a finding."""
        return self.mapping.attributes[attribute].immutable or attribute in self.traits.immutable

    def renames(self, attribute: str) -> bool:
        """Whether a difference of the immutable attribute is changed by a plan with `--renames`, under review."""
        return self.is_immutable(attribute) and self.mapping.attributes[attribute].rename is Rename.REVIEW

    def writes(self, attribute: str) -> bool:
        """Whether this plan changes the attribute of an account that exists."""
        rule = self.mapping.attributes[attribute]
        return not rule.create_only and (not self.is_immutable(attribute) or (self.asked_to_rename and self.renames(attribute)))

    def needs(self, attribute: str) -> bool:
        """Whether the target creates no account without the attribute, whatever the mapping says."""
        return attribute == self.traits.login or attribute in self.traits.required

    def rule(self, what: str) -> str:
        """The name of a rule in this target's mapping file."""
        return f"{self.name}: {what}"


@dataclass(frozen=True, slots=True)
class PlanFragment:
    """Result of one stage of deciding. `blocked` names the people for whom nothing else may be planned, except that they leave."""

    operations: tuple[Operation, ...] = ()
    findings: tuple[Finding, ...] = ()
    links: tuple[LinkChange, ...] = ()
    names: tuple[EntitlementName, ...] = ()
    blocked: frozenset[str] = field(default_factory=frozenset)
    kept: frozenset[str] = field(default_factory=frozenset)
    """The accounts whose end was rejected: what they hold stays."""


def combine(decisions: Iterable[PlanFragment]) -> PlanFragment:
    """Combines fragments, without the operations of people whom any of them blocks."""
    each = list(decisions)
    blocked = frozenset[str]().union(*(one.blocked for one in each))
    operations = tuple(operation for one in each for operation in one.operations)
    leaving = {operation.anchor for operation in operations if operation.verb in ENDING}
    return PlanFragment(
        operations=tuple(
            operation
            for operation in operations
            if operation.anchor not in blocked or operation.verb in ENDING or (operation.anchor in leaving and _of_a_leaver(operation))
        ),
        findings=tuple(finding for one in each for finding in one.findings),
        links=tuple(link for one in each for link in one.links),
        blocked=blocked,
    )


def _of_a_leaver(operation: Operation) -> bool:
    """Whether it is about a person who should have no working account: of people on leave, who keep what they have, more is blocked."""
    return operation.because.situation not in (Situation.CONFIRMED, Situation.FOUND)


def named(name: str, anchor: str) -> str:
    """The name of a person in sentences: `Anna Lee (0010001)`, or the anchor alone."""
    return f"{name} ({anchor})" if name else anchor


def listed(first: Sequence[str], total: int) -> str:
    """Names in a sentence: the first of them, and how many more there are."""
    more = total - len(first)
    return ", ".join(first) + (f" and {more:,} more" if more > 0 else "")


def operation_id(target: str, verb: Verb, subject: str, entitlement_id: str = "") -> str:
    """The id of an intention: the same in every plan that has it."""
    text = f"{target}\x1f{verb.value}\x1f{subject}\x1f{entitlement_id}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def index_by_anchor(operations: Iterable[Operation], verbs: frozenset[Verb]) -> Mapping[str, str]:
    """Returns operation ids by anchor, of the operations with one of the verbs."""
    return {operation.anchor: operation.id for operation in operations if operation.verb in verbs and operation.anchor}
