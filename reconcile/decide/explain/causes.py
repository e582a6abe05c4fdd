"""Common causes of the operations of a kind: a department, a rule, an attribute, a group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from reconcile.decide.explain.source_changes import Change
from reconcile.decide.fragment import TargetContext
from reconcile.decide.guards.facts import LOSING, MEMBERSHIPS, traits_of
from reconcile.plan.model import CHANGING, ENDING, Cause, CauseKind, LifecycleState, Operation, Verb
from reconcile.store.connection import Store

LEAST = 5
"""Fewer people than this are read one by one."""
STATE = "state"
"""The column of an identity that says where the person stands at the clock."""


def find_causes(
    store: Store,
    view: TargetContext,
    attributes: Sequence[str],
    operations: Sequence[Operation],
    changed: Mapping[str, frozenset[Change]],
) -> tuple[Cause, ...]:
    """What more than half of the operations of each verb share, in the target.

    The memberships that go with an account are no question of their own.
    """
    ending = {operation.account_id for operation in operations if operation.verb in ENDING}
    each = [one for one in operations if one.verb is not Verb.REMOVE_MEMBER or one.account_id not in ending]
    groups = [group for verb in Verb if len((group := _group(view, verb, each)).subjects) >= LEAST]
    if not groups:
        return ()
    anchors = sorted({anchor for group in groups for anchor in group.subjects})
    traits = traits_of(store, [*attributes, STATE], anchors)
    states = traits.pop(STATE)
    shared = [cause for group in groups for cause in group.people(traits)]
    explaining = _explaining(store, shared)
    news = {group.verb: _still_there(store, group.change(changed)) for group in groups}
    return tuple(
        cause
        for group in groups
        for cause in (*explaining.get(group.verb, ()), *news[group.verb], *group.rule(states), *group.attribute(), *group.entitlement())
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """The operations of one verb."""

    view: TargetContext
    verb: Verb
    operations: Sequence[Operation]
    subjects: frozenset[str]
    """The people concerned, by anchor; an account of nobody by its id."""

    def people(self, traits: Mapping[str, Mapping[str, str]]) -> list[Cause]:
        """For each identity attribute the value that more than half of them have."""
        tallies = ((name, Counter(of[anchor] for anchor in self.subjects if anchor in of)) for name, of in traits.items())
        return [cause for name, tally in tallies for cause in self._most(CauseKind.PEOPLE, name, tally)]

    def change(self, changed: Mapping[str, frozenset[Change]]) -> list[Cause]:
        """What became of one attribute of more than half of them with the last read of their source."""
        tally = Counter(change for anchor in self.subjects for change in changed.get(anchor, ()))
        ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
        return [
            replace(cause, was=change.before)
            for change, count in ranked[:1]
            for cause in self._most(CauseKind.CHANGE, change.attribute, {change.after: count})
        ]

    def rule(self, states: Mapping[str, str]) -> list[Cause]:
        """Those who work and lose their account all the same: it is the mapping that lets them go."""
        if self.verb not in LOSING:
            return []
        kept = sum(states.get(anchor) == LifecycleState.ACTIVE for anchor in self.subjects)
        return self._most(CauseKind.WHO, "who", Counter({self.view.mapping.eligible: kept}))

    def attribute(self) -> list[Cause]:
        if self.verb not in CHANGING:
            return []
        return self._most(CauseKind.ATTRIBUTE, "", self._tally(lambda operation: operation.after))

    def entitlement(self) -> list[Cause]:
        if self.verb not in MEMBERSHIPS:
            return []
        return self._most(CauseKind.ENTITLEMENT, "", self._tally(lambda operation: [operation.entitlement or operation.entitlement_id]))

    def _tally(self, values: Callable[[Operation], Iterable[str]]) -> Counter[str]:
        """How many different people have each value."""
        people: dict[str, set[str]] = defaultdict(set)
        for operation in self.operations:
            for value in values(operation):
                people[value].add(_subject(operation))
        return Counter({value: len(found) for value, found in people.items()})

    def _most(self, kind: CauseKind, name: str, tally: Mapping[str, int]) -> list[Cause]:
        ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
        return [
            Cause(target=self.view.name, verb=self.verb, kind=kind, name=name or value, value=value, explained=count, of=len(self.subjects))
            for value, count in ranked[:1]
            if 2 * count > len(self.subjects)
        ]


def _group(view: TargetContext, verb: Verb, operations: Iterable[Operation]) -> _Group:
    found = [operation for operation in operations if operation.verb is verb]
    return _Group(view, verb, found, frozenset(map(_subject, found)))


def _subject(operation: Operation) -> str:
    return operation.anchor or operation.account_id


def _explaining(store: Store, shared: Sequence[Cause]) -> dict[Verb, list[Cause]]:
    """Of what people share, for each verb what explains it best: what many of them have, and few others.

    What is as common in the whole company explains nothing.
    """
    store.do("make_people_of_target")
    everybody, sizes = store.expressions.tally("person_of_target", [(cause.name, cause.value) for cause in shared])
    best: dict[Verb, list[Cause]] = {}
    for cause, people in zip(shared, sizes, strict=True):
        found = replace(cause, people=max(people, cause.explained))
        rare = 2 * found.explained * everybody >= 3 * found.of * found.people
        if rare and (found.verb not in best or _weight(found) > _weight(best[found.verb][0])):
            best[found.verb] = [found]
    return best


def _still_there(store: Store, changes: Sequence[Cause]) -> list[Cause]:
    """The changes, each with how many people have still what these had before."""
    if not changes:
        return []
    _, people = store.expressions.tally("person_of_target", [(cause.name, cause.was) for cause in changes])
    return [replace(cause, people=still) for cause, still in zip(changes, people, strict=True)]


def _weight(cause: Cause) -> Fraction:
    return Fraction(cause.explained * cause.explained, cause.people)
