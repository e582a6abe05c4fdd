"""Texts in a plan that stand for the id of an account that the same plan creates, until that account has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.contract import Value
from reconcile.plan.model import Operation, Verb


def resolved(operation: Operation, ids: Mapping[str, str]) -> Operation:
    """The operation with the ids that are known. `ids`: by the id of a creation, that of the account it made."""
    known = {text: ids[creation] for text, creation in operation.placeholders.items() if ids.get(creation)}
    if not known:
        return operation
    return replace(operation, after={name: _replaced(value, known) for name, value in operation.after.items()})


def completes_creation(operation: Operation) -> bool:
    """Whether an operation belongs to a creation of the same plan: it sets what could not be known when the account was made."""
    return operation.verb is Verb.UPDATE and not operation.account_id


def _replaced(value: Value, known: Mapping[str, str]) -> Value:
    match value:
        case str():
            for text, account_id in known.items():
                value = value.replace(text, account_id)
            return value
        case Mapping():
            return {name: _replaced(each, known) for name, each in value.items()}
        case list() | tuple():
            return [_replaced(each, known) for each in value]
        case _:
            return value
