"""The execution order of operations: leavers first, removals and then deletions last, nothing before what it waits for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import TypeAlias

from reconcile.plan.model import ENDING, Operation, Verb

_PHASES = (
    {Verb.REVOKE_SESSIONS},
    {Verb.DEACTIVATE, Verb.SUSPEND},
    {Verb.UPDATE_GROUP},
    {Verb.CREATE_GROUP},
    {Verb.CREATE},
    {Verb.REACTIVATE},
    {Verb.RENAME},
    {Verb.UPDATE},
    {Verb.UNLOCK, Verb.RESET_FACTORS, Verb.RESET_PASSWORD, Verb.TEMPORARY_PASSWORD, Verb.EXPIRE_PASSWORD, Verb.RESEND_ACTIVATION},
    {Verb.ADD_MEMBER},
    {Verb.REMOVE_MEMBER},
    {Verb.DELETE},
    {Verb.DELETE_GROUP},
)
"""The verbs in their order; before all of them go the memberships of those who leave."""


_PHASE_OF = {verb: phase for phase, verbs in enumerate(_PHASES, 1) for verb in verbs}

Place: TypeAlias = tuple[int, int]
"""The phase of an operation, and its depth among those of its phase that wait for one another."""
ADDITIONS = (_PHASE_OF[Verb.ADD_MEMBER], 0)
"""The place of additions of memberships that wait for no other phase."""


def place_of_verb(verb: Verb) -> int:
    """The phase of the operations of a verb, from 1."""
    return _PHASE_OF[verb]


def ordered(operations: Iterable[Operation], given: Mapping[str, Place] | None = None) -> tuple[Operation, ...]:
    """The operations in their order: total, and the same for any order they come in. `given`: the place of each, where it is known."""
    each = list(operations)
    place = places(each) if given is None else given
    # The least significant member first: sorting keeps the order of equals, and needs no key of its own for each of millions.
    for member in ("id", "entitlement", "account_id", "anchor", "target"):
        each.sort(key=attrgetter(member))
    each.sort(key=lambda operation: place[operation.id])
    return tuple(each)


def places(operations: Iterable[Operation], known: Mapping[str, Place] = MappingProxyType({})) -> dict[str, Place]:
    """The place of each operation by id. `known`: those of other operations that some of these wait for."""
    by_id = {operation.id: operation for operation in operations}
    leaving = {(each.target, each.account_id) for each in by_id.values() if each.verb in ENDING}
    found = dict(known)
    one: dict[Place, Place] = {}
    ahead = []
    for operation in by_id.values():
        if operation.depends_on:
            ahead.append(operation.id)
        else:
            place = _phase(operation, leaving=(operation.target, operation.account_id) in leaving), 0
            found[operation.id] = one.setdefault(place, place)
    # Thousands can wait for one another in a chain: deeper than functions can call one another.
    while ahead:
        operation = by_id[ahead[-1]]
        needed = [each for each in operation.depends_on if each in by_id or each in known]
        if waiting := [each for each in needed if each not in found]:
            ahead += waiting
            continue
        ahead.pop()
        phase, depth = _phase(operation, leaving=(operation.target, operation.account_id) in leaving), 0
        for needed_phase, needed_depth in (found[each] for each in needed):
            if needed_phase >= phase:
                depth = max(depth if needed_phase == phase else 0, needed_depth + 1)
                phase = needed_phase
        found[operation.id] = one.setdefault((phase, depth), (phase, depth))
    return found


def in_phases(operations: Iterable[Operation], leaving: Collection[str]) -> Iterator[tuple[int, Operation]]:
    """The operations of one target in their order, each with its phase: those of one phase may be under way together.

    `leaving`: the accounts whose use they end. An operation that depends on one of a later phase stands after it, so the phase of each is the
    highest one so far.
    """
    phase = 0
    for operation in operations:
        phase = max(phase, _phase(operation, leaving=operation.account_id in leaving))
        yield phase, operation


def _phase(operation: Operation, *, leaving: bool) -> int:
    if leaving and operation.verb is Verb.REMOVE_MEMBER:
        return 0
    return place_of_verb(operation.verb)


def waits_for_others(operation: Operation) -> bool:
    """Whether it is about an account or a group that the plan creates or a group that it empties, so that there is nothing to look at yet."""
    match operation.verb:
        case Verb.CREATE | Verb.CREATE_GROUP | Verb.UPDATE_GROUP:
            return False
        case Verb.DELETE_GROUP:
            return bool(operation.depends_on)
        case _:
            return not operation.account_id or (operation.verb is Verb.ADD_MEMBER and not operation.entitlement_id)
