"""Keeps the holds of a project: which person or account no run changes, until when, and who said so."""

from __future__ import annotations

from datetime import date

from reconcile.apply.journal_file import JournalFile
from reconcile.plan.hold import Hold


class Holds:
    """The holds in a journal. A row is never changed but by its release."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def add(self, hold: Hold) -> None:
        """Adds a hold. It takes the place of an earlier one on the same person or account."""
        self.release(hold)
        self._file.do(
            "add_hold",
            anchor=hold.anchor,
            target=hold.target,
            account=hold.account_id,
            until=hold.until,
            by=hold.by,
            why=hold.why,
            made=self._file.clock.stamp(),
        )

    def release(self, hold: Hold) -> None:
        """Ends the holds on the person or account of a hold."""
        subject = {"anchor": hold.anchor, "target": hold.target, "account": hold.account_id}
        self._file.do("release_hold", **subject, released=self._file.clock.stamp())

    def on(self, day: date) -> tuple[Hold, ...]:
        """Returns the holds that are in force on a day, in the order in which they were made."""
        names = ("anchor", "target", "account_id", "until", "by", "why", "made")
        return tuple(Hold(**dict(zip(names, row, strict=True))) for row in self._file.rows("holds_on", day=day.isoformat()))
