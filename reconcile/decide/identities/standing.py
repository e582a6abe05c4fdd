"""Phrases for where a person stands at the clock: lifecycle state, and what their source says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, Self

from reconcile.plan.model import LifecycleState

_SAID_BY_THE_STATE = ("leave", "on leave", "terminated")
"""Status words that add nothing to the lifecycle state beside them."""


class Life(NamedTuple):
    """Values of a person's lifecycle in their source (the column `_life` of `identity`)."""

    status: str | None
    """Its status word, unless that is one of those that mean active."""
    started: date | str | None
    """A date that Python cannot hold is text."""
    ended: date | str | None

    @classmethod
    def of(cls, column: Mapping[str, str | date | None] | None) -> Self | None:
        """The value of the column; None where the source declares no lifecycle."""
        return cls(**column) if column is not None else None  # type: ignore[arg-type] # the columns of a struct

    def __str__(self) -> str:
        """`status retired, start 2019-03-01, end 2026-02-28`, as far as there is any."""
        status = f"status {self.status}" if self.status is not None and self.status not in _SAID_BY_THE_STATE else None
        dates = (f"{word} {day}" if day is not None else None for word, day in (("start", self.started), ("end", self.ended)))
        return ", ".join(filter(None, (status, *dates)))


def standing(person: str, state: str, life: Life | None) -> str:
    """Returns the lifecycle state of a person with its values in the source: `Anna Lee (0010001) is active (start 2026-03-01)`."""
    word = "on leave" if state == LifecycleState.LEAVE else state
    said = str(life or "")
    return f"{person} is {word}{f' ({said})' if said else ''}"
