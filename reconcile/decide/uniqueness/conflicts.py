"""Finds unique values that two accounts would hold, now or between two writes, and orders writes so that values are freed first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from connectors.quoting import quoted
from reconcile.decide.differences import Notes, Subject, subjects_of, without_attributes
from reconcile.decide.fragment import TargetContext
from reconcile.decide.uniqueness.temporary_values import Temporary, move_aside, temporary_values
from reconcile.decide.uniqueness.wait_graph import WaitForGraph
from reconcile.plan.model import CHANGING, Finding, FindingKind, Operation, Severity, Verb
from reconcile.store.connection import Store

CROWD = 20
"""Accounts that hold one value and are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Collision:
    """Conflict over a value that another person wants, or that an account which is not theirs holds."""

    attribute: str
    anchor: str
    account_id: str
    value: str
    by: str
    """`wanted` or `held`."""
    other_anchor: str
    other_account: str
    other_login: str
    crowded: bool = False
    """Whether more accounts hold the value than are looked at one by one."""

    @property
    def place(self) -> Place:
        return self.anchor, self.attribute


@dataclass(frozen=True, slots=True)
class Resolved:
    """The operations that keep values unique after every single write, and what cannot be written."""

    operations: tuple[Operation, ...]
    findings: tuple[Finding, ...]
    blocked: frozenset[str]
    """The people for whom no account is created."""


Place: TypeAlias = tuple[str, str]
"""An anchor and an attribute."""
Updates: TypeAlias = Mapping[tuple[str, str], Operation]
"""By account and attribute, the operation that changes it."""
Temporaries: TypeAlias = Mapping[Place, Temporary]


def collisions(store: Store, view: TargetContext) -> list[Collision]:
    """Every collision of the target."""
    unique = {
        position: name
        for position, (name, rule) in enumerate(view.mapping.attributes.items(), 1)
        if rule.unique or name in view.traits.unique
    }
    on_creation = [position for position, name in unique.items() if view.mapping.attributes[name].create_only]
    if not store.value("make_claims", positions=list(unique), on_creation=on_creation):
        return []
    return [
        Collision(name, *row) for position, name in unique.items() for row in store.rows("value_collisions", position=position, crowd=CROWD)
    ]


def keep_unique(store: Store, view: TargetContext, operations: Iterable[Operation], notes: Notes) -> Resolved:
    """Orders operations so that values are freed before they are taken. What no order exists for is not written: an account is not
    created, and of an account that exists the attribute stays.

    A ring of people who wait for one another opens where one of them can take a temporary value; their values stay where none can.
    """
    found = collisions(store, view)
    remaining = tuple(operations)
    if not found:
        return Resolved(remaining, (), frozenset())
    refused = {each.place: each for each in found if each.by == "wanted"}
    held = [each for each in found if each.by == "held"]
    remaining = _without(view, remaining, refused, notes)
    temporaries = temporary_values(store, view, WaitForGraph(_pairs(held)).stuck)
    while waiting := _without_order(held, refused, _updates(remaining), temporaries):
        refused |= waiting
        remaining = _without(view, remaining, refused, notes)
    ordered = _in_order([each for each in held if each.place not in refused], remaining, temporaries)
    blocked = frozenset(each.anchor for each in operations if each.verb is Verb.CREATE) & {anchor for anchor, _ in refused}
    return Resolved(ordered, _findings(store, view, refused, blocked, temporaries), blocked)


def _without(
    view: TargetContext, operations: Iterable[Operation], refused: Mapping[Place, Collision], notes: Notes
) -> tuple[Operation, ...]:
    names: dict[str, set[str]] = defaultdict(set)
    for anchor, attribute in refused:
        names[anchor].add(attribute)
    kept = []
    for operation in operations:
        match operation.verb:
            case Verb.CREATE if operation.anchor in names:
                continue
            case Verb.RENAME | Verb.UPDATE if names.get(operation.anchor, set()) & operation.after.keys():
                narrowed = without_attributes(view, operation, names[operation.anchor], notes)
                kept += [narrowed] if narrowed.after else []
            case _:
                kept.append(operation)
    return tuple(kept)


def _updates(operations: Iterable[Operation]) -> Updates:
    """Returns the operation that changes each attribute of each account: an immutable one is changed by an operation of its own."""
    return {(each.account_id, name): each for each in operations if each.verb in CHANGING for name in each.after}


def _pairs(held: Iterable[Collision]) -> Iterable[tuple[str, str]]:
    return ((each.anchor, each.other_anchor) for each in held)


def _freed_by(collision: Collision, updates: Updates) -> Operation | None:
    """The update that makes the other account give the value up; none where a crowd holds it, of which one may keep it."""
    return None if collision.crowded else updates.get((collision.other_account, collision.attribute))


def _can_open(collision: Collision, temporaries: Temporaries) -> bool:
    """Whether the other account can give the value up before its own turn."""
    temporary = temporaries.get((collision.other_anchor, collision.attribute))
    return temporary is not None and temporary.free


def _without_order(
    held: Iterable[Collision], refused: Mapping[Place, Collision], updates: Updates, temporaries: Temporaries
) -> dict[Place, Collision]:
    """Returns the values that no account gives up; else those in a ring that nothing opens: in one of a single attribute, else of any.

    One at a time: what is refused may be what others wait for, or what made a ring of people of which the other values have an order.
    """
    open_ones = [each for each in held if each.place not in refused]
    if waiting := {each.place: each for each in open_ones if _freed_by(each, updates) is None}:
        return waiting
    closed = [each for each in open_ones if not _can_open(each, temporaries)]
    of_one: dict[str, list[Collision]] = defaultdict(list)
    for each in closed:
        of_one[each.attribute].append(each)
    return {place: each for of_attribute in of_one.values() for place, each in _in_rings(of_attribute).items()} or _in_rings(closed)


