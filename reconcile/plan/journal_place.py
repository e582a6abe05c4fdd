"""The place of a read or of a run among the entries of the journal: an order that holds also where a clock was wrong and set back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """The moment of a read or of a run, and how many entries the journal had by then."""

    at: str
    """RFC 3339, UTC."""
    entry: int | None = None
    """The number of the journal's last entry; None where it was not written down: then only the moments can be compared."""

    def is_before(self, number: int, at: str) -> bool:
        """Whether this came before an entry that has a number and a moment."""
        return number > self.entry if self.entry is not None else at > self.at
