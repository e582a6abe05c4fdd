"""Adds to each operation what identifies its account, and to each creation what proved that there is none yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from connectors.contract import AccountState, Opening, Value
from reconcile.decide.fragment import TargetContext
from reconcile.plan.amend import amended
from reconcile.plan.model import Operation, Verb
from reconcile.plan.same_account import is_stated
from reconcile.plan.search_key import SearchKey
from reconcile.store.connection import Store
from reconcile.store.values import json_path

BATCH = 50_000
"""Accounts that are read at once."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An account in the snapshot."""

    stated: Mapping[str, Value]
    """Its identifying attributes."""
    deactivated: bool = False


_NEW = _Known({})
"""One that the plan creates."""


class _Form(NamedTuple):
    """A form of a correlation key by which no account of a person was found."""

    attribute: str
    text: str
    holders: Sequence[str]
    """Ids of accounts that hold it and are not the person's all the same."""


def add_account_identity(store: Store, view: TargetContext, operations: list[Operation]) -> None:
    """Adds to each operation of the target, in place, what its precondition needs to know of the account."""
    known = _known(store, view, sorted({operation.account_id for operation in operations if operation.account_id}))
    woken = {operation.account_id for operation in operations if operation.verb is Verb.REACTIVATE}
    staged = {operation.anchor for operation in operations if operation.opening is Opening.LATER}
    names, unique = _identifying(view), _unique(view)
    made = {operation.anchor: _created_with(names, operation) for operation in operations if operation.verb is Verb.CREATE}
    creations: dict[str, int] = {}
    for place, operation in enumerate(operations):
        if operation.verb is Verb.CREATE:
            creations[operation.anchor] = place
            continue
        operations[place] = amended(
            operation,
            account=known[operation.account_id].stated if operation.account_id in known else made.get(operation.anchor, {}),
            deactivated=_may_be_deactivated(operation, known, woken, staged),
        )
    for anchor, forms in _absence_forms(store, sorted(creations)):
        operation = operations[place := creations[anchor]]
        operations[place] = amended(
            operation, account=made[anchor], deactivated=anchor in staged, absent=_searched(unique, operation, forms)
        )


def stated_of(
    store: Store, view: TargetContext, operations: Iterable[Operation]
) -> Callable[[Sequence[str]], Iterator[tuple[str, Mapping[str, Value], bool]]]:
    """Answers of accounts that exist, by their ids: what identifies each, and whether it may be deactivated when its turn comes."""
    woken = {operation.account_id for operation in operations if operation.verb is Verb.REACTIVATE}

    def answer(ids: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Value], bool]]:
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            for account_id, known in _known(store, view, some).items():
                yield account_id, known.stated, known.deactivated and account_id not in woken

    return answer


def identity_of(view: TargetContext, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Returns what identifies an account of these attributes: the keys by which people are found also where they are empty."""
    names = _identifying(view)
    return _stated(names, _keys(view), [values.get(name) for name in names])


def _may_be_deactivated(operation: Operation, known: Mapping[str, _Known], woken: Collection[str], staged: Collection[str]) -> bool:
    """Whether the account may be deactivated when its turn comes: it is now and stays so, or it is created and left closed."""
    if not operation.account_id:
        return operation.anchor in staged
    return operation.account_id not in woken and known.get(operation.account_id, _NEW).deactivated


def _identifying(view: TargetContext) -> list[str]:
    return list(dict.fromkeys([view.traits.login, view.traits.email, *(key.account for key in view.mapping.correlate)]))


def _known(store: Store, view: TargetContext, ids: Sequence[str]) -> dict[str, _Known]:
    """By account, its identifying attributes. A correlation key that it does not state is there too: the value that it is given says whose the account is."""
    names, keys = _identifying(view), _keys(view)
    rows = store.rows("account_identities", target=view.name, ids=ids, paths=[json_path(name) for name in names]) if ids else []
    return {
        account_id: _Known(_stated(names, keys, json.loads(stated)), deactivated=state == AccountState.DEACTIVATED)
        for account_id, stated, state in rows
    }


def _keys(view: TargetContext) -> frozenset[str]:
    return frozenset(key.account for key in view.mapping.correlate)


def _stated(names: Sequence[str], keys: Collection[str], values: Sequence[Value]) -> dict[str, Value]:
    return {name: value for name, value in zip(names, values, strict=True) if name in keys or is_stated(value)}


def _created_with(names: Iterable[str], creation: Operation) -> dict[str, Value]:
    after = creation.after
    return {name: value for name in names if is_stated(value := after.get(name))}


def _absence_forms(store: Store, anchors: Sequence[str]) -> Iterator[tuple[str, Sequence[_Form]]]:
    """Yields the forms of one person at a time, also of people who have none: a million people have too many to hold at once."""
    left = dict.fromkeys(anchors)
    names: dict[str, str] = {}
    rows = store.stream("absence_keys", anchors=anchors) if anchors else ()
    for anchor, found in groupby(rows, key=itemgetter(0)):
        del left[anchor]
        yield anchor, [_Form(names.setdefault(attribute, attribute), text, holders) for _, attribute, text, holders in found]
    for anchor in left:
        yield anchor, ()


def _unique(view: TargetContext) -> list[str]:
    """The attributes of which no two accounts may have one value, the login first."""
    unique = view.traits.unique | {name for name, rule in view.mapping.attributes.items() if rule.unique}
    return [name for name in dict.fromkeys([view.traits.login, *view.mapping.attributes]) if name == view.traits.login or name in unique]


def _searched(unique: Iterable[str], creation: Operation, forms: Iterable[_Form]) -> tuple[SearchKey, ...]:
    """Every value that no account may have: the login, the correlation keys, and what must be unique. Each is looked for once."""
    after = creation.after
    own = {name: str(value).strip() for name in unique if is_stated(value := after.get(name))}
    # By what is written, not by what looks alike: a system finds one form and not the other.
    merged = {(name, text.lower()): SearchKey(attribute=name, value=text) for name, text in islice(own.items(), 1)}
    for attribute, text, holders in forms:
        place = attribute, text.lower()
        earlier = merged.get(place)
        if earlier is None:
            # Equal texts are one object, which saves memory where a million accounts are created.
            written = own[attribute] if own.get(attribute) == text else text
            merged[place] = SearchKey(attribute=attribute, value=written, held_by=tuple(holders))
        elif holders:
            merged[place] = replace(earlier, held_by=tuple(sorted({*earlier.held_by, *holders})))
    for name, text in own.items():
        if (name, text.lower()) not in merged:
            merged[name, text.lower()] = SearchKey(attribute=name, value=text)
    return tuple(merged.values())
