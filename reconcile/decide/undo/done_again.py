"""Finds what a later run did once more to the same account or membership: that is no longer the run's to take back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconcile.decide.undo.not_undone import not_undone
from reconcile.plan.model import Finding, Operation, Verb
from reconcile.plan.undo_rule import undone_run

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
        if run in undone:
            continue
        if taken_back := undone_run(rule):
            undone.add(taken_back)
            continue
        return run if did in _TURNED.get(verb, ()) else ""
    return ""


def done_again(operations: Iterable[Operation], runs: Mapping[str, str]) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """Returns the ids of the operations that would take back what a later run did, and a finding for each account. `runs`: the run by operation."""
    found = [each for each in operations if each.id in runs]
    first = {(each.target, each.account_id, runs[each.id]): each for each in reversed(found)}
    return frozenset(each.id for each in found), tuple(_finding(each, run) for (_, _, run), each in sorted(first.items()))


def _finding(operation: Operation, run: str) -> Finding:
    return not_undone(operation, f"the later run {run} did the same again, and what it did stays. To take that back: reconcile undo {run}")
