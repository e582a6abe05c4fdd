"""Compares two plans of the same snapshots and clock, row by row: the effect of an edit of the mappings alone.

What is in both plans is caused by the data; what is in one of them only, or is another thing in each, by the mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from reconcile.plan.model import Finding, LinkChange, Operation, Plan
from reconcile.plan.rows import Rows

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Differences between the operations of two plans."""

    both: int
    """Operations that are in both and do the same."""
    only_here: Rows[Operation]
    only_there: Rows[Operation]
    different: Rows[tuple[Operation, Operation]]
    """Operations of the same intention that do something else, here and there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two plans, and how their rows differ: `here` is this project, `there` has the other mappings."""

    here: Plan
    there: Plan
    operations: Differences
    findings_here: tuple[Finding, ...]
    """Findings that are in this plan only."""
    findings_there: tuple[Finding, ...]
    links_here: tuple[LinkChange, ...]
    links_there: tuple[LinkChange, ...]

    @property
    def same(self) -> bool:
        """Whether the mappings make no difference."""
        found = self.operations
        rows = len(found.only_here) + len(found.only_there) + len(found.different)
        return not (rows or self.findings_here or self.findings_there or self.links_here or self.links_there)


def differences(here: Rows[Operation], there: Rows[Operation]) -> Differences:
    """Compares the operations of two plans in memory. Reason and order of an operation make no difference."""
    ours, theirs = ({each.id: each for each in rows} for rows in (here, there))
    shared = [(each, theirs[each.id]) for each in here if each.id in theirs]
    different = tuple(pair for pair in shared if not does_the_same(*pair))
    return Differences(
        both=len(shared) - len(different),
        only_here=tuple(each for each in here if each.id not in theirs),
        only_there=tuple(each for each in there if each.id not in ours),
        different=different,
    )


def compare(here: Plan, there: Plan, operations: Differences) -> Comparison:
    """Compares two plans of the same snapshots and clock, the operations of which were compared already."""
    return Comparison(
        here=here,
        there=there,
        operations=operations,
        findings_here=_missing(here.findings, there.findings, _found),
        findings_there=_missing(there.findings, here.findings, _found),
        links_here=_missing(here.links, there.links, _pair),
        links_there=_missing(there.links, here.links, _pair),
    )


def does_the_same(one: Operation, other: Operation) -> bool:
    """Whether two operations of one intention have the same effect."""
    return _effect(one) == _effect(other)


def _effect(operation: Operation) -> tuple[object, ...]:
    return operation.account_id, operation.entitlement_id, dict(operation.before), dict(operation.after)


def _found(finding: Finding) -> Hashable:
    return finding.kind, finding.target, finding.anchor, finding.account_id, finding.message


def _pair(link: LinkChange) -> Hashable:
    return link.target, link.anchor, link.account_id, link.forget


def _missing(rows: Iterable[T], among: Iterable[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    known = {key(each) for each in among}
    return tuple(each for each in rows if key(each) not in known)
