"""The inverse of a live run: the operations that put back what the run did, in the reverse order, and what cannot be put back.

It is computed from the plan and its outcomes alone, a batch of steps at a time: each with all steps that decide about it (`RunSteps`). Only
what the run itself did is undone; whether the world is still as the run left it is compared row by row when the inverse is applied, as for any plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from connectors.contract import AccountState, Opening, Value
from reconcile.decide.changes.opening import WORKING
from reconcile.decide.fragment import operation_id
from reconcile.decide.undo.chosen import LeftOut, chosen, left_out
from reconcile.decide.undo.irreversible import UndoStep
from reconcile.forms import comparable
from reconcile.plan.model import CHANGING, Operation, OutcomeKind, Verb
from reconcile.plan.next_run import without_next_run
from reconcile.plan.ordering import Place, ordered, places
from reconcile.plan.placeholders import completes_creation
from reconcile.plan.undo_rule import undo_rule
from reconcile.store.plans.run_steps import RunStep

Group = tuple[str, str]
"""A target and the id of a group."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows of an undo that are wanted."""

    only: Collection[str] | None = None
    """Ids of rows; None: all."""
    without: Callable[[Sequence[Operation]], Collection[str]] = lambda _operations: ()
    """Returns the ids of rows that are left out, with what waits for them, for reasons that findings of the caller state."""


@dataclass(frozen=True, slots=True)
class UndoPart:
    """The undoing of some steps."""

    operations: tuple[Operation, ...]
    places: Mapping[str, Place]
    """Place of each in the order of a plan, by its id."""
    steps: Sequence[UndoStep]
    """Steps that findings may be about."""
    left_out: LeftOut


def inverse(run: str, steps: Sequence[RunStep], deleted: Collection[Group], wanted: Wanted) -> UndoPart:
    """The undoing of some steps of a run, in the order of their plan. `deleted`: the groups that the run deleted."""
    kept = _values_kept(steps)
    turned = {
        step.operation.id: back
        for step in steps
        if step.done and _entitlement(step.operation) not in deleted and (back := _back(run, step, kept[step.operation.id]))
    }
    inverses = list(_identified(steps, _waiting(steps, turned)))
    place = places(inverses)
    whole = ordered(inverses, place)
    every = chosen(whole, {each.id for each in whole}.difference(wanted.without(whole)))
    stay = {each.id for each in whole}.difference(each.id for each in every)
    steps = [step for step in steps if step.operation.id not in turned or turned[step.operation.id].id not in stay]
    operations = chosen(every, wanted.only)
    ids = {each.id for each in operations}
    return UndoPart(
        operations,
        place,
        [
            UndoStep(step.operation, step.outcome, _undone(step, turned, ids), tuple(sorted(kept[step.operation.id])), step.position)
            for step in _concerned(steps, turned, operations, wanted.only)
        ],
        left_out(every, operations, wanted.only),
    )


def _undone(step: RunStep, turned: Mapping[str, Operation], wanted: Collection[str]) -> bool:
    back = turned.get(step.operation.id)
    return back is not None and back.id in wanted


def _concerned(
    steps: Sequence[RunStep], turned: Mapping[str, Operation], operations: Iterable[Operation], only: Collection[str] | None
) -> Sequence[RunStep]:
    """The steps that are undone, and those of the same accounts that nothing undoes; all where everything is wanted."""
    if only is None:
        return steps
    each = list(operations)
    wanted, accounts = {one.id for one in each}, {_place(one) for one in each if one.account_id}
    return [
        step
        for step in steps
        if _undone(step, turned, wanted)
        or (step.operation.id not in turned and (step.operation.target, step.outcome.account_id or step.operation.account_id) in accounts)
    ]


