"""The attributes that targets declare, as stored by the latest read of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import duckdb

from connectors.contract import Declaring, Source
from connectors.declaration import DeclaredAttribute
from reconcile.store.connection import Store


async def ask_declared(source: Source) -> tuple[Sequence[str] | None, Mapping[str, DeclaredAttribute] | None]:
    """The attributes that a system can have, and what it declares of them; None each where it does not say."""
    if not isinstance(source, Declaring):
        return await source.attribute_names(), None
    declared = await source.declared_attributes()
    return (None if declared is None else tuple(declared)), declared


def keep_declared(store: Store, system: str, declared: Mapping[str, DeclaredAttribute]) -> None:
    """Replaces what a system declared before."""
    texts = [json.dumps(asdict(each), sort_keys=True) for each in declared.values()]
    store.do("drop_declared", system=system)
    store.do("add_declared", system=system, names=list(declared), texts=texts)


def declared_attributes(store: Store, system: str) -> dict[str, DeclaredAttribute]:
    """The declarations of a system, by attribute; empty where it has none."""
    return {name: _attribute(text) for name, text in store.rows("declared", system=system)}


def uncompiled(store: Store, declared: Mapping[str, DeclaredAttribute]) -> frozenset[str]:
    """The attributes whose pattern cannot be evaluated here."""
    return frozenset(_uncompiled(store, declared.items()))


def _uncompiled(store: Store, declared: Iterable[tuple[str, DeclaredAttribute]]) -> Iterable[str]:
    known: dict[str, bool] = {}
    for name, each in declared:
        if each.pattern and not known.setdefault(each.pattern, _compiles(store, each.pattern)):
            yield name


def _compiles(store: Store, pattern: str) -> bool:
    """Whether DuckDB, whose expressions take linear time, evaluates the regular expression."""
    try:
        store.rows("tried_pattern", pattern=pattern)
    except duckdb.InvalidInputException:
        return False
    return True


def _attribute(text: str) -> DeclaredAttribute:
    stated = json.loads(text)
    return DeclaredAttribute(**{**stated, "allowed": tuple(stated["allowed"])})
