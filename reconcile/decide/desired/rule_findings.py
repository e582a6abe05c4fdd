"""States which rules of a target cannot be evaluated, and what follows for those who hold what they grant."""

from __future__ import annotations

from collections.abc import Sequence

from mappings.rules import EntitlementRule
from reconcile.decide.desired.entitlement_names import Why
from reconcile.decide.fragment import TargetContext, named
from reconcile.decide.matching.member_rules import Asked
from reconcile.plan.model import Finding, FindingKind, Severity


def without_meaning(view: TargetContext, rule: str, entitlement: str, why: Why, effect: str) -> Finding:
    """The finding on a rule, or a setting, that names nothing which it can be about."""
    kind, sentence = why
    message = f"{rule} cannot be evaluated: {sentence} in {view.name}; {effect}. Correct the {entitlement}, or the rule."
    return _finding(view, kind, Severity.ATTENTION, message)


def without_result(view: TargetContext, rule: str, sentence: str) -> Finding:
    """The finding on a rule that has no result for any person."""
    message = (
        f"{rule} cannot be evaluated: {sentence}. No active person gains anything by it in {view.name}, and removals from them are left out. "
        "Check whether the sources still state what it reads."
    )
    return _finding(view, FindingKind.ENTITLEMENT_UNKNOWN, Severity.ATTENTION, message)


def without_members(view: TargetContext, rule: str, asked: Asked) -> Finding:
    """The finding on a rule that looks at groups of other targets whose members are not known."""
    nobody = "only members of its other groups get it" if asked.partly else "no person gets it by this rule"
    message = f"{rule} cannot be evaluated: {asked.unknown}. People who hold what it grants in {view.name} keep it, and {nobody}."
    return _finding(view, FindingKind.ENTITLEMENT_UNKNOWN, Severity.ATTENTION, message)


def undecided_people(view: TargetContext, name: str, rule: EntitlementRule, count: int, first: Sequence[Sequence[str]]) -> Finding:
    """The finding on people of whom it is undecided whether they are in the groups of other targets that a rule looks at."""
    more = f" and {count - len(first):,} more" if count > len(first) else ""
    message = (
        f"What {name} grants in {view.name} rests on groups of {', '.join(rule.if_member_of)}, where something about "
        f"{', '.join(named(*each) for each in first)}{more} is to be decided first. Until then they keep what they have by it, and get nothing."
    )
    return _finding(view, FindingKind.POLICY, Severity.NOTE, message)


def _finding(view: TargetContext, kind: FindingKind, severity: Severity, message: str) -> Finding:
    return Finding(kind=kind, severity=severity, target=view.name, message=message)
