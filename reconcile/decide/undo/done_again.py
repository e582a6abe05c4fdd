"""Finds what a later run did once more to the same account or membership: that is no longer the run's to take back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconcile.decide.fragment import named
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Verb

UNDO = "undo "
"""Beginning of the rules of an undo, behind the target; the run that it undoes follows."""
_TURNED = {
    Verb.REACTIVATE: frozenset({Verb.DEACTIVATE, Verb.SUSPEND}),
    Verb.DEACTIVATE: frozenset({Verb.REACTIVATE}),
    Verb.SUSPEND: frozenset({Verb.REACTIVATE}),
    Verb.ADD_MEMBER: frozenset({Verb.REMOVE_MEMBER}),
    Verb.REMOVE_MEMBER: frozenset({Verb.ADD_MEMBER}),
}
"""By the verb of an undo, what it takes back."""


def standing_run(changes: Iterable[tuple[Verb, str, str]], verb: Verb) -> str:
    """Returns the run that last did what an undo would take back; empty where the last change that was not undone is another.

    `changes`: of one account or membership by later runs, in order: verb, rule and run. A run that was undone did nothing, and neither did its undo.
    """
    undone: set[str] = set()
    of_state = verb not in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)
    kinds = frozenset({Verb.DEACTIVATE, Verb.SUSPEND, Verb.REACTIVATE}) if of_state else frozenset({Verb.ADD_MEMBER, Verb.REMOVE_MEMBER})
    for did, rule, run in reversed([each for each in changes if each[0] in kinds]):
        intention = rule.partition(": ")[2]
        if run in undone:
            continue
        if intention.startswith(UNDO):
            undone.add(intention.removeprefix(UNDO))
            continue
        return run if did in _TURNED.get(verb, ()) else ""
    return ""


def done_again(operations: Iterable[Operation], runs: Mapping[str, str]) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """Returns the ids of the operations that would take back what a later run did, and a finding for each account. `runs`: the run by operation."""
    found = [each for each in operations if each.id in runs]
    first = {(each.target, each.account_id, runs[each.id]): each for each in reversed(found)}
    return frozenset(each.id for each in found), tuple(_finding(each, run) for (_, _, run), each in sorted(first.items()))


def _finding(operation: Operation, run: str) -> Finding:
    who = named(operation.name or operation.who or operation.account_id, operation.anchor)
    return Finding(
        kind=FindingKind.NOT_UNDONE,
        severity=Severity.NOTE,
        target=operation.target,
        anchor=operation.anchor,
        account_id=operation.account_id,
        who=operation.who,
        message=f"{who}: the later run {run} did the same again, and what it did stays. To take that back: reconcile undo {run}",
    )
