"""Facts for guard evaluation, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reconcile.plan.earlier import Applied
from reconcile.plan.impact import NO_BULK, BulkCount
from reconcile.plan.model import Verb

SAMPLE = 5
"""The number of people, or other parts, that a refusal names."""
MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)


class Base(NamedTuple):
    """The numbers that a share is of."""

    before: int
    """Accounts, members or people there before the other runs of the day."""
    all: int
    """The same number with the ones that came since."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """The values of the people for one identity attribute."""

    of: Mapping[str, str]
    """By anchor, of those whom the plan concerns."""
    sizes: Mapping[str, int]
    """The number of people with an account that works, or did before the other runs of the day, by value."""
    made: frozenset[str] = frozenset()
    """The people whose account these runs made or reactivated, by anchor; they are in no number."""

    def made_of(self, value: str) -> int:
        """Counts those with a value among them."""
        return sum(self.of.get(anchor) == value for anchor in self.made)


@dataclass(frozen=True, slots=True)
class AppHolding:
    """One app that an account holds."""

    app_id: str
    app: str
    direct: bool
    """Whether the account is assigned to it by itself."""
    groups: tuple[str, ...]
    """The account's groups that the app is assigned to, by id."""


@dataclass(frozen=True, slots=True)
class AdminGroup:
    """The members of the group that must not run empty."""

    groups: frozenset[str]
    """The ids of the groups of that name: none where the system has none."""
    working: frozenset[str]
    """The members whose account can be used, by id."""
    known_as: str = ""
    """The name in the guard, and the one that the group has by now where that is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardFacts:
    """Facts that the guards of one target are evaluated on. An unknown one is empty, and a guard that needs it has no part."""

    target: str
    members: Mapping[str, int] = field(default_factory=dict)
    """The number of accounts in each of the groups that are changed before the other runs of the day, by id."""
    all_members: Mapping[str, int] = field(default_factory=dict)
    """The same with those that came since, where it is not known to be the same."""
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    """By identity attribute."""
    admins: AdminGroup | None = None
    apps: Mapping[str, Sequence[AppHolding]] = field(default_factory=dict)
    """Apps of each account that may lose something, by account id."""
    app_holders: int = 0
    """The number of usable accounts that hold an app."""
    past_sizes: Sequence[Mapping[Verb, int]] = ()
    """The number of operations of each verb that were applied on each of the last days with a run, the oldest first."""
    earlier: Sequence[Applied] = ()
    """The operations that other runs of the day applied there."""
    changed_keys: Mapping[str, str] = field(default_factory=dict)
    """Key that a person who gets an account seems to have had before, by anchor."""
    bulk: BulkCount = NO_BULK
    """The bulk additions of memberships."""
    reactivated: BulkCount = NO_BULK
    """The reactivations of accounts that existed before the day's runs, where they are counted and not looked at."""
    bulk_by_group: Mapping[tuple[str, str], BulkCount] = field(default_factory=dict)
    """The same of each group that has members, by its id and its name."""

    @property
    def made(self) -> frozenset[str]:
        """The accounts that they created, by id."""
        return frozenset(
            each.operation.account_id for each in self.earlier if each.operation.verb is Verb.CREATE and each.operation.account_id
        )

    @property
    def added(self) -> frozenset[tuple[str, str]]:
        """The memberships that they gave, by account and group."""
        gave = (each.operation for each in self.earlier if each.operation.verb is Verb.ADD_MEMBER)
        return frozenset((each.account_id, each.entitlement_id) for each in gave)


def of_target(guard_facts: Iterable[GuardFacts], target: str) -> GuardFacts:
    """The facts of one target; empty ones where nothing is known."""
    return next((each for each in guard_facts if each.target == target), GuardFacts(target=target))
