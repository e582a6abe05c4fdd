"""Compares an account with the one that an operation was computed for, and collects the values that a plan itself writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import AccountState, Record, Value
from connectors.quoting import quoted
from reconcile.forms import comparable
from reconcile.plan.model import Operation
from reconcile.plan.operation_rows import OperationRows, queryable


def fold(value: Value) -> str:
    """Folds a value as logins and addresses are compared: no case, outer spaces or invisible characters. Nothing stated is empty text."""
    match value:
        case None:
            return ""
        case str():
            return comparable(value)
        case bool() | int() | float():
            return json.dumps(value)
        case _:
            return json.dumps(value, sort_keys=True, ensure_ascii=False).casefold() if value else ""


def is_stated(value: Value) -> bool:
    """Whether `fold` leaves any text of a value: most are printable, and their first character tells."""
    if isinstance(value, str) and value >= "!" and value.isascii() and value.isprintable():
        return True
    return fold(value) != ""


@dataclass(frozen=True, slots=True)
class PlannedWrites:
    """The attribute values that a plan writes, by target and account."""

    _planned: OperationRows = field(default_factory=lambda: queryable(()))
    _created: dict[tuple[str, str], str] = field(default_factory=dict)
    """By target and account that was made, the id of the operation that created it."""

    def created(self, target: str, account_id: str, operation_id: str) -> None:
        """Notes which creation made an account: what it was created with is written on it, too."""
        self._created[target, account_id] = operation_id

    def creation_of(self, target: str, account_id: str) -> str:
        """The id of the operation that created an account; empty where none did."""
        return self._created.get((target, account_id), "")

    def include(self, target: str, account_id: str, attribute: str, value: Value) -> bool:
        """Whether the plan writes this value on the account."""
        written = (*self._planned.written(target, account_id), *self._created_with(target, account_id))
        return any(attribute in each and fold(each[attribute]) == fold(value) for each in written)

    def _created_with(self, target: str, account_id: str) -> list[Mapping[str, Value]]:
        creation = self._created.get((target, account_id))
        return [each.after for each in self._planned.with_ids((creation,)).values()] if creation else []


def identity_change(operation: Operation, now: Record, planned: PlannedWrites, login: str) -> str:
    """Returns how the account differs from the one that the plan was computed for; empty where it is still the same account.

    A value that the plan itself writes is no change. A value that is gone is one, unless the account is deactivated and still has its
    login: some systems show less of a deactivated account.
    """
    values = now.values()
    stated_login = fold(operation.account.get(login))
    shows_less = now.state is AccountState.DEACTIVATED and stated_login != "" and stated_login == fold(values.get(login))
    for name, was in operation.account.items():
        found = values.get(name)
        if fold(found) == fold(was) or planned.include(operation.target, now.id, name, found):
            continue
        if not (shows_less and fold(found) == ""):
            return f"{name} was {quoted(was)} and is {quoted(found)} now: the account may be another person's"
    return ""
