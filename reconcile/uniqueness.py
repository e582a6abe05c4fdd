"""Whether a value that must be unique would be held twice, now or between two writes, and in which order writes free values first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reconcile.decision import TargetView
from reconcile.diff import subjects_of
from reconcile.model import Finding, FindingKind, Operation, Severity, Verb
from reconcile.store import Store


@dataclass(frozen=True, slots=True)
class Collision:
    """A person wants a value that somebody else wants, or that an account which is not theirs holds."""

    attribute: str
    anchor: str
    account_id: str
    value: str
    by: str
    """`wanted` or `held`."""
    other_anchor: str
    other_account: str
    other_login: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The operations that keep values unique after every single write, and the people who must wait."""

    operations: tuple[Operation, ...]
    findings: tuple[Finding, ...]
    barred: frozenset[str]


def collisions(store: Store, view: TargetView) -> list[Collision]:
    """Every collision of the target that was correlated last."""
    found = []
    for position, (name, rule) in enumerate(view.mapping.attributes.items(), 1):
        if rule.unique or name in view.traits.unique:
            found += [Collision(name, *row) for row in store.rows("value_collisions", position=position)]
    return found


def keep_unique(store: Store, view: TargetView, operations: Iterable[Operation]) -> Resolved:
    """Orders operations so that values are freed before they are taken; bars those for which no order exists."""
    found = collisions(store, view)
    remaining = {operation.id: operation for operation in operations}
    barred: dict[str, Collision] = {each.anchor: each for each in found if each.by == "wanted"}
    held = [each for each in found if each.by == "held"]
    remaining = _without(remaining, barred)
    while waiting := _without_order(held, barred, _updates(remaining.values())):
        barred |= waiting
        remaining = _without(remaining, barred)
    updates = _updates(remaining.values())
    by_anchor: dict[str, list[Collision]] = defaultdict(list)
    for each in held:
        by_anchor[each.anchor].append(each)
    ordered = tuple(_after_freeing(operation, by_anchor[operation.anchor], updates) for operation in remaining.values())
    names = subjects_of(store, barred)
    findings = tuple(_finding(view, each, str(names[anchor])) for anchor, each in sorted(barred.items()))
    return Resolved(ordered, findings, frozenset(barred))


def _without(operations: Mapping[str, Operation], barred: Mapping[str, Collision]) -> dict[str, Operation]:
    return {key: each for key, each in operations.items() if each.anchor not in barred}


def _updates(operations: Iterable[Operation]) -> dict[str, Operation]:
    """The updates by account."""
    return {operation.account_id: operation for operation in operations if operation.verb is Verb.UPDATE}


def _freed_by(collision: Collision, updates: Mapping[str, Operation]) -> Operation | None:
    """The update that makes the other account give the value up."""
    update = updates.get(collision.other_account)
    return update if update is not None and collision.attribute in update.after else None


def _without_order(held: Iterable[Collision], barred: Mapping[str, Collision], updates: Mapping[str, Operation]) -> dict[str, Collision]:
    """The people who wait for a value that nobody gives up, or who wait for one another in a circle."""
    open_ones = [each for each in held if each.anchor not in barred]
    waiting = {each.anchor: each for each in open_ones if _freed_by(each, updates) is None}
    waits_for: dict[str, set[str]] = defaultdict(set)
    for each in open_ones:
        waits_for[each.anchor].add(each.other_anchor)
    return waiting | {each.anchor: each for each in open_ones if _reaches(each.other_anchor, each.anchor, waits_for)}


def _reaches(start: str, goal: str, waits_for: Mapping[str, set[str]]) -> bool:
    """Whether somebody waits, over any number of others, for the goal."""
    seen, ahead = set[str](), [start]
    while ahead:
        at = ahead.pop()
        if at == goal:
            return True
        if at not in seen:
            seen.add(at)
            ahead += waits_for.get(at, ())
    return False


def _after_freeing(operation: Operation, held: Iterable[Collision], updates: Mapping[str, Operation]) -> Operation:
    if operation.verb not in (Verb.CREATE, Verb.UPDATE):
        return operation
    freeing = [_freed_by(each, updates) for each in held if each.attribute in operation.after]
    needed = sorted({each.id for each in freeing if each is not None and each.id != operation.id})
    return replace(operation, depends_on=(*operation.depends_on, *needed)) if needed else operation


def _finding(view: TargetView, collision: Collision, name: str) -> Finding:
    if collision.by == "wanted":
        other = f"{collision.other_anchor} should have it too"
    else:
        owner = f"which belongs to {collision.other_anchor}" if collision.other_anchor else "which nobody in the sources claims"
        other = f"the account {collision.other_login or collision.other_account} holds it, {owner}"
    return Finding(
        kind=FindingKind.NOT_UNIQUE,
        severity=Severity.ATTENTION,
        target=view.name,
        anchor=collision.anchor,
        account_id=collision.account_id,
        message=(
            f"{name} ({collision.anchor}) should have {collision.attribute} {collision.value!r}, and {other}. It must be unique: "
            "nothing is written for this person until one of them has another."
        ),
    )
