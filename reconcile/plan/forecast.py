"""The forecast of an apply: how many requests it takes of one target, and how long its rate limits make that last."""

from __future__ import annotations

from dataclasses import dataclass

from reconcile.plan.seats import SeatUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The forecast of one target."""

    target: str
    requests: int | None
    """Requests to the target; None where its connector declares no costs."""
    minutes: float | None = None
    """Minutes until the last of them may go; None where no limit is known."""
    limit: str = ""
    """The limit that the most minutes come of, by the connector's own name."""
    seats: tuple[SeatUse, ...] = ()
    """The use of licence seats, a place each; of what is declared alone."""
