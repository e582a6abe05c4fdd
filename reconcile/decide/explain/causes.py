"""Common causes of the operations of a kind: a department, a rule, an attribute, a group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from reconcile.decide.changes.bulk_additions import BulkAdditions
from reconcile.decide.explain.source_changes import Change
from reconcile.decide.fragment import TargetContext
from reconcile.decide.guards.facts import MEMBERSHIPS
from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.model import CHANGING, ENDING, LOSING, Cause, LifecycleState, Operation, Verb
from reconcile.store.connection import Store
from reconcile.store.values import quoted

LEAST = 5
"""Fewer people than this are read one by one."""
STATE = "state"
"""The column of an identity that says where the person stands at the clock."""


def find_causes(  # noqa: PLR0913 - one thing that is known a parameter
    store: Store,
    view: TargetContext,
    attributes: Sequence[str],
    operations: Sequence[Operation],
    changed: Callable[[], Mapping[str, frozenset[Change]]],
    *,
    bulk: BulkAdditions | None = None,
) -> tuple[Cause, ...]:
    """Finds the properties that more than half of the operations of each verb in the target share.

    The memberships that go with an account are no question of their own. `changed` is asked only where a verb has so many operations that a cause
    is looked for.
    """
    ending = {operation.account_id for operation in operations if operation.verb in ENDING}
    of_verb: dict[Verb, list[Operation]] = {verb: [] for verb in Verb}
    for one in operations:
        if one.verb is not Verb.REMOVE_MEMBER or one.account_id not in ending:
            of_verb[one.verb].append(one)
    beside = _Bulk(bulk.anchors(store), bulk.names(store)) if bulk else _Bulk()
    made = (_group(view, verb, found, beside if verb is Verb.ADD_MEMBER else _Bulk()) for verb, found in of_verb.items())
    groups = [group for group in made if len(group.subjects) >= LEAST]
    if not groups:
        return ()
    commonest, working = _traits(store, attributes, groups)
    shared = [cause for group in groups for cause in group.people(commonest)]
    explaining = _explaining(store, shared)
    news = {group.verb: _still_there(store, group.change(changed())) for group in groups}
    return tuple(
        cause
        for group in groups
        for cause in (*explaining.get(group.verb, ()), *news[group.verb], *group.rule(working), *group.attribute(), *group.entitlement())
    )


@dataclass(frozen=True, slots=True)
class _Bulk:
    """Additions of memberships that are no operations by themselves."""

    anchors: frozenset[str] = frozenset()
    names: Mapping[str, int] = field(default_factory=dict)
    """By the name of an entitlement, how many people are added to it."""


@dataclass(frozen=True, slots=True)
class _Group:
    """The operations of one verb."""

    view: TargetContext
    verb: Verb
    operations: Sequence[Operation]
    subjects: frozenset[str]
    """The people concerned, by anchor; an account without a person by its id."""
    bulk: _Bulk = field(default_factory=_Bulk)

    def people(self, commonest: Mapping[Verb, Sequence[tuple[str, str, int]]]) -> list[Cause]:
        """For each identity attribute the value that more than half of them have."""
        found = commonest.get(self.verb, ())
        return [cause for name, value, count in found for cause in self._most(CauseKind.PEOPLE, name, {value: count})]

    def change(self, changed: Mapping[str, frozenset[Change]]) -> list[Cause]:
        """The change of one attribute of more than half of them with the last read of their source."""
        tally = Counter(change for anchor in self.subjects for change in changed.get(anchor, ()))
        ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
        return [
            replace(cause, was=change.before)
            for change, count in ranked[:1]
            for cause in self._most(CauseKind.CHANGE, change.attribute, {change.after: count})
        ]

    def rule(self, working: Mapping[Verb, int]) -> list[Cause]:
        """The people who work and lose their account all the same: it is the mapping that lets them go."""
        if self.verb not in LOSING:
            return []
        return self._most(CauseKind.WHO, "who", {self.view.mapping.eligible: working.get(self.verb, 0)})

    def attribute(self) -> list[Cause]:
        if self.verb not in CHANGING:
            return []
        return self._most(CauseKind.ATTRIBUTE, "", self._tally(lambda operation: operation.after))

    def entitlement(self) -> list[Cause]:
        if self.verb not in MEMBERSHIPS:
            return []
        named = self._tally(lambda operation: [operation.entitlement or operation.entitlement_id])
        return self._most(CauseKind.ENTITLEMENT, "", named + Counter(self.bulk.names))

    def _tally(self, values: Callable[[Operation], Iterable[str]]) -> Counter[str]:
        """Counts the distinct people with each value."""
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


def _group(view: TargetContext, verb: Verb, operations: Sequence[Operation], bulk: _Bulk) -> _Group:
    return _Group(view, verb, operations, bulk.anchors.union(map(_subject, operations)), bulk)


def _traits(
    store: Store, attributes: Sequence[str], groups: Sequence[_Group]
) -> tuple[Mapping[Verb, Sequence[tuple[str, str, int]]], Mapping[Verb, int]]:
    """By verb: for each identity attribute the value that most of its people have, with their number; and how many of them work."""
    # On a first night those who get an account and those who gain memberships are the same people.
    alike: dict[frozenset[str], list[Verb]] = defaultdict(list)
    for group in groups:
        alike[group.subjects].append(group.verb)
    verbs = {same[0]: same for same in alike.values()}
    subjects = [(same[0].value, anchor) for people, same in alike.items() for anchor in sorted(people)]
    names = [*attributes, STATE]
    common: dict[Verb, list[tuple[str, str, int]]] = defaultdict(list)
    with store.schemas.step():
        store.relations.put("cause_subject", ("verb", "anchor"), subjects)
        del subjects
        store.do("make_people_of_causes")
        store.relations.derive_list("trait", "person_of_causes", "anchor", [quoted(name) for name in names])
        for first, position, value, people in store.rows("commonest_traits", most=len(attributes)):
            for verb in verbs[Verb(first)]:
                common[verb].append((names[position - 1], value, people))
        found = store.rows("working_subjects", position=len(names), state=LifecycleState.ACTIVE)
        working = {verb: people for first, people in found for verb in verbs[Verb(first)]}
    return common, working


def _subject(operation: Operation) -> str:
    return operation.anchor or operation.account_id


def _explaining(store: Store, shared: Sequence[Cause]) -> dict[Verb, list[Cause]]:
    """The shared trait that explains each verb best: what many of them have, and few others.

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
