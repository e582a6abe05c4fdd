"""Leaves out the rows that a reviewer rejected, while they say the same, and what depends on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from reconcile.decide.desired.group_renames import named_as_they_stay
from reconcile.decide.fragment import PlanFragment, operation_id
from reconcile.plan.impact import number_of
from reconcile.plan.model import ENDING, LOSING, Finding, FindingKind, Operation, Severity, Verb
from reconcile.plan.rejection import Rejection, fingerprint
from reconcile.store.connection import Store

_OF_STATE = ENDING | {Verb.REACTIVATE}
"""Verbs whose values before and after are the same, whatever asks for them."""


@dataclass(slots=True)
class Rejected:
    """The rejections of a project, applied target by target in the order in which targets are decided."""

    rejections: Sequence[Rejection]
    _left_out: dict[str, str] = field(default_factory=dict)
    """By operation that is left out: the rejected one that it is, or depends on."""

    def anchors(self, target: str) -> frozenset[str]:
        """The people of whom a row in a target is rejected."""
        return frozenset(each.anchor for each in self.rejections if each.target == target and each.anchor)

    def concerns_groups(self, target: str) -> bool:
        """Whether the creation or the name of a group in a target is rejected: any number of additions may depend on it, or say the name."""
        return any(each.target == target and each.verb in (Verb.CREATE_GROUP, Verb.UPDATE_GROUP) for each in self.rejections)

    def over(self, store: Store, target: str, *, grants_known: bool) -> list[str]:
        """The rejected rows whose cause is gone: the person should have by now what was to be taken, or should not have what was to be given back.

        Values before and after say nothing of why an account ends: a later end would be rejected with the one that was a mistake.
        """
        here = [each for each in self.rejections if each.target == target]
        found = _contradicted(store, [each for each in here if each.verb in _OF_STATE and each.anchor])
        return found + (_granted(store, target, [each for each in here if each.verb == Verb.REMOVE_MEMBER]) if grants_known else [])

    def without(self, target: str, fragment: PlanFragment) -> PlanFragment:
        """The fragment of a target without its rejected operations and what depends on them, with a finding for each rejection."""
        said = {each.operation_id: each for each in self.rejections if each.target == target}
        if not said and not self._left_out:
            return fragment
        found = {each.id: each for each in fragment.operations if each.id in said and fingerprint(each) == said[each.id].fingerprint}
        self._left_out |= {id_: id_ for id_ in found}
        self._add_depending(fragment.operations)
        stay = named_as_they_stay(fragment.operations, (each for each in fragment.operations if each.id not in self._left_out))
        depending: dict[str, int] = defaultdict(int)
        for operation, cause in self._left_out.items():
            depending[cause] += operation != cause
        findings = [_finding(each, said[each.id], depending[each.id]) for each in found.values()]
        return replace(fragment, operations=stay, findings=(*fragment.findings, *findings))

    def _add_depending(self, operations: Iterable[Operation]) -> None:
        """Adds the operations that depend on one that is left out, directly or through others."""
        waiting = defaultdict(list)
        for operation in operations:
            for needed in operation.depends_on:
                waiting[needed].append(operation.id)
        ahead = list(self._left_out)
        while ahead:
            needed = ahead.pop()
            for each in waiting.get(needed, ()):
                if each not in self._left_out:
                    self._left_out[each] = self._left_out[needed]
                    ahead.append(each)


def _contradicted(store: Store, rejections: Sequence[Rejection]) -> list[str]:
    if not rejections:
        return []
    operations, verbs, anchors = (
        list(column) for column in zip(*((each.operation_id, each.verb, each.anchor) for each in rejections), strict=True)
    )
    return [str(operation) for (operation,) in store.rows("contradicted_rejections", operations=operations, verbs=verbs, anchors=anchors)]


def _granted(store: Store, target: str, rejections: Sequence[Rejection]) -> list[str]:
    if not rejections:
        return []
    rows = store.rows("grants_of_people", anchors=sorted({each.anchor for each in rejections}))
    granted = {operation_id(target, Verb.REMOVE_MEMBER, anchor, entitlement_id) for anchor, entitlement_id in rows}
    return sorted(granted.intersection(each.operation_id for each in rejections))


def _finding(operation: Operation, rejection: Rejection, depending: int) -> Finding:
    with_it = f", with {number_of(depending, 'operation')} that {'depends' if depending == 1 else 'depend'} on it" if depending else ""
    return Finding(
        kind=FindingKind.REJECTED,
        # Access that outlives its person stays a matter to look at.
        severity=Severity.ATTENTION if operation.verb in LOSING else Severity.NOTE,
        target=operation.target,
        anchor=operation.anchor,
        account_id=operation.account_id,
        who=operation.who,
        message=(
            f"{rejection.subject}: {_words(operation.verb)}{_changed(operation)} was {rejection.reason}. It is not planned{with_it} "
            f"while it says the same. To plan it again: reconcile rejections --withdraw {operation.id}"
        ),
    )


def _changed(operation: Operation) -> str:
    """` (title, department)`: the attributes that an operation changes; for a membership its entitlement."""
    if operation.verb in (Verb.UPDATE, Verb.RENAME):
        return f" ({', '.join(operation.after)})"
    return f" ({operation.entitlement})" if operation.entitlement else ""


def _words(verb: Verb) -> str:
    return verb.value.replace("_", " ")
