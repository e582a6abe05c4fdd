"""Finds targets that were read before a live run wrote to them: a plan of such a read has again what that run did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconcile.plan.earlier import Applied
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.store.connection import Store


def outdated_reads(store: Store, snapshots: Mapping[str, str], earlier: Iterable[Applied]) -> Iterator[Finding]:
    """A finding for each target whose newest snapshot is the one that a run of the day was planned from, and older than what the run wrote.

    What a run wrote in the second of the read may be in it: of that nothing is said.
    """
    taken = {system: taken_at for system, _, _, taken_at in store.rows("latest_snapshots")}
    last: dict[str, Applied] = {}
    for each in earlier:
        target = each.operation.target
        if each.snapshot and each.snapshot == snapshots.get(target) and each.at[:19] > taken[target][:19]:
            last[target] = max(last.get(target, each), each, key=lambda one: (one.at, one.run))
    for target, each in sorted(last.items()):
        yield Finding(
            kind=FindingKind.OUTDATED_READ,
            severity=Severity.NOTE,
            target=target,
            message=f"{target}: read at {taken[target]}, before the run {each.run} wrote to it at {each.at}. This plan has again what that run did; "
            "an apply leaves such rows as they are. Read it first: reconcile extract",
        )
