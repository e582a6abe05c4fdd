"""Whether a value that must be unique would be held twice, now or between two writes, and in which order writes free values first."""

from __future__ import annotations

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
    while True:
        waiting = {each.anchor: each for each in held if each.anchor not in barred and not _freed_by(each, remaining)}
        waiting |= _in_cycle(held, remaining, barred)
        if not waiting:
            break
        barred |= waiting
        remaining = _without(remaining, barred)
    ordered = tuple(_after_freeing(operation, held, remaining) for operation in remaining.values())
    names = subjects_of(store, barred)
    findings = tuple(_finding(view, each, str(names[anchor])) for anchor, each in sorted(barred.items()))
    return Resolved(ordered, findings, frozenset(barred))


def _without(operations: Mapping[str, Operation], barred: Mapping[str, Collision]) -> dict[str, Operation]:
    return {key: each for key, each in operations.items() if each.anchor not in barred}


def _freed_by(collision: Collision, operations: Mapping[str, Operation]) -> Operation | None:
    """The update that makes the other account give the value up."""
    for operation in operations.values():
        if operation.verb is Verb.UPDATE and operation.account_id == collision.other_account and collision.attribute in operation.after:
            return operation
    return None


def _in_cycle(held: Iterable[Collision], operations: Mapping[str, Operation], barred: Mapping[str, Collision]) -> dict[str, Collision]:
    waits_for = {each.anchor: each for each in held if each.anchor not in barred}
    cyclic = {}
    for start, collision in waits_for.items():
        seen, at = {start}, collision.other_anchor
        while at in waits_for and at not in seen:
            seen.add(at)
            at = waits_for[at].other_anchor
        if at == start:
            cyclic[start] = collision
    return cyclic if operations else {}


def _after_freeing(operation: Operation, held: Iterable[Collision], operations: Mapping[str, Operation]) -> Operation:
    if operation.verb not in (Verb.CREATE, Verb.UPDATE):
        return operation
    freeing = [_freed_by(each, operations) for each in held if each.anchor == operation.anchor and each.attribute in operation.after]
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
