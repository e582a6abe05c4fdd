"""The columns of a project's systems when it is loaded or checked: as last read, or as a system states them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.contract import RawPage, Record, ScopeEnd, ScopeKind, Source, Target
from connectors.declaration import DeclaredAttribute
from reconcile.snapshot.decoding import decoded
from reconcile.store.connection import Store
from reconcile.store.declared import ask_declared
from reconcile.store.file import FILE as STORE_FILE
from reconcile.unexpected import explained
from reconcile.usecases.run_lock import naming_the_holder

MOST = 10_000
"""Rows of one system that are asked for before it was ever read into the store."""
NOT_ASKED = "its rows were not asked for"
_OF_RECORDS = frozenset({ScopeKind.FILE, ScopeKind.ACCOUNTS})


@dataclass(frozen=True, slots=True)
class RowsTold:
    """Description that a system gives of its rows."""

    names: Sequence[str] | None = None
    """Names of attributes that it declares, else those of the first rows."""
    rows: Sequence[Record] = ()
    """Rows that were read, where they were wanted."""
    attributes: Mapping[str, DeclaredAttribute] | None = None
    """Types that it declares for each attribute."""
    unread: str = NOT_ASKED
    """Reason why they are not all; empty where they are."""


async def ask_of_rows(source: Source, *, rows: bool) -> RowsTold:
    """Asks a source for its rows, all up to a limit with `rows`. One that cannot be asked gives none; its own checks explain why."""
    try:
        declared, attributes = await ask_declared(source)
        undeclared = declared is None and not isinstance(source, Target)
        came, unread = await _rows_of(source, MOST if rows else 1) if rows or undeclared else ([], NOT_ASKED)
    except Exception as error:  # noqa: BLE001 - what nobody foresaw is said by the checks, too
        return RowsTold(unread=f"its rows could not be read: {explained(error)}")
    return RowsTold(tuple(came[0].values()) if undeclared and came else declared, came, attributes, unread)


async def _rows_of(source: Source, most: int) -> tuple[list[Record], str]:
    """The rows of the first pages, until there are so many; why they are not all."""
    records: list[Record] = []
    problems: list[str] = []
    async for item in source.pages():
        match item:
            case RawPage() if item.scope.kind in _OF_RECORDS:
                records += decoded(source, item).records
                if len(records) >= most:
                    return records, f"only its first {len(records):,} rows were read; run `reconcile extract`"
            case ScopeEnd() if item.scope.kind is ScopeKind.ACCOUNTS:
                return records, _partly(item.problem)
            case ScopeEnd() if item.scope.kind is ScopeKind.FILE and item.problem:
                problems.append(item.problem)
    return records, _partly("; ".join(problems))


def _partly(problem: str) -> str:
    return f"not every row could be read: {problem}" if problem else ""


def last_reads(state: Path) -> dict[str, str]:
    """Returns the time of the last read of each system that stated its identity (RFC 3339, UTC): of the others no plan is made."""
    if not (state / STORE_FILE).exists():
        return {}
    with Store.open(state, write=False) as store:
        known = {system for system, *_ in store.rows("bound_systems")}
        return {system: at for system, _, _, at in store.rows("latest_snapshots") if system in known}


def seen_columns(state: Path) -> dict[str, frozenset[str]]:
    """The columns of each connector's rows, as they were when it was last read."""
    if not (state / STORE_FILE).exists():
        return {}
    with naming_the_holder(state), Store.open(state, write=False) as store:
        # A system of which no row was ever believed has columns that nobody knows, not none.
        return {system: frozenset(columns) for system, columns, open_ended in store.rows("all_known_columns") if columns and not open_ended}
