"""The sizes of earlier nights, beside which a reviewer sees those of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from reconcile.plan.model import Verb

ENOUGH_DAYS = 5
"""Days with a run that are needed to know what is usual, as for the guard `usual`."""


class Size(NamedTuple):
    """The number of operations of one verb in one target, beside earlier days with a run."""

    target: str
    verb: Verb
    operations: int
    median: float
    most: int


@dataclass(frozen=True, slots=True)
class UsualNights:
    """The sizes of the last days with a run."""

    days: int = 0
    sizes: Mapping[tuple[str, str], Sequence[int]] = field(default_factory=dict)
    """By target and verb, the number of operations of each day that had some."""
    floor: int = 0
    """Number of operations that is never more than usual."""

    @property
    def known(self) -> bool:
        """Whether there are enough days to tell what is usual."""
        return self.days >= ENOUGH_DAYS

    def beside(self, target: str, verb: Verb, operations: int) -> Size:
        """A size of a plan, beside the earlier ones."""
        found = self.sizes.get((target, verb.value), ())
        return Size(target, verb, operations, median([*found, *([0] * (self.days - len(found)))] or [0]), max(found, default=0))

    def is_unusual(self, size: Size) -> bool:
        """Whether a size is more than on any of the earlier days."""
        return self.known and size.operations > max(size.most, self.floor)


def usual_nights(sizes: Iterable[tuple[str, str, str, str, int]], run_date: str, nights: int, floor: int) -> UsualNights:
    """The sizes before a date. `sizes`: run, its date, target, verb, number of operations; a row without a target says that there was a run."""
    rows = [each for each in sizes if each[1] < run_date]
    days = sorted({date for _, date, *_ in rows})[-nights:]
    by_day: dict[tuple[str, str, str], int] = defaultdict(int)
    for _, date, target, verb, count in rows:
        if target and date in days:
            by_day[date, target, verb] += count
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (_, target, verb), count in sorted(by_day.items()):
        found[target, verb].append(count)
    return UsualNights(len(days), dict(found), floor)
