"""Findings on the apps in which a person must end the accounts of those whose account is deactivated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Verb
from reconcile.store.connection import Store

SHOWN = 20
"""Number of apps that a finding names."""


def ended_by_hand(store: Store, operations: Iterable[Operation]) -> tuple[Finding, ...]:
    """One finding for each account that the operations deactivate and that holds such apps, directly or through a group.

    A suspension ends no account in any app: they wait for the person.
    """
    by_target: dict[str, dict[str, Operation]] = defaultdict(dict)
    for each in operations:
        if each.verb is Verb.DEACTIVATE and each.account_id:
            by_target[each.target][each.account_id] = each
    return tuple(
        _finding(leavers[account_id], apps)
        for target, leavers in sorted(by_target.items())
        for account_id, apps in _held(store, target, sorted(leavers)).items()
    )


def _held(store: Store, target: str, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    held: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for account_id, name, _, why in store.rows("held_apps_ended_by_hand", target=target, ids=ids):
        held[account_id].append((name, why))
    return held


def _finding(leaver: Operation, apps: Sequence[tuple[str, str]]) -> Finding:
    named = ", ".join(f"{name} ({why})" for name, why in apps[:SHOWN])
    more = f" and {len(apps) - SHOWN:,} more" if len(apps) > SHOWN else ""
    who = leaver.who or leaver.account_id
    return Finding(
        kind=FindingKind.BY_HAND,
        severity=Severity.ATTENTION,
        target=leaver.target,
        anchor=leaver.anchor,
        account_id=leaver.account_id,
        who=who,
        message=f"End the access of {leaver.name or who} by hand in {number_of(len(apps), 'app')}: {named}{more}.",
    )
