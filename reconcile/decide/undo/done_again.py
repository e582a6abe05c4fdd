"""Finds what a later run did once more to the same account, attribute or membership, or took back already: neither is the run's to take back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from connectors.contract import Value
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


class Again(NamedTuple):
    """A later run that did again what an operation of an undo would take back, or took it back already."""

    run: str
    attribute: str = ""
    """The attribute that it wrote again; empty where it is no change of attributes."""
    taken_back: bool = False
    """Whether it took it back: an earlier undo of the same run did."""


class _Place(NamedTuple):
    """Subject of one finding."""

    target: str
    account_id: str
    run: str
    of_attributes: bool
    taken_back: bool


def undoing_run(changes: Iterable[tuple[Verb, str, str, bool]], verb: Verb, undone: str) -> str:
    """Returns the run that took a change of the run `undone` back by the same verb; empty where that is not certain, or something came after it.

    `changes`: as for `standing_run`, each with whether it is known to be done.
    """
    last = next((each for each in reversed([*changes]) if each[0] in _kinds(verb)), None)
    if last is None:
        return ""
    did, rule, run, certain = last
    return run if certain and did is verb and undone_run(rule) == undone else ""


def standing_run(changes: Iterable[tuple[Verb, str, str]], verb: Verb) -> str:
    """Returns the run that last did what an undo would take back; empty where the last change that was not undone is another.

    `changes`: of one account or membership by later runs, in order: verb, rule and run. A run that was undone did nothing, and neither did its undo.
    """
    undone: set[str] = set()
    for did, rule, run in reversed([each for each in changes if each[0] in _kinds(verb)]):
        if run in undone:
            continue
        if taken_back := undone_run(rule):
            undone.add(taken_back)
            continue
        return run if did in _TURNED.get(verb, ()) else ""
    return ""


def _kinds(verb: Verb) -> frozenset[Verb]:
    """The verbs that change the same thing."""
    if verb in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER):
        return frozenset({Verb.ADD_MEMBER, Verb.REMOVE_MEMBER})
    return frozenset({Verb.DEACTIVATE, Verb.SUSPEND, Verb.REACTIVATE})


def standing_writer(writes: Iterable[tuple[Value, str, str]], value: Value) -> str:
    """Returns the run that last wrote the value that an undo would take back; empty where the last one that was not undone wrote another.

    `writes`: of one attribute of an account by later runs, in order: value, rule and run.
    """
    undone: set[str] = set()
    for wrote, rule, run in reversed(list(writes)):
        if run in undone:
            continue
        if taken_back := undone_run(rule):
            undone.add(taken_back)
            continue
        return run if wrote == value else ""
    return ""


def done_again(
    operations: Iterable[Operation], later: Mapping[str, Sequence[Again]]
) -> tuple[frozenset[str], Mapping[str, frozenset[str]], tuple[Finding, ...]]:
    """Returns what an undo leaves to later runs: the ids of whole operations, attributes by operation, and findings for each account."""
    whole, attributes = set[str](), dict[str, frozenset[str]]()
    found: dict[_Place, tuple[Operation, set[str]]] = {}
    for each in operations:
        for again in later.get(each.id, ()):
            key = _Place(each.target, each.account_id, again.run, bool(again.attribute), again.taken_back)
            _, names = found.setdefault(key, (each, set()))
            names.update([again.attribute] if again.attribute else [])
        stay = frozenset(again.attribute for again in later.get(each.id, ()))
        if stay and ("" in stay or stay >= each.after.keys()):
            whole.add(each.id)
        elif stay:
            attributes[each.id] = stay
    return frozenset(whole), attributes, tuple(_finding(each, key, names) for key, (each, names) in sorted(found.items(), key=_place))


def without_attributes(operation: Operation, names: frozenset[str]) -> Operation:
    """The operation of an undo without attributes that it leaves to later runs."""
    before, after = ({name: value for name, value in side.items() if name not in names} for side in (operation.before, operation.after))
    return replace(operation, before=before, after=after)


def _place(found: tuple[_Place, object]) -> _Place:
    return found[0]


def _finding(operation: Operation, place: _Place, names: Iterable[str]) -> Finding:
    if place.taken_back:
        return not_undone(operation, f"the run {place.run} took that back already, and it is not planned once more.")
    did = f"wrote {' and '.join(sorted(names))} once more" if names else "did the same again"
    stays = "what it wrote stays" if names else "what it did stays"
    return not_undone(operation, f"the later run {place.run} {did}, and {stays}. To take that back: reconcile undo {place.run}")
