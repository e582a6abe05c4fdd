"""Leavers whose accounts stay because their target was not read completely: nothing is decided there, so a reviewer should know them."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.decide.evidence import Evidence
from reconcile.decide.fragment import named
from reconcile.decide.protection.protected import Protection
from reconcile.plan.waits import WaitCause, Waiting
from reconcile.store.connection import Store

SHOWN = 5
"""Leavers that are named."""


def leavers_of_unread_targets(
    store: Store, evidence: Evidence, targets: Iterable[str], name_attribute: str, protection: Protection
) -> tuple[Waiting, ...]:
    """One for each target that was not read and in which leavers had a linked account that worked when it was last read.

    An account that is protected is never to be ended, so no reviewer is told of it.
    """
    doubted = evidence.doubted(targets)
    if not doubted:
        return ()
    store.relations.derive("leaver_name", "identity", {"name": name_attribute, "standing": "state"}, kept=["anchor"])
    store.do("make_own_endings")
    found = ((target, _leavers(store, target, protection)) for target in doubted)
    return tuple(
        Waiting(source=name, subject=name, cause=WaitCause.TARGET, people=len(who), leavers=len(who), sample=tuple(who[:SHOWN]))
        for name, who in found
        if who
    )


def _leavers(store: Store, target: str, protection: Protection) -> list[str]:
    rows = store.rows("leavers_of_unread_target", target=target)
    return [named(name, anchor) for name, anchor, account_id in rows if not protection.protects(target, anchor, account_id)]
