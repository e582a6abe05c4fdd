"""What is known of the rows of systems when a project is loaded or checked: their columns as last read, or as a system states them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.contract import RawPage, Record, Source, Target, Typed
from reconcile.decoding import decoded
from reconcile.store import FILE as STORE_FILE
from reconcile.store import Store


@dataclass(frozen=True, slots=True)
class RowsTold:
    """What a system said of its rows."""

    names: Sequence[str] | None = None
    """What it declares that they can have, or else what the first of them has."""
    rows: Sequence[Record] = ()
    """The first of them, where they were wanted."""
    types: Mapping[str, str] | None = None
    """Of which type it declares each attribute to be."""


async def ask_of_rows(source: Source, *, rows: bool) -> RowsTold:
    """Nothing where it cannot be asked, which its own checks say in full."""
    try:
        types = await source.schema_types() if isinstance(source, Typed) else None
        declared = tuple(types) if types is not None else None if isinstance(source, Typed) else await source.attribute_names()
        undeclared = declared is None and not isinstance(source, Target)
        first = await _first_rows(source) if rows or undeclared else ()
    except Exception:  # noqa: BLE001 - what nobody foresaw is said by the checks, too
        return RowsTold()
    return RowsTold(tuple(first[0].values()) if undeclared and first else declared, first, types)


async def _first_rows(source: Source) -> Sequence[Record]:
    """The rows of the first page that has any."""
    async for item in source.pages():
        if isinstance(item, RawPage) and (records := decoded(source, item).records):
            return records
    return ()


def seen_columns(state: Path) -> dict[str, frozenset[str]]:
    """The columns of each connector's rows, as they were when it was last read."""
    if not (state / STORE_FILE).exists():
        return {}
    with Store.open(state, write=False) as store:
        # A system of which no row was ever believed has columns that nobody knows, not none.
        return {system: frozenset(columns) for system, columns, open_ended in store.rows("all_known_columns") if columns and not open_ended}


def read_before(state: Path) -> frozenset[str]:
    """The systems that were read into the store."""
    if not (state / STORE_FILE).exists():
        return frozenset()
    with Store.open(state, write=False) as store:
        return frozenset(row[0] for row in store.rows("latest_snapshots"))
