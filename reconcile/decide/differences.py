"""One attribute of an account that is not as it should be, and how a reviewer knows the person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from reconcile.decide.fragment import TargetContext
from reconcile.plan.model import CHANGING, Operation, Situation, Verb
from reconcile.store.connection import Store

Notes: TypeAlias = Mapping[tuple[str, str], str]
"""By anchor and attribute, what else is to be said of a value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute of one account that is not as it should be."""

    anchor: str
    account_id: str
    attribute: str
    position: int
    wanted: str
    held: str | None
    immutable: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """The names by which a reviewer knows a person."""

    name: str
    login: str
    account_id: str
    situation: Situation

    def __str__(self) -> str:
        return self.name or self.login or self.account_id


def subjects_of(store: Store, anchors: Iterable[str]) -> dict[str, Subject]:
    """Returns the names of the people of some anchors in the target."""
    rows = store.rows("subjects", anchors=sorted(anchors))
    return {anchor: Subject(name, login, account_id, Situation(situation)) for anchor, name, login, account_id, situation in rows}


def without_attributes(view: TargetContext, operation: Operation, names: Collection[str], notes: Notes = MappingProxyType({})) -> Operation:
    """The operation without some of its attributes."""
    after = {name: value for name, value in operation.after.items() if name not in names}
    before = {name: value for name, value in operation.before.items() if name not in names}
    detail = operation.because.detail
    if operation.verb in CHANGING:
        detail = why_changed(view, operation.verb, operation.anchor, after, notes)
    return replace(operation, before=before, after=after, because=replace(operation.because, detail=detail))


def why_changed(view: TargetContext, verb: Verb, anchor: str, names: Iterable[str], notes: Notes) -> str:
    """The provenance of some attributes' values, with the notes on them."""
    each = list(names)
    reviewed = ['Immutable, and the mapping says rename = "review".'] if verb is Verb.RENAME else []
    return " ".join(["; ".join(view.reasons[name] for name in each) + ".", *reviewed, *noted(anchor, each, notes)])


def noted(anchor: str, names: Iterable[str], notes: Notes) -> list[str]:
    """The notes on some attributes of a person."""
    return [notes[anchor, name] for name in names if (anchor, name) in notes]
