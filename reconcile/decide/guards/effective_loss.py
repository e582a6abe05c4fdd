"""Effective loss: apps that go with a group or an account, and the last administrators."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconcile.decide.guards.facts import AdminGroup, AppHolding
from reconcile.plan.model import LOSING, Operation, Verb


@dataclass(frozen=True, slots=True)
class AppLoss:
    """One account that loses at least one app."""

    cause: Operation
    """An operation that it comes of."""
    apps: tuple[str, ...]
    """Their names."""


def app_losses(operations: Iterable[Operation], held: Mapping[str, Sequence[AppHolding]]) -> list[AppLoss]:
    """The accounts that hold an app now and will not: with the account, by itself, or with the last group that gives it."""
    by_account: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.account_id in held and (operation.verb in LOSING or operation.verb is Verb.REMOVE_MEMBER):
            by_account[operation.account_id].append(operation)
    losses = []
    for account_id, taken in by_account.items():
        lost = tuple(holding.app for holding in held[account_id] if _is_lost(holding, taken))
        if lost:
            losses.append(AppLoss(taken[0], lost))
    return losses


def _is_lost(holding: AppHolding, taken: Sequence[Operation]) -> bool:
    if any(operation.verb in LOSING for operation in taken):
        return True
    removed = {operation.entitlement_id for operation in taken}
    if holding.direct:
        return holding.app_id in removed and removed.issuperset(holding.groups)
    return bool(holding.groups) and removed.issuperset(holding.groups)


def most_lost(losses: Iterable[AppLoss]) -> tuple[str, int]:
    """The app that most of them lose, and how many do."""
    tally = Counter(app for loss in losses for app in loss.apps)
    return min(tally.items(), key=lambda item: (-item[1], item[0]))


def admins_lost(operations: Iterable[Operation], admins: AdminGroup) -> dict[str, Operation]:
    """Returns the working administrators that will be none any more, by account id. A new one makes up for none: an addition may fail."""
    return {
        operation.account_id: operation
        for operation in operations
        if operation.account_id in admins.working
        and (operation.verb in LOSING or (operation.verb is Verb.REMOVE_MEMBER and operation.entitlement_id in admins.groups))
    }
