"""The use of licence seats while a plan is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class SeatPlace(NamedTuple):
    """A place whose seats are counted: a target, or one of its groups or apps."""

    kind: str = ""
    """`group` or `app`; empty for the accounts of the target."""
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.kind else "accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatUse:
    """The use of the seats of one place, from the snapshot to the end of the plan."""

    kind: str
    name: str
    seats: int
    """Seats that are declared."""
    used: int
    """Seats that the snapshot shows in use."""
    freed: int = 0
    taken: int = 0
    most: int = 0
    """The most in use at one time once the plan has taken one, in its order; where it takes none, those of the snapshot."""
    through: tuple[str, ...] = ()
    """The groups and apps by whose memberships they are taken; an empty text stands for accounts that become active."""
    known: bool = True
    """Whether the snapshot, or the plan, has a group or an app of that name."""

    @property
    def after(self) -> int:
        """Seats in use when the plan is done."""
        return self.used - self.freed + self.taken

    @property
    def short(self) -> int:
        """Seats that are missing at the worst time; 0 where all suffice, or where the plan takes none."""
        return max(0, self.most - self.seats) if self.taken else 0

    @property
    def enough_after(self) -> bool:
        """Whether the seats suffice when the plan is done."""
        return self.after <= self.seats

    @property
    def place(self) -> SeatPlace:
        return SeatPlace(self.kind, self.name)
