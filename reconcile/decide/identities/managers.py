"""Resolves managers: who manages whom, findings about it, and the account of a manager in a target."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from connectors.contract import Value
from mappings.expressions import OF_THE_MANAGERS_ACCOUNT, Language, parse_expression
from mappings.problems import BadConfiguration, Problem
from mappings.rules import Identities, Rename
from reconcile.decide.differences import without_attributes
from reconcile.decide.fragment import TargetContext, index_by_anchor, listed, named, operation_id
from reconcile.plan.model import CHANGING, Finding, FindingKind, Operation, Severity, Verb
from reconcile.store.connection import Store

NAMED = 3
"""The number of circles that are named, and of people of each."""


def add_managers(store: Store, identities: Identities) -> tuple[Finding, ...]:
    """Makes `identity`, with the columns of the manager; returns findings on managers who are unknown, several, gone, or in a circle."""
    if not identities.manager:
        store.do("make_identities_alone")
        return ()
    keys = [way.matches for way in identities.manager]
    store.relations.derive("shown_person", "unmanaged_identity", {"name": identities.name}, kept=["anchor", "state"])
    store.relations.derive_list("manager_names", "unmanaged_identity", "anchor", [way.names for way in identities.manager])
    store.relations.derive_list("own_manager_keys", "unmanaged_identity", "anchor", keys)
    store.do("make_other_names")
    store.relations.derive_list("other_manager_keys", "other_name", "anchor", keys)
    store.do("make_named_managers", "make_managers", "make_identities")
    found = [_trouble(Trouble(kind), *row) for kind, *row in store.rows("manager_troubles")]
    return (*found, *_circles(store))


class Trouble(StrEnum):
    """The problem of a stated manager (the column `kind` of `manager_troubles`)."""

    ONESELF = "oneself"
    NOBODY = "nobody"
    """No source states a person who matches."""
    SEVERAL = "several"
    """Several people match."""
    LEFT = "left"


def _trouble(kind: Trouble, managers: int, people: int, first: Sequence[tuple[str, str]]) -> Finding:
    """`first`: name and anchor of each, or nothing and what is stated of them."""
    stated = kind in (Trouble.NOBODY, Trouble.SEVERAL)
    shown = listed([f"'{who}'" if stated else named(name, who) for name, who in first], managers)
    who = f"{people} {'person names' if people == 1 else 'people name'}"
    match kind:
        case Trouble.ONESELF:
            return _finding(f"Listed as their own manager, so no manager is set: {shown}.", Severity.NOTE)
        case Trouble.NOBODY:
            return _finding(f"{who} a manager whom no source states: {shown}. Nothing is stated of that manager until HR corrects it.")
        case Trouble.SEVERAL:
            end = "Nothing is stated of that manager until one of them has another."
            return _finding(f"{who} a manager who may be several people: {shown}. {end}")
        case Trouble.LEFT:
            return _finding(f"{who} a manager who has left: {shown}. Of their account nothing is stated; HR has to name another.")
        case _:
            assert_never(kind)


def _finding(message: str, severity: Severity = Severity.ATTENTION) -> Finding:
    return Finding(kind=FindingKind.MANAGER, severity=severity, target="", message=message)


def _circles(store: Store) -> tuple[Finding, ...]:
    """One finding for all people who are, over others, their own managers."""
    store.do("make_hops")
    before = -1
    while (left := store.value("hops_left")) not in (0, before):
        before = left
        store.do("hop_on")
    if not left:
        return ()
    for _ in range(int(left).bit_length()):
        store.do("hop_on")
    rows = store.rows("circles")
    circles = _walked({anchor: manager for anchor, _, manager in rows})
    shown = {anchor: named(name, anchor) for anchor, name, _ in rows}
    first = "; ".join(_shown(circle, shown) for circle in circles[:NAMED])
    more = f"; and {len(circles) - NAMED} more" if len(circles) > NAMED else ""
    count = "a circle" if len(circles) == 1 else f"{len(circles)} circles"
    return (
        _finding(
            f"Managers lead one another in {count}: {first}{more}. Each has the manager that the source states; HR has to correct one."
        ),
    )


def _walked(manager_of: Mapping[str, str]) -> list[list[str]]:
    """The circles, each from its smallest anchor."""
    seen, circles = set[str](), []
    for start in sorted(manager_of):
        circle, at = [], start
        while at not in seen:
            seen.add(at)
            circle.append(at)
            at = manager_of[at]
        if circle:
            circles.append(circle)
    return circles


def _shown(circle: Sequence[str], shown: Mapping[str, str]) -> str:
    first = [shown[anchor] for anchor in circle[:NAMED]]
    return " under ".join([*first, *(["..."] if len(circle) > NAMED else []), shown[circle[0]]])


@dataclass(frozen=True, slots=True)
class ManagerDerivedAttributes:
    """The attributes of one target that are made of the manager's account there."""

    view: TargetContext
    names: tuple[str, ...]

    @classmethod
    def of(cls, view: TargetContext, language: Language) -> ManagerDerivedAttributes:
        """Raises BadConfiguration where one of them is the login, unique, required or renamed under review: the manager's account may wait for it."""
        names = tuple(name for name, rule in view.mapping.attributes.items() if _needs_account(rule.expression, language))
        rules = view.mapping.attributes
        needed = {
            view.traits.login,
            *view.traits.unique,
            *(name for name in names if rules[name].unique or rules[name].required or rules[name].rename is Rename.REVIEW),
        }
        fixed = [name for name in names if name in needed]
        if fixed:
            said = f"is made of {' or '.join(OF_THE_MANAGERS_ACCOUNT)}, which not every person has: it cannot be the login, unique, required or renamed under review"
            raise BadConfiguration([Problem(f"mappings of {view.name}", 0, f"attributes.{name}", said) for name in fixed])
        return cls(view, names)

    def fill_in(self, store: Store) -> None:
        """Makes what accounts should be of the manager's account, as it is or will be by this plan."""
        if not self.names:
            return
        mapping, login = self.view.mapping, self.view.traits.login
        every = list(mapping.attributes)
        rule = mapping.attributes.get(login)
        store.do(
            "make_manager_accounts",
            login_position=every.index(login) + 1 if rule else 0,
            login_changes=rule is not None and self.view.writes(login),
            adopted=[rank for rank, key in enumerate(mapping.correlate, 1) if key.adopt],
            recreated=mapping.recreate_missing,
        )
        expressions = [mapping.attributes[name].expression for name in self.names]
        store.do("make_stands_for", "make_another_for", "make_managed")
        store.relations.derive_list("managed_result", "managed", "anchor", expressions)
        if store.value("new_managers"):
            store.do("make_managed_otherwise", "make_managed_without")
            store.relations.derive_list("otherwise_value", "managed_otherwise", "anchor", expressions)
            store.relations.derive_list("without_value", "managed_without", "anchor", expressions)
            store.do("settle_new_managers")
        else:
            store.do("take_managed_results")
        store.do("take_managed_values", positions=[every.index(name) + 1 for name in self.names])

    def without_the_unsure(self, store: Store, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """The operations, without what is made of an account that the manager does not get by this plan after all."""
        each = tuple(operations)
        if not self.names:
            return each
        done = {(_kind(operation), operation.anchor) for operation in each if self._makes_known(operation)}
        unsure = {anchor for anchor, manager, needs in store.rows("awaited_managers") if (needs, manager) not in done}
        kept = (self._reduced(operation) if operation.anchor in unsure else operation for operation in each)
        return tuple(operation for operation in kept if operation.verb is not Verb.UPDATE or operation.after)

    def after_creations(self, store: Store, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """The operations, with an update of its own, after both creations, for what is made of the id of an account that is created."""
        each = tuple(operations)
        if not self.names:
            return each
        creations = index_by_anchor(each, frozenset({Verb.CREATE}))
        awaited = {anchor: (creations[manager], text) for anchor, manager, text in store.rows("awaited_ids") if manager in creations}
        return tuple(part for operation in each for part in self._split(operation, awaited.get(operation.anchor)))

    def _split(self, operation: Operation, awaited: tuple[str, str] | None) -> Iterator[Operation]:
        """Splits an operation into what can be done at once, and what waits for the manager's account."""
        names = [name for name, value in operation.after.items() if awaited and name in self.names and awaited[1] in _text(value)]
        if not awaited or not names or operation.verb not in (Verb.CREATE, Verb.UPDATE):
            yield operation
            return
        creation, text = awaited
        kept = without_attributes(self.view, operation, names)
        if kept.after:
            yield kept
        fixed = [name for name in names if name in self.view.traits.immutable]
        if later := [name for name in names if name not in fixed]:
            yield replace(
                operation,
                id=operation_id(self.view.name, Verb.UPDATE, operation.anchor, "manager"),
                verb=Verb.UPDATE,
                before={name: operation.before.get(name) for name in later},
                after={name: operation.after[name] for name in later},
                because=replace(operation.because, detail="; ".join(self.view.reasons[name] for name in later) + "."),
                # Not beside another change of the same account: a PUT would undo one of the two.
                depends_on=(creation, *([kept.id] if kept.after and operation.verb is Verb.UPDATE else [])),
                placeholders={text: creation},
            )

    def _makes_known(self, operation: Operation) -> bool:
        return operation.verb not in CHANGING or self.view.traits.login in operation.after

    def _reduced(self, operation: Operation) -> Operation:
        if operation.verb not in (Verb.CREATE, Verb.UPDATE) or not operation.after.keys() & set(self.names):
            return operation
        return without_attributes(self.view, operation, self.names)


def _kind(operation: Operation) -> str:
    """Returns the kind of facts that an operation makes known of an account: the same for a rename and an update."""
    return (Verb.UPDATE if operation.verb in CHANGING else operation.verb).value


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _needs_account(expression: str, language: Language) -> bool:
    return not {name.lower() for name in parse_expression(expression, language).columns}.isdisjoint(OF_THE_MANAGERS_ACCOUNT)
