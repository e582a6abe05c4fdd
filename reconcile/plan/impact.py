"""The impact of operations on a target, in the numbers that guards judge and reports show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reconcile.plan.model import Census, Operation, Verb


class BulkCount(NamedTuple):
    """Operations of one verb that are counted and not looked at, of people of whom no other operation of the verb is."""

    operations: int = 0
    accounts: int = 0
    names: int = 0
    """Different names by which a reviewer knows those accounts."""
    first: tuple[tuple[str, str], ...] = ()
    """The first of them in the order of the plan: the anchor, and the name."""


NO_BULK = BulkCount()

LEAST_SHOWN = 0.1
"""A share below this many per cent is shown as less than it, never as a zero that is none."""

GIVING = frozenset({Verb.CREATE, Verb.CREATE_GROUP, Verb.ADD_MEMBER})
"""Verbs that new people get, too."""


class Impact(NamedTuple):
    """Operations of one verb in one target, beside the size of that target."""

    operations: int
    accounts: int
    """Different accounts among those operations: an account that loses three groups counts once."""
    population: int
    """`population_of` the verb; 0 where unknown."""

    @property
    def share(self) -> float:
        """Returns the share of the population that the accounts are, in per cent; 100 where the size of the population is unknown."""
        return 100 * self.accounts / self.population if self.population else 100.0

    @property
    def percent(self) -> str:
        """The share as it is shown; `–` where the population is unknown."""
        if not self.population:
            return "–"
        return f"< {LEAST_SHOWN}%" if 0 < self.share < LEAST_SHOWN else f"{self.share:.1f}%"


def extent(operations: Iterable[Operation], population: int, bulk: BulkCount = NO_BULK) -> Impact:
    """Returns the impact of one verb in one target, with the operations that are counted alone."""
    each = list(operations)
    accounts = {(one.account_id, "" if one.account_id else one.anchor) for one in each}
    nameless = sum(not one.account_id and not one.anchor for one in each)
    return Impact(len(each) + bulk.operations, len(accounts - {("", "")}) + nameless + bulk.accounts, population)


def share_of_whole(size: Impact) -> Impact:
    """The impact of changes and losses: what is concerned is part of what they are a share of, so that no share is above 100%."""
    return size._replace(population=max(size.population, size.accounts))


def population_of(census: Census, verb: Verb) -> int:
    """Returns the number that percentages of a verb are of. A first run creates all, but new people make no loss of others smaller."""
    return census.population if verb in GIVING else census.standing


def number_of(count: int, one: str, many: str = "") -> str:
    """`1 operation`, `1,204 operations`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def of_all(population: int) -> str:
    """The base of a percentage in a sentence: `456 accounts or people`."""
    return f"{population:,} accounts or people"


def all_of(census: Census) -> str:
    """The base of the percentages of one target: `90 (...); changes and losses are of the 82 accounts there before`."""
    base = f"{census.population:,} (accounts not deactivated, or eligible people if more)"
    if census.standing == census.population:
        return base
    before = "before the day's other runs, with those since where they are concerned" if census.before is not None else "before"
    return f"{base}; changes and losses are of the {number_of(census.standing, 'account')} there {before}"