def _in_rings(waiting: Sequence[Collision]) -> dict[Place, Collision]:
    ring = WaitForGraph(_pairs(waiting)).cycles()
    return {each.place: each for each in waiting if each.anchor in ring and ring[each.anchor] == ring.get(each.other_anchor)}


def _in_order(held: Iterable[Collision], operations: Sequence[Operation], temporaries: Temporaries) -> tuple[Operation, ...]:
    """Orders the operations: each waits for those that free its values, with one more for each person who gives a value up early."""
    by_anchor: dict[str, list[Collision]] = defaultdict(list)
    for each in held:
        by_anchor[each.anchor].append(each)
    updates = _updates(operations)
    aside = {
        anchor: move_aside(
            updates[early[0].other_account, early[0].attribute], {each.attribute: temporaries[anchor, each.attribute] for each in early}
        )
        for anchor, early in _given_up_early(by_anchor, temporaries).items()
    }
    result = []
    for operation in operations:
        first, then = aside.get(operation.anchor, (None, operation)) if operation.verb is Verb.UPDATE else (None, operation)
        result += [first] if first else []
        freeing = [_needed(each, updates, aside) for each in by_anchor.get(operation.anchor, ()) if each.attribute in operation.after]
        result.append(_after_freeing(then, [each for each in freeing if each]))
    return tuple(result)


def _given_up_early(by_anchor: Mapping[str, Iterable[Collision]], temporaries: Temporaries) -> dict[str, list[Collision]]:
    """Returns, by person who opens a ring, the collisions that wait for them: the smallest anchor of a ring that can opens it."""
    between: dict[tuple[str, str], list[Collision]] = defaultdict(list)
    for each in (one for found in by_anchor.values() for one in found):
        between[each.anchor, each.other_anchor].append(each)
    waiting, early = WaitForGraph(between), dict[str, list[Collision]]()
    for anchor in sorted(waiting.stuck):
        while opening := [one for one in sorted(waiting.cycle_through(anchor)) if _all_open(between[one, anchor], temporaries)]:
            early.setdefault(anchor, []).extend(between[opening[0], anchor])
            waiting.cut(opening[0], anchor)
    return early


def _all_open(found: Iterable[Collision], temporaries: Temporaries) -> bool:
    return all(_can_open(each, temporaries) for each in found)


def _needed(collision: Collision, updates: Updates, aside: Mapping[str, tuple[Operation, Operation]]) -> str:
    """The id of the operation that frees the value; empty where it is never held again."""
    if collision.other_anchor in aside and collision.attribute in aside[collision.other_anchor][0].after:
        return aside[collision.other_anchor][0].id
    update = _freed_by(collision, updates)
    return update.id if update else ""


def _after_freeing(operation: Operation, freeing: Iterable[str]) -> Operation:
    if operation.verb not in (Verb.CREATE, *CHANGING):
        return operation
    needed = sorted(set(freeing) - {operation.id})
    return replace(operation, depends_on=(*operation.depends_on, *needed)) if needed else operation


def _findings(
    store: Store, view: TargetContext, refused: Mapping[Place, Collision], blocked: frozenset[str], temporaries: Temporaries
) -> tuple[Finding, ...]:
    """One for each person and value: what is refused for several attributes at once is said once."""
    alike: dict[tuple[str, ...], list[Collision]] = defaultdict(list)
    for _, each in sorted(refused.items()):
        alike[
            (each.anchor,) if each.anchor in blocked else (each.anchor, each.by, each.value, each.other_anchor, each.other_account)
        ].append(each)
    names = subjects_of(store, {anchor for anchor, _ in refused})
    return tuple(_finding(view, found, names[found[0].anchor], temporaries, blocked=found[0].anchor in blocked) for found in alike.values())


def _finding(view: TargetContext, found: Sequence[Collision], subject: Subject, temporaries: Temporaries, *, blocked: bool) -> Finding:
    collision = found[-1]
    attributes = collision.attribute if blocked else " and ".join(each.attribute for each in found)
    if collision.by == "wanted":
        other = f"{collision.other_anchor} should have it too"
    else:
        owner = f"which belongs to {collision.other_anchor}" if collision.other_anchor else "which is unmatched"
        other = f"the account {collision.other_login or collision.other_account} holds it, {owner}"
    temporary = temporaries.get((collision.other_anchor, collision.attribute)) if collision.by == "held" else None
    effect = "no account is created" if blocked or not collision.account_id else "what the account has stays"
    return Finding(
        kind=FindingKind.NOT_UNIQUE,
        severity=Severity.ATTENTION,
        target=view.name,
        anchor=collision.anchor,
        account_id=collision.account_id,
        who=subject.login,
        message=(
            f"{subject} ({collision.anchor}) should have {attributes} {quoted(collision.value)}, and {other}. It must be unique: "
            f"{effect} until one of them has another.{_why_closed(collision, temporary)}"
        ),
    )


def _why_closed(collision: Collision, temporary: Temporary | None) -> str:
    if temporary is None or temporary.free:
        return ""
    why = f"{quoted(temporary.text)} is held or wanted already" if temporary.text else "is empty"
    return f" The temporary value for {collision.other_anchor} {why}."
