"""Keeps the holds of a project: which person or account no run changes, until when, and who said so."""

from __future__ import annotations

from datetime import date

from reconcile.apply.audit import Audit, AuditEvent
from reconcile.apply.journal_file import JournalFile
from reconcile.plan.hold import Hold


class Holds:
    """The holds in a journal. A row is never changed but by its release."""

    def __init__(self, file: JournalFile) -> None:
        self._file, self._audit = file, Audit(file)

    def add(self, hold: Hold) -> None:
        """Adds a hold. It takes the place of an earlier one on the same person or account."""
        subject, now = _subject(hold), self._file.clock.stamp()
        with self._file.transaction():
            self._file.do("release_hold", **subject, released=now)
            self._file.do("add_hold", **subject, until=hold.until, by=hold.by, why=hold.why, made=now)
            self._audit.record(AuditEvent.HELD, facts={**subject, "until": hold.until, "by": hold.by, "why": hold.why})

    def release(self, hold: Hold) -> None:
        """Ends the holds on the person or account of a hold."""
        subject = _subject(hold)
        with self._file.transaction():
            self._file.do("release_hold", **subject, released=self._file.clock.stamp())
            self._audit.record(AuditEvent.RELEASED, facts={**subject, "by": hold.by})

    def on(self, day: date) -> tuple[Hold, ...]:
        """Returns the holds that are in force on a day, in the order in which they were made."""
        names = ("anchor", "target", "account_id", "until", "by", "why", "made")
        return tuple(Hold(**dict(zip(names, row, strict=True))) for row in self._file.rows("holds_on", day=day.isoformat()))


def _subject(hold: Hold) -> dict[str, str]:
    return {"anchor": hold.anchor, "target": hold.target, "account": hold.account_id}
