"""Leaves out the rows that a reviewer rejected, while they say the same, and what depends on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconcile.decide.desired.group_renames import named_as_they_stay
from reconcile.decide.fragment import PlanFragment, operation_id
from reconcile.plan.impact import number_of
from reconcile.plan.model import ENDING, LOSING, Finding, FindingKind, Operation, Severity, Situation, Verb
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

    def accounts(self, target: str) -> frozenset[str]:
        """The accounts of which a row in a target is rejected."""
        return frozenset(each.account_id for each in self.rejections if each.target == target and each.account_id)

    def concerns_groups(self, target: str) -> bool:
        """Whether the creation or the name of a group in a target is rejected: any number of additions may depend on it, or say the name."""
        return any(each.target == target and each.verb in (Verb.CREATE_GROUP, Verb.UPDATE_GROUP) for each in self.rejections)

    def over(self, store: Store, target: str, *, grants_known: bool) -> list[str]:
        """The rejected rows whose cause is gone: the person should have by now what was to be taken, or should not have what was to be given back.

        Values before and after say nothing of why an account ends: a later end would be rejected with the one that was a mistake.
        """
        here = [each for each in self.rejections if each.target == target]
        found = _contradicted(store, [each for each in here if each.verb in _OF_STATE and each.anchor])
        return found + (_granted(store, [each for each in here if each.verb == Verb.REMOVE_MEMBER]) if grants_known else [])

    def without(self, target: str, fragment: PlanFragment) -> PlanFragment:
        """The fragment of a target without its rejected operations and what depends on them, with a finding for each rejection."""
        said = {each.operation_id: each for each in self.rejections if each.target == target}
        if not said and not self._left_out:
            return fragment
        found = _found(fragment.operations, said)
        self._left_out |= {each.id: each.id for each, _ in found}
        ends = {each.account_id: each.id for each, _ in found if each.verb in ENDING and each.account_id}
        self._add_steps_of_ends(fragment.operations, ends)
        self._add_depending(fragment.operations)
        stay = named_as_they_stay(fragment.operations, (each for each in fragment.operations if each.id not in self._left_out))
        depending: dict[str, int] = defaultdict(int)
        for operation, cause in self._left_out.items():
            depending[cause] += operation != cause
        findings = [_finding(each, rejection, depending[each.id]) for each, rejection in found]
        return replace(fragment, operations=stay, findings=(*fragment.findings, *findings), kept=frozenset(ends))

    def _add_steps_of_ends(self, operations: Iterable[Operation], ends: Mapping[str, str]) -> None:
        """Adds the removals that go with an end that is left out, by its account: one that is not ended keeps its memberships."""
        for each in operations if ends else ():
            if each.account_id in ends and _goes_with_an_end(each):
                self._left_out.setdefault(each.id, ends[each.account_id])

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


def _goes_with_an_end(operation: Operation) -> bool:
    """Whether a membership is taken because its person should have no working account."""
    return operation.verb is Verb.REMOVE_MEMBER and operation.because.situation not in (Situation.CONFIRMED, Situation.FOUND)


def _found(operations: Iterable[Operation], said: Mapping[str, Rejection]) -> list[tuple[Operation, Rejection]]:
    """The rejected ones of some operations. Where a row had an account it is known by that: the person may have another anchor by now."""
    of_account: dict[tuple[str, str], list[Rejection]] = defaultdict(list)
    for each in said.values():
        if each.account_id:
            of_account[each.account_id, each.verb].append(each)
    found = []
    for operation in operations:
        own = said.get(operation.id)
        known = [own] if own and not own.account_id else of_account.get((operation.account_id, operation.verb.value), ())
        if rejection := next((each for each in known if _says_the_same(operation, each)), None):
            found.append((operation, rejection))
    return found


def _says_the_same(operation: Operation, rejection: Rejection) -> bool:
    """Whether an operation on the same subject changes what was rejected. Of a membership only the id says the entitlement."""
    if fingerprint(operation) != rejection.fingerprint:
        return False
    return operation.verb not in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER) or rejection.operation_id in (
        operation.id,
        _membership_id(rejection, operation.verb, operation.entitlement_id),
    )


def _membership_id(rejection: Rejection, verb: Verb, entitlement_id: str) -> str:
    """The id that a change of a membership has under the anchor that the rejected person had."""
    return operation_id(rejection.target, verb, rejection.anchor or rejection.account_id, entitlement_id)


def _contradicted(store: Store, rejections: Sequence[Rejection]) -> list[str]:
    if not rejections:
        return []
    return [operation for (operation,) in store.rows("contradicted_rejections", **_columns(rejections))]


def _granted(store: Store, rejections: Sequence[Rejection]) -> list[str]:
    if not rejections:
        return []
    by_id = {each.operation_id: each for each in rejections}
    granted = store.rows("granted_again", **_columns(rejections))
    return sorted({id_ for id_, entitlement_id in granted if id_ == _membership_id(by_id[id_], Verb.REMOVE_MEMBER, entitlement_id)})


def _columns(rejections: Sequence[Rejection]) -> dict[str, list[str]]:
    rows = ((each.operation_id, each.verb, each.anchor, each.account_id) for each in rejections)
    return dict(zip(("operations", "verbs", "anchors", "accounts"), map(list, zip(*rows, strict=True)), strict=True))


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
            f"while it says the same. To plan it again: reconcile rejections --withdraw {rejection.operation_id}"
        ),
    )


def _changed(operation: Operation) -> str:
    """` (title, department)`: the attributes that an operation changes; for a membership its entitlement."""
    if operation.verb in (Verb.UPDATE, Verb.RENAME):
        return f" ({', '.join(operation.after)})"
    return f" ({operation.entitlement})" if operation.entitlement else ""


def _words(verb: Verb) -> str:
    return verb.value.replace("_", " ")
