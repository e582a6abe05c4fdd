"""The rows that a person chose of an undo, for the oracle of undoing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

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


def left_out_findings(
    every: Sequence[Operation], kept: Sequence[Operation], only: Collection[str] | None, kind: FindingKind = FindingKind.NOT_UNDONE
) -> Iterator[Finding]:
    """A finding for each target on the rows that were left out."""
    ids = {each.id for each in kept}
    left = [each for each in every if each.id not in ids]
    waiting = Counter(each.target for each in left if only is not None and each.id in only)
    for target, count in sorted(Counter(each.target for each in left).items()):
        because = f" ({waiting[target]:,} of them were chosen, and wait for a row that was not)" if waiting[target] else ""
        message = f"{number_of(count, 'row')} of {target} left out by --only{because}: the accounts stay as they are in these rows."
        yield Finding(kind=kind, severity=Severity.NOTE, target=target, message=message)
