"""The result of a rehearsal, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconcile.plan.model import OutcomeKind, Verb
from reconcile.plan.seats import SeatUse


@dataclass(frozen=True, slots=True)
class Amount:
    """Requests to one target, and the minutes that they take under its real limits."""

    requests: int | None
    minutes: float | None
    limit: str
    """The rate limit that the minutes follow from; empty where none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedRow:
    """An operation that was not applied, or did not end as planned."""

    operation: str
    verb: Verb
    who: str
    entitlement: str
    what: str
    """The difference that was found, or the reason why it was not applied."""
    outcome: OutcomeKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedTarget:
    """The end of one target."""

    target: str
    dialect: str
    """Dialect of its twin; empty where its kind has none."""
    outcomes: Mapping[OutcomeKind, int]
    not_applied: tuple[RehearsedRow, ...]
    """The first of them."""
    differences: int
    """Number of facts that succeeded operations were to make true, and that are not."""
    different_rows: tuple[RehearsedRow, ...]
    """The first of them."""
    incomplete: tuple[str, ...]
    """Reasons why the twin could not be read completely after the run."""
    forecast: Amount
    measured: Amount
    seats: tuple[SeatUse, ...] = ()
    """The use of licence seats, a place each; of what is declared alone."""

    @property
    def planned(self) -> int:
        return sum(self.outcomes.values())

    @property
    def applied(self) -> int:
        return self.outcomes.get(OutcomeKind.DONE, 0) + self.outcomes.get(OutcomeKind.ALREADY, 0)

    @property
    def kept_back(self) -> int:
        """Operations that a reviewer held or rejected."""
        return self.outcomes.get(OutcomeKind.NOT_APPROVED, 0)

    @property
    def as_planned(self) -> bool:
        """Whether every row was applied, and is then as it was planned."""
        return self.applied + self.kept_back == self.planned and not self.differences and not self.incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The end of a rehearsal."""

    plan_digest: str
    crashed: bool
    refused: bool
    """Whether a guard refuses the plan: live it is not applied."""
    targets: tuple[RehearsedTarget, ...]
    next_operations: int
    """Operations of the plan that is made of the twins afterwards, without those that a reviewer kept back."""
    next_rows: tuple[RehearsedRow, ...]
    """The first of them."""

    @property
    def as_planned(self) -> bool:
        """Whether every row of every target was applied, and is then as it was planned."""
        return all(each.as_planned for each in self.targets)

    @property
    def short_of_seats(self) -> bool:
        """Whether the plan takes more licence seats than there are: a system may refuse live what its twin took."""
        return any(use.short for each in self.targets for use in each.seats)
