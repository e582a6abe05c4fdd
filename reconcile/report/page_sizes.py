"""Sizes that the page shows beside its tables: the operations of each kind beside earlier nights, of each department, and of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.model import REMOVING, Operation, OutcomeKind, Plan, Run, Verb
from reconcile.plan.usual import Size, UsualNights
from reconcile.report.ended import ended_counts
from reconcile.report.labels import NO_OUTCOME, is_trouble, outcome_word
from reconcile.report.summary import Group

DEPARTMENTS = 12
"""Departments with a bar of their own."""
LEAST = 0.5
"""The width of the smallest bar, in hundredths of the widest: one operation is not none."""
SUCCEEDED = (OutcomeKind.DONE, OutcomeKind.ALREADY)


class Bar(NamedTuple):
    """One size as it is drawn; widths and places are hundredths of the chart."""

    size: Size
    tone: str
    unusual: bool
    width: float
    median_at: float
    most_at: float


class DepartmentBar(NamedTuple):
    """The operations about the people of one department."""

    name: str
    operations: int
    width: float


def sizes_of(groups: Sequence[Group], usual: UsualNights) -> list[Size]:
    """The size of each group, beside earlier nights."""
    return [usual.beside(group.target, group.verb, group.size.operations) for group in groups]


def bars(sizes: Sequence[Size], usual: UsualNights) -> list[Bar]:
    """The bars of a chart of sizes, on one scale with the earlier ones."""
    top = max((max(each.operations, each.most) for each in sizes), default=0) or 1

    def at(count: float) -> float:
        return round(min(99.3, 100 * count / top), 2)

    return [
        Bar(each, _tone(each.verb), usual.is_unusual(each), max(LEAST, at(each.operations)), at(each.median), at(each.most))
        for each in sizes
    ]


def _tone(verb: Verb) -> str:
    return "taking" if verb in REMOVING or verb in ACTION_VERBS else "giving"


def department_bars(operations: Iterable[Operation], departments: Mapping[str, str]) -> list[DepartmentBar]:
    """The departments with the most operations, then the others together; none where no department is known."""
    if not departments:
        return []
    counts = Counter(departments.get(each.anchor, "") for each in operations)
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown, others = first[:DEPARTMENTS], first[DEPARTMENTS:]
    if others:
        shown.append((f"{len(others):,} others", sum(count for _, count in others)))
    top = max(count for _, count in shown)
    return [DepartmentBar(name, count, max(LEAST, round(100 * count / top, 2))) for name, count in shown]


class RunCount(NamedTuple):
    """The operations of one verb in one target, by how they ended."""

    succeeded: int
    """Done, or so before anything was sent."""
    others: Sequence[tuple[str, int, bool]]
    """Each other outcome: its word, the number of operations, and whether it needs attention."""


def run_counts(plan: Plan, run: Run) -> Mapping[tuple[str, Verb], RunCount]:
    """The outcomes of a live run by target and verb."""
    return {place: _run_count(numbers) for place, numbers in ended_counts(plan, run).items()}


def _run_count(numbers: Mapping[OutcomeKind | None, int]) -> RunCount:
    others = [(outcome_word(kind), numbers[kind], is_trouble(kind)) for kind in OutcomeKind if kind in numbers and kind not in SUCCEEDED]
    missing = [(NO_OUTCOME, numbers[None], True)] if None in numbers else []
    return RunCount(sum(numbers.get(kind, 0) for kind in SUCCEEDED), (*others, *missing))
