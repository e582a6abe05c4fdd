"""One target as its guards see it: its operations and facts, and how each guard counts them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconcile.decide.guards.facts import Base, GuardFacts
from reconcile.decide.guards.verdict import over_limit
from reconcile.plan.earlier import Applied, beside
from reconcile.plan.impact import NO_BULK, BulkCount, Impact, extent, of_all, share_of_whole
from reconcile.plan.model import LOSING, Census, Operation, Verb
from reconcile.project.limits import Guards, Limit


@dataclass(frozen=True, slots=True)
class GuardedTarget:
    """One target, with what its guards are evaluated on."""

    guards: Guards
    census: Census
    operations: Mapping[Verb, Sequence[Operation]]
    facts: GuardFacts

    @property
    def name(self) -> str:
        return self.census.target

    def ending(self) -> list[Operation]:
        """Returns the operations that take a working account from a person."""
        return [each for verb in Verb if verb in LOSING for each in self.operations[verb]]

    def earlier(
        self, guard: str, planned: Sequence[Operation], counts: Callable[[Operation], bool], bulk: BulkCount = NO_BULK
    ) -> tuple[Applied, ...]:
        """Returns the operations of other runs of the day that count for a guard beside the planned ones."""
        return beside(self.facts.earlier, f"{self.name}.{guard}", planned, counts, others=bulk.operations)

    def size(self, limit: Limit, planned: Sequence[Operation], earlier: Sequence[Applied], bulk: BulkCount = NO_BULK) -> Impact:
        """Returns the impact on the accounts of before; on all accounts, where that alone is over the limit.

        Accounts that other runs of the day made are among all: they make a loss of the others no smaller, and their own is judged.
        """
        made = self.facts.made
        numbers = Base(self.census.standing, self.census.population)
        return of_those_before(limit, planned, earlier, numbers, lambda each: each.account_id in made, bulk=bulk)


def of_those_before(  # noqa: PLR0913 - what a share is of, and what of it is new
    limit: Limit,
    planned: Sequence[Operation],
    earlier: Sequence[Applied],
    base: Base,
    is_new: Callable[[Operation], bool],
    *,
    bulk: BulkCount = NO_BULK,
) -> Impact:
    """Returns the impact on what was there before the other runs of the day; on all, where that alone is over the limit or concerned.

    `is_new`: whether the other runs of the day made what an operation concerns.
    """
    known_planned = [each for each in planned if not is_new(each)]
    known = together(known_planned, [each for each in earlier if not is_new(each.operation)], base.before, bulk)
    everything = together(planned, earlier, base.all, bulk)
    return everything if not over_limit(known, limit) and (over_limit(everything, limit) or not known.operations) else known


def together(planned: Sequence[Operation], earlier: Iterable[Applied], population: int, bulk: BulkCount = NO_BULK) -> Impact:
    """Returns the impact of what is planned and what other runs of the day applied, of what may change or be lost."""
    return share_of_whole(gained(planned, earlier, population, bulk))


def gained(planned: Sequence[Operation], earlier: Iterable[Applied], population: int, bulk: BulkCount = NO_BULK) -> Impact:
    """Returns the same of what is given: it may be more than what is there."""
    return extent([*planned, *(each.operation for each in earlier)], population, bulk)


def share_of_all(size: Impact) -> str:
    """The share of all accounts or people, as a sentence names it."""
    return f"{size.percent} of {of_all(size.population)}"
