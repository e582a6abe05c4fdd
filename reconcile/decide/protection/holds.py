"""Follows holds on people from one anchor to the next: a contractor on hold who becomes an employee stays on hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconcile.plan.hold import Hold
from reconcile.store.connection import Store


def followed(store: Store, holds: Sequence[Hold]) -> tuple[Hold, ...]:
    """Returns the holds on people under an anchor that does not count any more, each on the one that does, unless that is held as long.

    A run forgets the link of the former anchor, and its row may be gone the next night: by then the hold must be on the other one.
    """
    until = {hold.anchor: hold.until for hold in holds if hold.anchor}
    counts: dict[str, str] = dict(store.rows("anchors_that_count", anchors=sorted(until))) if until else {}
    found: dict[str, Hold] = {}
    for hold in holds:
        now = counts.get(hold.anchor, "")
        if now and until.get(now, "") < hold.until:
            until[now] = hold.until
            found[now] = replace(hold, anchor=now)
    return tuple(found.values())


def under_other_anchors(store: Store, asked: Iterable[Hold], in_force: Iterable[Hold]) -> list[Hold]:
    """Returns the holds in force that are on the same people as those asked for, under other anchors of theirs."""
    anchors = sorted({hold.anchor for hold in asked if hold.anchor})
    others = {anchor for anchor, _ in store.rows("other_anchors", anchors=anchors)} if anchors else set()
    return [hold for hold in in_force if hold.anchor in others]
