"""Evidence of the latest reads: which sources and targets were read completely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.contract import ScopeKind
from reconcile.plan.origin import ReadScope
from reconcile.store.connection import Store

_WHOLE_SYSTEM = frozenset({ScopeKind.FILE, ScopeKind.ACCOUNTS})
"""Scopes without which nothing is known of a system's accounts or people."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The scopes a plan is computed from."""

    scopes: tuple[ReadScope, ...]
    """The scopes of whole systems, and those that are incomplete; complete members scopes are only counted."""
    records_doubted: frozenset[str]
    """Systems whose people or accounts were not read completely."""
    entitlements_doubted: frozenset[str]
    """Systems whose list of groups was not read completely."""

    def doubted(self, systems: Iterable[str]) -> list[str]:
        """The systems whose people or accounts were not read completely."""
        return sorted(self.records_doubted & set(systems))


def latest_evidence(store: Store, systems: Iterable[str]) -> Evidence:
    """Returns the evidence of the latest read of each system."""
    used = set(systems)
    scopes, records, entitlements = [], set(), set()
    counted: dict[str, list[int]] = {}
    for system, kind, name, complete, partial, rows, reason in store.rows("latest_scopes"):
        if system not in used:
            continue
        if complete and kind in (ScopeKind.MEMBERS, ScopeKind.ASSIGNMENTS):
            counted.setdefault(system, []).append(rows)
            continue
        shown = f"{kind} {name}".strip() if kind != ScopeKind.FILE or not complete else "file"
        scopes.append(ReadScope(system=system, scope=shown, complete=complete, partial=partial, rows=rows, reason=reason))
        if not complete and kind in _WHOLE_SYSTEM:
            records.add(system)
        if not complete and kind == ScopeKind.ENTITLEMENTS:
            entitlements.add(system)
    scopes += [
        ReadScope(system=system, scope=f"members of {len(rows)} groups", complete=True, rows=sum(rows)) for system, rows in counted.items()
    ]
    return Evidence(tuple(sorted(scopes, key=lambda each: (each.system, each.scope))), frozenset(records), frozenset(entitlements))
