"""Whether an account shows the values that an operation expects, or writes, as its target tells values apart."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import Traits, Value
from reconcile.forms import same_but_case
from reconcile.model import Operation


def different(values: Mapping[str, Value], expected: Mapping[str, Value], traits: Traits) -> list[str]:
    """The names of the expected attributes that have another value. A target's null, '' and absence are all "none"."""
    return [name for name, value in expected.items() if not _same(values.get(name), value, ignore_case=traits.ignores_case(name))]


def not_shown(values: Mapping[str, Value], operation: Operation, traits: Traits) -> list[str]:
    """The names of the attributes that do not have the value which the operation writes.

    Where the operation changes the case alone, the case is what counts.
    """
    return [
        name
        for name, value in operation.after.items()
        if not _same(
            values.get(name),
            value,
            ignore_case=traits.ignores_case(name) and not _same(operation.before.get(name), value, ignore_case=True),
        )
    ]


def _same(one: Value, other: Value, *, ignore_case: bool) -> bool:
    one, other = _none_if_empty(one), _none_if_empty(other)
    if one == other:
        return True
    return ignore_case and isinstance(one, str) and isinstance(other, str) and same_but_case(one, other)


def _none_if_empty(value: Value) -> Value:
    return None if value in ("", []) else value
