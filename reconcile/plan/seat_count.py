"""Counts the seats of one place through the operations of a plan, in their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from connectors.contract import EntitlementKind
from reconcile.plan.model import Operation, Verb
from reconcile.plan.seats import SeatPlace, SeatUse

COUNTED = frozenset({Verb.CREATE, Verb.REACTIVATE, Verb.DEACTIVATE, Verb.DELETE, Verb.CREATE_GROUP, Verb.ADD_MEMBER, Verb.REMOVE_MEMBER})
"""Verbs that can take or free a seat, or make the group whose seats are counted. A suspended account keeps its seats."""


@dataclass(frozen=True, slots=True)
class Holders:
    """The part of a snapshot that the seats of one place depend on."""

    place: SeatPlace
    ids: frozenset[str] = frozenset()
    """The group or app itself, and the groups that give the app."""
    used: int = 0
    active: frozenset[str] = frozenset()
    """Accounts that the plan changes and that are not deactivated."""
    held: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By such an account, through what it holds the place: itself, a group that gives it, or an empty text where that is not known."""


def seat_use(holders: Holders, seats: int, operations: Iterable[Operation], known: bool = True) -> SeatUse:  # noqa: FBT001, FBT002 - one fact
    """The use of the seats of one place; `operations` are those that are applied, in their order."""
    counting = _Counting(holders)
    for each in operations:
        if each.verb in COUNTED:
            counting.follow(each)
    place = holders.place
    return SeatUse(
        kind=place.kind,
        name=place.name,
        seats=seats,
        used=holders.used,
        freed=counting.freed,
        taken=counting.taken,
        most=counting.most if counting.taken else holders.used,
        through=tuple(sorted(counting.through)),
        known=known or counting.named,
    )


class _Counting:
    """The seats while operations are followed."""

    def __init__(self, holders: Holders) -> None:
        self._holders = holders
        self._active = set(holders.active)
        self._held: dict[str, set[str]] = defaultdict(set, {account: set(each) for account, each in holders.held.items()})
        self._in_use = holders.used
        self.freed = self.taken = self.most = 0
        self.through: set[str] = set()
        self.named = False

    def follow(self, operation: Operation) -> None:
        account = operation.account_id or f"new {operation.anchor or operation.who}"
        before = self._sits(account)
        self._change(account, operation)
        change = self._sits(account) - before
        self._in_use += change
        if change > 0:
            self.taken += 1
            self.through.add(operation.entitlement)
            # Seats in excess before the plan that it frees first are none that it needs.
            self.most = max(self.most, self._in_use)
        self.freed += change < 0

    def _sits(self, account: str) -> bool:
        return account in self._active and (not self._holders.place.kind or bool(self._held.get(account)))

    def _change(self, account: str, operation: Operation) -> None:
        if operation.verb in (Verb.CREATE, Verb.REACTIVATE):
            self._active.add(account)
        elif operation.verb in (Verb.DEACTIVATE, Verb.DELETE):
            self._active.discard(account)
        elif (path := self._path(operation)) and operation.verb is Verb.ADD_MEMBER:
            self._held[account].add(path)
        elif path:
            self._held[account].discard(path)

    def _path(self, operation: Operation) -> str:
        """Returns the way to the place that a membership gives or takes; empty where it is of another place."""
        if operation.entitlement_id:
            return operation.entitlement_id if operation.entitlement_id in self._holders.ids else ""
        kind, name = self._holders.place
        if (operation.entitlement_kind or EntitlementKind.GROUP.value, operation.entitlement) != (kind, name):
            return ""
        self.named = True
        return f"new {name}"
