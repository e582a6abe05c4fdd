"""Judges whether a scope lost too many rows to be believed, without the members that this job ended itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from connectors.contract import Scope, ScopeKind
from reconcile.plan.journal_place import JournalPlace
from reconcile.project.config import Reading
from reconcile.store.connection import Store

OwnEndings: TypeAlias = Callable[[str, str, JournalPlace], Collection[str]]
"""Returns the accounts of a system that live runs took out of an entitlement, or ended, since a read, and did not give back."""


def none_ended(_system: str, _entitlement: str, _since: JournalPlace) -> Collection[str]:
    """Returns no accounts: nothing is known of any run."""
    return ()


def is_shrunk(reading: Reading, before: int, found: int, own: Callable[[], int]) -> bool:
    """Whether a scope that had so many rows lost more than a read may lose.

    `own`: counts the rows that live runs took, asked for only in doubt. The share is one of the rows that are left to be read.
    """

    def is_over(expected: int) -> bool:
        lost = expected - found
        return lost > reading.shrink_floor and lost > expected * reading.shrink_percent / 100

    return is_over(before) and is_over(before - own())


def own_losses(store: Store, system: str, scope: Scope, since: JournalPlace, ended: OwnEndings) -> int:
    """Counts the known members that a read does not show because live runs took them since."""
    if scope.kind not in (ScopeKind.MEMBERS, ScopeKind.ASSIGNMENTS):
        return 0
    accounts = sorted(ended(system, scope.name, since))
    return int(store.value("own_losses", system=system, entitlement_id=scope.name, accounts=accounts)) if accounts else 0
