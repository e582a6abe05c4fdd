"""Findings about people whose account depends on membership of a group of another system that is undecided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconcile.decide.fragment import TargetContext, named
from reconcile.decide.matching.member_rules import Elsewhere, known_elsewhere
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Verb
from reconcile.store.connection import Store

GIVING = frozenset({Verb.CREATE, Verb.REACTIVATE})
"""The verbs that give a person an account that works."""


def eligibility_findings(store: Store, view: TargetContext, elsewhere: Elsewhere) -> tuple[Finding, ...]:
    """A finding where it cannot be said of some people whether they have an account in the target."""
    if not view.mapping.if_member_of:
        return ()
    asked = known_elsewhere(view.mapping.if_member_of, elsewhere)
    people, accounts, first = store.rows("undecided_people")[0]
    more = f" and {people - len(first):,} more" if people > len(first) else ""
    frozen = f" ({', '.join(named(*each) for each in first)}{more}; {number_of(accounts, 'account')})" if people else ""
    if asked.unknown:
        members = "Members of its other groups go on. " if asked.partly else ""
        message = (
            f"Who has an account in {view.name} cannot be said: {asked.unknown}. {members}"
            f"{number_of(people, 'person is', 'people are')} frozen{frozen}: no account of theirs is created, changed or deactivated there. "
            "Correct the group, or if_member_of."
        )
        return (_finding(view, FindingKind.FROZEN, Severity.ATTENTION, message),)
    if not people:
        return ()
    message = (
        f"Whether {number_of(people, 'person has', 'people have')} an account in {view.name} rests on groups of "
        f"{', '.join(view.mapping.if_member_of)}, where something about them is to be decided first{frozen}. Until then their accounts stay as they are."
    )
    return (_finding(view, FindingKind.POLICY, Severity.ATTENTION, message),)


def awaiting_membership(store: Store, view: TargetContext, operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations, each that gives an account waiting for the membership in another target that the account rests on."""
    each = list(operations)
    giving = sorted({operation.anchor for operation in each if operation.verb in GIVING})
    if not giving or not view.mapping.if_member_of:
        return tuple(each)
    needs: dict[str, str] = dict(store.rows("entitled_by_operation", anchors=giving))
    return tuple(
        replace(operation, depends_on=(*operation.depends_on, needs[operation.anchor]))
        if operation.verb in GIVING and operation.anchor in needs
        else operation
        for operation in each
    )


def _finding(view: TargetContext, kind: FindingKind, severity: Severity, message: str) -> Finding:
    return Finding(kind=kind, severity=severity, target=view.name, message=message)
