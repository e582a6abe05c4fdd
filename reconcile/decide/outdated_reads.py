"""Finds targets that were read before a live run wrote to them: a plan of such a read has again what that run did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reconcile.plan.earlier import Applied
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.store.connection import Store


def applied_since(snapshots: Mapping[str, str], earlier: Iterable[Applied], target: str) -> Sequence[Applied]:
    """The operations that runs of the day applied to a target, and that were planned from its newest snapshot: no read shows them yet."""
    read = snapshots.get(target)
    return [each for each in earlier if each.snapshot and each.snapshot == read and each.operation.target == target]


def outdated_reads(store: Store, snapshots: Mapping[str, str], earlier: Iterable[Applied]) -> Iterator[Finding]:
    """A note for each target whose newest snapshot is the one that a run of the day was planned from, and older than what the run wrote.

    What a run wrote in the second of the read may be in it: of that nothing is said.
    """
    again = "This plan has again what that run did; an apply leaves such rows as they are. Read it first: reconcile extract"
    for target, since in _written_since(store, snapshots, earlier):
        yield _finding(target, Severity.NOTE, f"{since} {again}")


def outdated_states(store: Store, snapshots: Mapping[str, str], earlier: Iterable[Applied], targets: Collection[str]) -> Iterator[Finding]:
    """The same for a plan that goes back to an earlier state of some targets: it does not know what that run did."""
    unknown = "This plan knows nothing of what that run did. Read it first: reconcile extract, then ask again."
    for target, since in _written_since(store, snapshots, earlier):
        if target in targets:
            yield _finding(target, Severity.ATTENTION, f"{since} {unknown}")


def _written_since(store: Store, snapshots: Mapping[str, str], earlier: Iterable[Applied]) -> Iterator[tuple[str, str]]:
    taken = {system: taken_at for system, _, _, taken_at in store.rows("latest_snapshots")}
    last: dict[str, Applied] = {}
    for each in earlier:
        target = each.operation.target
        if each.snapshot and each.snapshot == snapshots.get(target) and each.at[:19] > taken[target][:19]:
            last[target] = max(last.get(target, each), each, key=lambda one: (one.at, one.run))
    for target, each in sorted(last.items()):
        yield target, f"{target}: read at {taken[target]}, before the run {each.run} wrote to it at {each.at}."


def _finding(target: str, severity: Severity, message: str) -> Finding:
    return Finding(kind=FindingKind.OUTDATED_READ, severity=severity, target=target, message=message)
