"""The tables of a plan: conversion of operations, findings and links to rows of typed columns and back.

A column is text, boolean or a list of texts, and never null. Structured values (attributes before and after, the keys that prove absence) are
JSON text in canonical form: keys in the order of their declaration, inside a value sorted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from connectors.contract import Opening, Value
from reconcile.plan.model import Because, Candidate, Finding, FindingKind, LinkChange, Operation, Severity, Situation, Verb
from reconcile.plan.search_key import SearchKey

Cell: TypeAlias = "str | bool | tuple[str, ...]"
T = TypeVar("T")


class Column(Enum):
    """The type of a column, as DuckDB calls it."""

    TEXT = "VARCHAR"
    FLAG = "BOOLEAN"
    TEXTS = "VARCHAR[]"


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """One table of a plan."""

    name: str
    columns: Mapping[str, Column]
    """By name, in order; `position` stands before them."""
    cells: Callable[[T], tuple[Cell, ...]]
    value: Callable[[Sequence[Any]], T]
    """Raises ValueError for what is no row of the table."""


def as_text(cell: Cell) -> str:
    """A cell as the digest of a plan sees it."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case str():
            return cell
        case _:
            return _json(cell)


def attributes_of(text: str) -> Mapping[str, Value]:
    """The attributes that a JSON text of a cell states. Raises ValueError."""
    return _MAPPING.decode(text)


def attributes_text(values: Mapping[str, Value]) -> str:
    """The JSON text of attributes in a cell."""
    return _attributes(values)


def _operation_cells(each: Operation) -> tuple[Cell, ...]:
    return (
        *(each.id, each.target, each.verb.value, each.anchor, each.account_id, each.who, each.name),
        *(each.entitlement_id, each.entitlement, each.entitlement_kind, each.privileged, each.ours),
        *(_attributes(each.before), _attributes(each.after), _attributes(each.account)),
        *(each.opening.value, each.deactivated, _json(each.absent)),
        *(each.because.situation.value, each.because.rule, each.because.detail, each.depends_on, _json(each.placeholders)),
    )


def _operation(row: Sequence[Any]) -> Operation:
    id_, target, verb, anchor, account_id, who, name, *rest = row
    entitlement_id, entitlement, kind, privileged, ours, before, after, account, opening, deactivated, absent, *why = rest
    situation, rule, detail, depends_on, placeholders = why
    return Operation(
        id=id_,
        target=target,
        verb=Verb(verb),
        anchor=anchor,
        account_id=account_id,
        who=who,
        name=name,
        entitlement_id=entitlement_id,
        entitlement=entitlement,
        entitlement_kind=kind,
        privileged=privileged,
        ours=ours,
        before=attributes_of(before),
        after=attributes_of(after),
        account=attributes_of(account),
        opening=Opening(opening),
        deactivated=deactivated,
        absent=_KEYS.decode(absent),
        because=Because(situation=Situation(situation), rule=rule, detail=detail),
        depends_on=tuple(depends_on),
        placeholders=_TEXTS.decode(placeholders),
    )


def _finding_cells(each: Finding) -> tuple[Cell, ...]:
    return each.kind.value, each.severity.value, each.target, each.anchor, each.account_id, each.who, each.message, _json(each.candidates)


def _finding(row: Sequence[Any]) -> Finding:
    kind, severity, target, anchor, account_id, who, message, candidates = row
    return Finding(
        kind=FindingKind(kind),
        severity=Severity(severity),
        target=target,
        anchor=anchor,
        account_id=account_id,
        who=who,
        message=message,
        candidates=_CANDIDATES.decode(candidates),
    )


def _link_cells(each: LinkChange) -> tuple[Cell, ...]:
    return each.target, each.anchor, each.account_id, each.because, each.who, each.name, each.forget


def _link(row: Sequence[Any]) -> LinkChange:
    target, anchor, account_id, because, who, name, forget = row
    return LinkChange(target=target, anchor=anchor, account_id=account_id, because=because, who=who, name=name, forget=forget)


OPERATIONS = Table(
    "operation",
    {
        "id": Column.TEXT,
        "target": Column.TEXT,
        "verb": Column.TEXT,
        "anchor": Column.TEXT,
        "account_id": Column.TEXT,
        "who": Column.TEXT,
        "name": Column.TEXT,
        "entitlement_id": Column.TEXT,
        "entitlement": Column.TEXT,
        "entitlement_kind": Column.TEXT,
        "privileged": Column.FLAG,
        "ours": Column.FLAG,
        "before": Column.TEXT,
        "after": Column.TEXT,
        "account": Column.TEXT,
        "opening": Column.TEXT,
        "deactivated": Column.FLAG,
        "absent": Column.TEXT,
        "situation": Column.TEXT,
        "rule": Column.TEXT,
        "detail": Column.TEXT,
        "depends_on": Column.TEXTS,
        "placeholders": Column.TEXT,
    },
    _operation_cells,
    _operation,
)
FINDINGS = Table(
    "finding",
    {
        "kind": Column.TEXT,
        "severity": Column.TEXT,
        "target": Column.TEXT,
        "anchor": Column.TEXT,
        "account_id": Column.TEXT,
        "who": Column.TEXT,
        "message": Column.TEXT,
        "candidates": Column.TEXT,
    },
    _finding_cells,
    _finding,
)
LINKS = Table(
    "link",
    {
        "target": Column.TEXT,
        "anchor": Column.TEXT,
        "account_id": Column.TEXT,
        "because": Column.TEXT,
        "who": Column.TEXT,
        "name": Column.TEXT,
        "forget": Column.FLAG,
    },
    _link_cells,
    _link,
)

_PLAIN = frozenset({str, bool, int, type(None)})
"""Types of values that have one form only."""
_MAPPING = msgspec.json.Decoder(dict[str, Any])
_TEXTS = msgspec.json.Decoder(dict[str, str])
_KEYS = msgspec.json.Decoder(tuple[SearchKey, ...])
_CANDIDATES = msgspec.json.Decoder(tuple[Candidate, ...])


_encode = msgspec.json.Encoder().encode


def _json(value: object) -> str:
    return _encode(value).decode()


def _attributes(values: Mapping[str, Value]) -> str:
    plain = _PLAIN.issuperset(map(type, values.values()))
    return _json(values if plain else {name: _one_form(value) for name, value in values.items()})


def _one_form(value: Value) -> Value:
    match value:
        case Mapping():
            return {name: _one_form(inner) for name, inner in sorted(value.items())}
        case list() | tuple():
            return [_one_form(inner) for inner in value]
        case float() if not math.isfinite(value):
            # JSON has no such number, and a null would say "clear it".
            return str(value)
        case _:
            return value
