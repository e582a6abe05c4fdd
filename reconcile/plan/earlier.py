"""Operations that other live runs of the day applied and that still stand: they count against the limits of the next plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from reconcile.plan.model import CHANGING, GROUP_VERBS, Operation, Verb

_MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)
_MADE_TO_WORK = (Verb.CREATE, Verb.REACTIVATE)
_ENDED = (Verb.DEACTIVATE, Verb.SUSPEND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One operation that a live run applied, or may have applied."""

    operation: Operation
    run: str
    at: str
    """RFC 3339, UTC."""
    snapshot: str = ""
    """The digest of the snapshot of its target that it was planned from; of what stands, that of the first of them."""
    overridden: frozenset[str] = frozenset()
    """The guards that its plan passed by an override: an operation under an override is not counted there again."""
    undo: bool = False
    """Whether its plan undid an earlier run or restored an earlier state: what that gives back is no gain."""


def standing(applied: Iterable[Applied]) -> tuple[Applied, ...]:
    """Returns the latest operation of each account, membership and set of attributes, without those that restored an earlier state.

    An account that was deactivated and reactivated has lost nothing, and one that was created and deactivated again never had
    a user.
    """
    first: dict[tuple[str, ...], Verb] = {}
    before: dict[str, str] = {}
    latest: dict[tuple[str, ...], Applied] = {}
    for each in applied:
        key = _key(each.operation)
        first.setdefault(key, each.operation.verb)
        latest[key] = each
        if each.snapshot:
            before.setdefault(each.operation.target, each.snapshot)
    return tuple(
        replace(each, snapshot=before.get(each.operation.target, "")) for key, each in latest.items() if not _restored(first[key], each)
    )


def beside(
    applied: Iterable[Applied], guard: str, planned: Sequence[Operation], counts: Callable[[Operation], bool], *, others: int = 0
) -> tuple[Applied, ...]:
    """Returns the operations that count against a guard beside the planned ones: each once, and none where nothing is planned.

    `others`: how many more are planned, about people for whom no run of the day did anything.
    """
    if not planned and not others:
        return ()
    counting = [each for each in applied if guard not in each.overridden and counts(each.operation)]
    if not counting:
        return ()
    known = {subject for operation in planned for subject in _subjects(operation)}
    return tuple(each for each in counting if known.isdisjoint(_subjects(each.operation)))


def _key(operation: Operation) -> tuple[str, ...]:
    subject = operation.account_id or operation.anchor
    if operation.verb in _MEMBERSHIPS:
        return operation.target, subject, "membership", operation.entitlement_id or operation.entitlement
    if operation.verb in GROUP_VERBS:
        return operation.target, operation.verb.value, _group(operation) or operation.id
    if operation.verb in CHANGING:
        return operation.target, subject or operation.id, "attributes", *sorted(operation.after)
    return operation.target, subject or operation.id, "state"


def _restored(first: Verb, applied: Applied) -> bool:
    """Whether everything is as it was before the first of several operations."""
    latest = applied.operation.verb
    if applied.undo and latest in (Verb.REACTIVATE, Verb.ADD_MEMBER):
        return True
    if latest in _MEMBERSHIPS:
        return first is not latest
    return (first in _MADE_TO_WORK and latest in _ENDED) or (first in _ENDED and latest in _MADE_TO_WORK)


def _subjects(operation: Operation) -> set[tuple[str, str]]:
    """The subject of an operation, by account and by person: an account that is yet to be created has no id."""
    if operation.verb in GROUP_VERBS:
        return {("group", _group(operation))} if _group(operation) else set()
    held = operation.entitlement_id or operation.entitlement
    return {(subject, held) for subject in (operation.account_id, operation.anchor) if subject}


def _group(operation: Operation) -> str:
    """The id of a group, or the name of one that has none yet."""
    return operation.entitlement if operation.verb is Verb.CREATE_GROUP else operation.entitlement_id


__all__ = ["Applied", "beside", "standing"]