def _back(run: str, step: RunStep, kept: frozenset[str]) -> Operation | None:
    """The operation that undoes one step; None where none does."""
    before = step.operation.before.get("state")
    match step.operation.verb:
        case Verb.CREATE:
            made = AccountState.STAGED if step.operation.opening is Opening.LATER else AccountState.ACTIVE
            return _state(run, step, Verb.DEACTIVATE, made.value, AccountState.DEACTIVATED)
        case Verb.DEACTIVATE | Verb.SUSPEND:
            now = step.operation.after["state"]
            return _state(run, step, Verb.REACTIVATE, str(now), AccountState.ACTIVE) if before in WORKING else None
        case Verb.REACTIVATE:
            suspended = before == AccountState.SUSPENDED
            verb, state = (Verb.SUSPEND, AccountState.SUSPENDED) if suspended else (Verb.DEACTIVATE, AccountState.DEACTIVATED)
            return _state(run, step, verb, AccountState.ACTIVE.value, state)
        case Verb.RENAME | Verb.UPDATE if not completes_creation(step.operation):
            names = [name for name in step.operation.after if name not in kept]
            before_and_after = ({name: side[name] for name in names} for side in (step.operation.after, step.operation.before))
            return _turned(run, step, step.operation.verb, *before_and_after) if names else None
        case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER | Verb.UPDATE_GROUP:
            verb = {Verb.ADD_MEMBER: Verb.REMOVE_MEMBER, Verb.REMOVE_MEMBER: Verb.ADD_MEMBER}.get(step.operation.verb, Verb.UPDATE_GROUP)
            return _turned(run, step, verb, step.operation.after, step.operation.before)
        case (
            Verb.RENAME
            | Verb.UPDATE
            | Verb.DELETE
            | Verb.CREATE_GROUP
            | Verb.DELETE_GROUP
            | Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            # An update that completes a creation goes with its account, which is deactivated.
            return None
        case _:
            assert_never(step.operation.verb)


def _state(run: str, step: RunStep, verb: Verb, before: str, after: AccountState) -> Operation:
    return _turned(run, step, verb, {"state": before}, {"state": after.value})


def _turned(run: str, step: RunStep, verb: Verb, before: Mapping[str, Value], after: Mapping[str, Value]) -> Operation:
    done = step.operation
    return replace(
        done,
        id=operation_id(done.target, verb, done.anchor or done.account_id, f"undo {done.id}"),
        verb=verb,
        account_id=step.outcome.account_id or done.account_id,
        entitlement_id=step.outcome.entitlement_id or done.entitlement_id,
        entitlement=str(done.after.get("name", done.entitlement)) if verb is Verb.UPDATE_GROUP else done.entitlement,
        before=dict(before),
        after=dict(after),
        absent=(),
        placeholders={},
        opening=Opening.SILENT,
        because=replace(
            done.because,
            rule=undo_rule(done.target, run),
            detail=f"Undoes {done.verb.value} in {run}: {without_next_run(done.because.detail)}",
        ),
        depends_on=(),
    )


def _waiting(steps: Sequence[RunStep], turned: Mapping[str, Operation]) -> Iterable[Operation]:
    """The inverse operations, each after those that undo what came after it, and after what makes its account active again."""
    after: dict[str, set[str]] = defaultdict(set)
    awake = {(each.target, each.account_id): each.id for each in turned.values() if each.verb is Verb.REACTIVATE}
    for step in steps:
        back = turned.get(step.operation.id)
        if back is None:
            continue
        if back.verb in (Verb.ADD_MEMBER, *CHANGING) and (back.target, back.account_id) in awake:
            after[back.id].add(awake[back.target, back.account_id])
        if back.verb is not Verb.REMOVE_MEMBER:
            # Removals stand before whatever ends an account anyway, and one that fails must not keep the account working.
            for needed in step.operation.depends_on:
                if needed in turned:
                    after[turned[needed].id].add(back.id)
    return (replace(each, depends_on=tuple(sorted(after[each.id]))) for each in turned.values())


def _identified(steps: Sequence[RunStep], inverses: Iterable[Operation]) -> Iterable[Operation]:
    """The inverse operations, each with what identified its account after the run: as it was before, and what the run wrote on it."""
    left: dict[tuple[str, str], dict[str, Value]] = {}
    for step in steps:
        if not (id_ := step.outcome.account_id or step.operation.account_id):
            continue
        account = left.setdefault((step.operation.target, id_), dict(step.operation.account))
        if step.operation.verb in CHANGING and step.outcome.kind in (OutcomeKind.DONE, OutcomeKind.ALREADY):
            account |= {name: value for name, value in step.operation.after.items() if name in account}
    each = list(inverses)
    ended = {
        _place(one) for one in (*(step.operation for step in steps if step.done), *each) if one.verb is Verb.DEACTIVATE or one.deactivated
    }
    closed = ended - {_place(one) for one in each if one.verb is Verb.REACTIVATE}
    return [
        replace(one, account=left.get(_place(one), one.account), deactivated=_place(one) in closed and bool(one.account_id)) for one in each
    ]


def _entitlement(operation: Operation) -> tuple[str, str]:
    return operation.target, operation.entitlement_id


def _place(operation: Operation) -> tuple[str, str]:
    return operation.target, operation.account_id


def _values_kept(steps: Sequence[RunStep]) -> Mapping[str, frozenset[str]]:
    """By operation, the attributes whose earlier value cannot come back: an account that the run made took it and keeps it."""
    by_id = {step.operation.id: step for step in steps}
    kept: dict[str, set[str]] = defaultdict(set)
    for step in reversed(steps):
        taken = set(step.operation.after) if _stays(step) else kept[step.operation.id]
        for needed in (by_id[each] for each in step.operation.depends_on if each in by_id):
            freed = needed.operation
            if freed.verb in CHANGING and needed.done:
                same = freed.account_id == step.operation.account_id
                kept[freed.id] |= {name for name in taken & set(freed.before) if same or _same_value(freed, step.operation, name)}
    return defaultdict(frozenset, {id_: frozenset(names) for id_, names in kept.items()})


def _stays(step: RunStep) -> bool:
    """Whether what an operation wrote is there, or may be, and nothing takes it back."""
    match step.operation.verb:
        case Verb.CREATE:
            return bool(step.outcome.account_id) or step.outcome.kind is OutcomeKind.UNKNOWN
        case Verb.RENAME | Verb.UPDATE:
            return step.outcome.kind is OutcomeKind.UNKNOWN
        case _:
            return False


def _same_value(freed: Operation, taken: Operation, name: str) -> bool:
    return comparable(str(freed.before[name])) == comparable(str(taken.after[name]))
