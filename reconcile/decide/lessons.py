"""Keeps the lessons of a target that still count: what it refused, and which values it keeps in another form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from reconcile.decide.fragment import TargetContext
from reconcile.plan.lessons import WHOLE, LessonKind, entitlement_of, fingerprint_all, subject_of
from reconcile.plan.model import CHANGING, Operation, Verb
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class Remembered:
    """Lesson on one attribute of an account, or on one operation (the columns of `lessons`)."""

    kind: LessonKind
    wanted: str
    shown: str
    sentence: str
    rules: str
    since: str
    """RFC 3339, UTC."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Lessons of a target, as far as they still count.

    A refusal counts until the value, what the account shows or the mappings change, and for so many days. Another form counts as long as
    the same is wanted and the same shown; that nothing is kept counts until the mappings change.
    """

    known: Mapping[tuple[str, str, str, str], Remembered]
    """By verb, subject, entitlement and attribute."""
    rules: str
    """The digest of the mappings."""
    run_date: date
    zone: ZoneInfo
    days: int
    """Days for which a refusal counts."""

    def subjects(self, verb: Verb) -> frozenset[str]:
        """The people, accounts and groups of which something is remembered about operations of a verb."""
        return frozenset(subject for of_verb, subject, *_ in self.known if of_verb == verb.value)

    def on(self, operation: Operation, name: str) -> Remembered | None:
        """The lesson on one attribute of the account of an operation, or on the operation as a whole."""
        verb = Verb.UPDATE if operation.verb in CHANGING else operation.verb
        return self.known.get((verb.value, subject_of(operation), entitlement_of(operation), name))

    def refusal_of(self, operation: Operation) -> Remembered | None:
        """The refusal of the same operation, where it counts."""
        remembered = self.on(operation, WHOLE)
        if remembered is None or not self.counts(remembered):
            return None
        same = (remembered.wanted, remembered.shown) == (fingerprint_all(operation.after), fingerprint_all(operation.before))
        return remembered if same else None

    def counts(self, remembered: Remembered) -> bool:
        """Whether a refusal counts still."""
        return remembered.rules == self.rules and self.run_date < self.again(remembered)

    def again(self, remembered: Remembered) -> date:
        """The day from which it is tried again in any case."""
        return self.day(remembered) + timedelta(days=self.days)

    def day(self, remembered: Remembered) -> date:
        """The day on which it was learnt."""
        return datetime.fromisoformat(remembered.since).astimezone(self.zone).date()


def lessons_of(store: Store, view: TargetContext, rules: str, run_date: date, zone: ZoneInfo) -> Lessons:
    """The lessons that the store remembers of a target, for a plan by some mappings on a day."""
    known = {
        (verb, subject, entitlement, name): Remembered(LessonKind(kind), *taught)
        for verb, subject, entitlement, name, kind, *taught in store.rows("lessons", target=view.name)
    }
    return Lessons(known, rules, run_date, zone, view.mapping.retry_refused_after_days)
