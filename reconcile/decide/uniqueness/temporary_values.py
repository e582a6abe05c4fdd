"""Temporary values for people in a cycle of the wait-for graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connectors.contract import Value
from connectors.quoting import quoted
from reconcile.decide.fragment import TargetContext, operation_id
from reconcile.plan.model import Operation, Verb
from reconcile.store.connection import Store
from reconcile.store.values import value_of


@dataclass(frozen=True, slots=True)
class Temporary:
    """Value of an attribute of one person in between."""

    text: str
    value: Value
    free: bool
    """Whether it is a value at all, and no account holds it, should have it, or would be given it too."""


def temporary_values(store: Store, view: TargetContext, anchors: Iterable[str]) -> dict[tuple[str, str], Temporary]:
    """The temporary value of each of these people for each attribute whose rule names one, by anchor and attribute."""
    rules = {name: rule.temporary for name, rule in view.mapping.attributes.items() if rule.temporary}
    people = sorted(anchors)
    if not rules or not people:
        return {}
    store.do("make_waiting_people", anchors=people)
    texts = list(rules.values())
    kinds = store.expressions.types("waiting_person", texts)
    store.relations.derive_list("temporary", "waiting_person", "anchor", texts)
    positions = {name: position for position, name in enumerate(view.mapping.attributes, 1)}
    return {
        (anchor, name): Temporary(text, value_of(text, kind) if text else None, bool(text) and not taken)
        for rule_position, (name, kind) in enumerate(zip(rules, kinds, strict=True), 1)
        for anchor, text, taken in store.rows("temporary_values", rule_position=rule_position, position=positions[name])
    }


def move_aside(update: Operation, values: Mapping[str, Temporary]) -> tuple[Operation, Operation]:
    """An update in two steps: the first gives temporary values, the second is what was planned."""
    shown = ", ".join(f"{name} {quoted(each.text)}" for name, each in values.items())
    first = replace(
        update,
        id=operation_id(update.target, Verb.UPDATE, update.anchor, "temporary value"),
        before={name: update.before[name] for name in values},
        after={name: each.value for name, each in values.items()},
        because=replace(
            update.because,
            detail=f"Others wait for this account's {' and '.join(values)} before they can give up theirs: until the next step it has {shown}.",
        ),
    )
    then = replace(
        update,
        before={**update.before, **first.after},
        because=replace(update.because, detail=f"{update.because.detail} In between it has {shown}."),
        depends_on=(*update.depends_on, first.id),
    )
    return first, then
