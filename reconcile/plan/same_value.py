"""Compares an account with the values that an operation expects or writes, as its target tells values apart."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import Traits, Value
from connectors.telephone import same_number
from reconcile.forms import same_but_case
from reconcile.plan.model import Operation


def different(values: Mapping[str, Value], expected: Mapping[str, Value], traits: Traits) -> list[str]:
    """The names of the expected attributes that have another value. A target's null, '' and absence are all "none"."""
    return [name for name, value in expected.items() if not _same(name, values.get(name), value, traits)]


def not_shown(values: Mapping[str, Value], operation: Operation, traits: Traits) -> list[str]:
    """The names of the attributes that do not have the value which the operation writes.

    Where the operation changes the case alone, the case is what counts.
    """
    return [
        name
        for name, value in operation.after.items()
        if not _same(name, values.get(name), value, traits, cased=_differs_in_case_alone(operation.before.get(name), value))
    ]


def _same(name: str, one: Value, other: Value, traits: Traits, *, cased: bool = False) -> bool:
    one, other = _none_if_empty(one), _none_if_empty(other)
    if one == other:
        return True
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    ignore_case = traits.ignores_case(name) and not cased
    return (ignore_case and same_but_case(one, other)) or (traits.is_telephone(name) and same_number(one, other))


def _differs_in_case_alone(one: Value, other: Value) -> bool:
    return isinstance(one, str) and isinstance(other, str) and same_but_case(one, other)


def _none_if_empty(value: Value) -> Value:
    return None if value in ("", []) else value
