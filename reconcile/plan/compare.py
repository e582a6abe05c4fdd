"""Compares two plans of the same snapshots and clock, row by row: the effect of an edit of the mappings alone.

What is in both plans is caused by the data; what is in one of them only, or is another thing in each, by the mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from reconcile.plan.model import Finding, LinkChange, Operation, Plan

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two plans, and how their rows differ: `here` is this project, `there` has the other mappings."""

    here: Plan
    there: Plan
    both: int
    """Operations that are in both and do the same."""
    only_here: tuple[Operation, ...]
    only_there: tuple[Operation, ...]
    different: tuple[tuple[Operation, Operation], ...]
    """Operations of the same intention that do something else, here and there."""
    findings_here: tuple[Finding, ...]
    """Findings that are in this plan only."""
    findings_there: tuple[Finding, ...]
    links_here: tuple[LinkChange, ...]
    links_there: tuple[LinkChange, ...]

    @property
    def same(self) -> bool:
        """Whether the mappings make no difference."""
        rows = (*self.only_here, *self.only_there, *self.different)
        return not (rows or self.findings_here or self.findings_there or self.links_here or self.links_there)


def compare(here: Plan, there: Plan) -> Comparison:
    """Compares two plans of the same snapshots and clock. Reason and order of an operation make no difference."""
    ours, theirs = ({each.id: each for each in plan.operations} for plan in (here, there))
    shared = [(each, theirs[each.id]) for each in here.operations if each.id in theirs]
    different = tuple(pair for pair in shared if _effect(pair[0]) != _effect(pair[1]))
    return Comparison(
        here=here,
        there=there,
        both=len(shared) - len(different),
        only_here=tuple(each for each in here.operations if each.id not in theirs),
        only_there=tuple(each for each in there.operations if each.id not in ours),
        different=different,
        findings_here=_missing(here.findings, there.findings, _found),
        findings_there=_missing(there.findings, here.findings, _found),
        links_here=_missing(here.links, there.links, _pair),
        links_there=_missing(there.links, here.links, _pair),
    )


def _effect(operation: Operation) -> tuple[object, ...]:
    return operation.account_id, operation.entitlement_id, dict(operation.before), dict(operation.after)


def _found(finding: Finding) -> Hashable:
    return finding.kind, finding.target, finding.anchor, finding.account_id, finding.message


def _pair(link: LinkChange) -> Hashable:
    return link.target, link.anchor, link.account_id, link.forget


def _missing(rows: Iterable[T], among: Iterable[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    known = {key(each) for each in among}
    return tuple(each for each in rows if key(each) not in known)
