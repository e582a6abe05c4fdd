"""The sizes that the requests of an apply depend on, by target: counts alone, so that a plan may have millions of operations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from connectors.contract import EntitlementKind
from reconcile.plan.model import ENDING, Operation, Verb
from reconcile.plan.operation_rows import OperationRows
from reconcile.plan.ordering import waits_for_others
from reconcile.store.plans.tables import PlanTables, StoredOperations

Members: TypeAlias = Mapping[tuple[str, str], int]
"""Members of groups, by target and id."""
Along: TypeAlias = Mapping[str, int]
"""By target that creates accounts together with memberships of groups, how many of them one creation takes."""
NOWHERE: Along = MappingProxyType({})


class WorkClass(NamedTuple):
    """Operations that cost the same."""

    verb: Verb
    opening: str
    """The opening of a creation; else empty."""
    kind: str
    """The kind of the entitlement; else empty."""
    waits: bool
    """Whether what they are about does not exist before the run."""


class BatchClass(NamedTuple):
    """Batches of memberships of as many accounts each."""

    verb: Verb
    leaving: bool
    """Whether they are removals from accounts whose use the plan ends, which go before all others."""
    memberships: int
    members: int = 0
    """Members of the group before; 0 where they are not known."""


@dataclass(slots=True)
class WorkSizes:
    """The sizes of one target."""

    classes: Counter[WorkClass] = field(default_factory=Counter)
    searches: Counter[str] = field(default_factory=Counter)
    """By attribute, how often an account is searched before one is created; an empty name is the login's."""
    batches: Counter[BatchClass] = field(default_factory=Counter)
    """Number of batches of each size; a batch of one goes alone."""
    reads: Counter[int] = field(default_factory=Counter)
    """By number of accounts that no earlier batch has read, how many batches read so many."""

    new_members: int = 0
    """Accounts that are created together with memberships. Those are in no batch."""
    groups: int = 0
    """Groups that are there and gain members, by their ids."""
    new_groups: int = 0
    """Groups that the plan creates and that gain members, by their names."""

    @property
    def operations(self) -> int:
        """The number of all operations."""
        return self.classes.total()


def work_sizes(
    operations: OperationRows,
    rows: Iterable[Operation],
    gathered: int,
    members: Members = MappingProxyType({}),
    along: Along = NOWHERE,
) -> Mapping[str, WorkSizes]:
    """The sizes by target.

    `rows`: the same operations; `gathered`: how many memberships are put together at once; `members`: of groups.
    """
    if isinstance(operations, StoredOperations):
        return _stored(operations.tables, gathered, members, along)
    return _in_memory(list(rows), gathered, members, along)


def _stored(tables: PlanTables, gathered: int, members: Members, along: Along) -> Mapping[str, WorkSizes]:
    found: dict[str, WorkSizes] = defaultdict(WorkSizes)
    for target, verb, opening, kind, waits, count in tables.rows("work_classes"):
        found[target].classes[WorkClass(Verb(verb), opening, kind, waits)] = count
    for target, attribute, count in tables.rows("work_searches"):
        found[target].searches[attribute] = count
    known = {"targets": [target for target, _ in members], "groups": [group for _, group in members], "members": list(members.values())}
    put_together = {"gathered": gathered, "along": list(along), "most": list(along.values())}
    tables.do("make_batched_memberships")
    for target, verb, leaving, memberships, held, count in tables.rows("work_batches", **known, **put_together):
        found[target].batches[BatchClass(Verb(verb), leaving, memberships, held)] = count
    for target, accounts, count in tables.rows("work_reads", **put_together):
        found[target].reads[accounts] = count
    for target, accounts in tables.rows("work_new_members", along=sorted(along)):
        found[target].new_members = accounts
    for target, groups, new_groups in tables.rows("work_groups"):
        found[target].groups, found[target].new_groups = groups, new_groups
    return found


def _in_memory(rows: Sequence[Operation], gathered: int, members: Members, along: Along) -> Mapping[str, WorkSizes]:
    found: dict[str, WorkSizes] = defaultdict(WorkSizes)
    for each in rows:
        opening = each.opening.value if each.verb is Verb.CREATE else ""
        found[each.target].classes[WorkClass(each.verb, opening, each.entitlement_kind, waits_for_others(each))] += 1
        if each.verb is Verb.CREATE:
            found[each.target].searches.update([key.attribute for key in each.absent] or [""])
    for target, id_, _ in {
        (each.target, each.entitlement_id, each.entitlement_id or each.entitlement) for each in rows if _joins_a_group(each)
    }:
        found[target].groups += bool(id_)
        found[target].new_groups += not id_
    new = _going_along(rows, along)
    for target, _ in {(rows[position].target, rows[position].anchor) for position in new}:
        found[target].new_members += 1
    for (target, verb, leaving), memberships in _by_phase(rows, new).items():
        for batches in _parts(memberships, gathered):
            for batch in batches:
                held = members.get((target, _group(batch[0])), 0)
                found[target].batches[BatchClass(verb, leaving, len(batch), held)] += 1
            found[target].reads.update(_first_reads(batches))
    return found


def _joins_a_group(each: Operation) -> bool:
    return each.verb is Verb.ADD_MEMBER and each.entitlement_kind == EntitlementKind.GROUP


_Phase = tuple[str, Verb, bool]


def _going_along(rows: Sequence[Operation], along: Along) -> set[int]:
    """The positions of the memberships that go along with the creation of their account: the first ones, as many as it takes."""
    found: set[int] = set()
    taken: Counter[tuple[str, str]] = Counter()
    for position, each in enumerate(rows):
        new = each.verb is Verb.ADD_MEMBER and not each.account_id and each.entitlement_kind == EntitlementKind.GROUP
        if new and taken[each.target, each.anchor] < along.get(each.target, 0):
            taken[each.target, each.anchor] += 1
            found.add(position)
    return found


def _by_phase(rows: Sequence[Operation], going_along: Collection[int]) -> Mapping[_Phase, Mapping[int, Operation]]:
    """The memberships of groups by target and phase, each with its position."""
    leaving = {(each.target, each.account_id) for each in rows if each.verb in ENDING}
    found: dict[_Phase, dict[int, Operation]] = defaultdict(dict)
    for position, each in enumerate(rows):
        if position in going_along:
            continue
        if each.verb in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER) and each.entitlement_kind == EntitlementKind.GROUP:
            goes = each.verb is Verb.REMOVE_MEMBER and (each.target, each.account_id) in leaving
            found[each.target, each.verb, goes][position] = each
    return found


def _parts(memberships: Mapping[int, Operation], gathered: int) -> Iterator[list[list[Operation]]]:
    """The batches that are put together at once."""
    begun = min(memberships)
    parts: dict[int, dict[str, list[Operation]]] = defaultdict(lambda: defaultdict(list))
    for position, each in memberships.items():
        parts[(position - begun) // gathered][_group(each)].append(each)
    return (list(batches.values()) for batches in parts.values())


def _group(each: Operation) -> str:
    return each.entitlement_id or each.entitlement


def _first_reads(batches: Iterable[Sequence[Operation]]) -> Iterator[int]:
    """The number of accounts that each batch reads first, without those that read none."""
    seen: set[Hashable] = set()
    for batch in batches:
        new = {each.account_id or each.anchor for each in batch} - seen if len(batch) > 1 else set()
        seen |= new
        if new:
            yield len(new)
