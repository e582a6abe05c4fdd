"""The operations that a person chose of a plan, without those that wait for one that was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Severity


def chosen(operations: Iterable[Operation], only: Collection[str] | None) -> tuple[Operation, ...]:
    """The operations with one of the ids, in order, of which all that they wait for is chosen too; all of them where `only` is None."""
    if only is None:
        return tuple(operations)
    kept: dict[str, Operation] = {}
    for each in operations:
        # What an operation waits for stands before it.
        if each.id in only and all(needed in kept for needed in each.depends_on):
            kept[each.id] = each
    return tuple(kept.values())


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Numbers of rows that were left out, by target."""

    rows: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    """Numbers of those among them that were chosen, and that wait for a row which was not."""

    def add(self, more: LeftOut) -> None:
        """Adds the numbers of other rows."""
        self.rows.update(more.rows)
        self.waiting.update(more.waiting)

    def findings(self, kind: FindingKind = FindingKind.NOT_UNDONE) -> Iterator[Finding]:
        """Yields a finding for each target."""
        for target, count in sorted(self.rows.items()):
            waiting = self.waiting[target]
            because = f" ({waiting:,} of them were chosen, and wait for a row that was not)" if waiting else ""
            message = f"{number_of(count, 'row')} of {target} left out by --only{because}: the accounts stay as they are in these rows."
            yield Finding(kind=kind, severity=Severity.NOTE, target=target, message=message)


def left_out(every: Iterable[Operation], kept: Iterable[Operation], only: Collection[str] | None) -> LeftOut:
    """Returns the numbers of the rows that are not kept."""
    ids = {each.id for each in kept}
    left = [each for each in every if each.id not in ids]
    return LeftOut(Counter(each.target for each in left), Counter(each.target for each in left if only is not None and each.id in only))
