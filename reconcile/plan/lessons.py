"""Lessons of a live run: what a target refused for good, and in which form it keeps what was written.

Values are remembered as fingerprints: the journal tells whether a value is the same, and not what it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from connectors.contract import Value
from connectors.errors import Busy, Conflict, Rejected
from reconcile.plan.model import CHANGING, Operation, Verb

WHOLE = ""
"""Stands for the whole operation, where other lessons are about one attribute."""
LONGEST_SENTENCE = 300
NOTHING = ""
"""The fingerprint of no value."""


class LessonKind(StrEnum):
    """Kind of a lesson."""

    REFUSED = "refused"
    """The target refuses the value, alone in its request."""
    REFUSED_TOGETHER = "refused_together"
    """The target refused a request with several values, of which at least one is to blame."""
    SHOWN = "shown"
    """The target took the value, and shows another form of it, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Lesson of one operation of a run on some attributes of one account, or on one membership, state or creation."""

    kind: LessonKind
    verb: Verb
    subject: str
    """The anchor; the id of an account without one; the name of a group to create."""
    entitlement: str
    values: Mapping[str, tuple[str, str]]
    """By attribute (or `WHOLE`): the fingerprints of what was wanted, and of what the account shows."""
    sentence: str
    rules: str
    """The digest of the mappings by which the operation was planned."""

    def text(self) -> str:
        """Returns the lesson as the journal keeps it."""
        parts = {"kind": self.kind, "verb": self.verb, "subject": self.subject, "entitlement": self.entitlement, "rules": self.rules}
        return json.dumps({**parts, "values": self.values, "sentence": self.sentence}, sort_keys=True)


def fingerprint(value: Value) -> str:
    """Returns a short text that differs for different values. A target's null, '' and absence are all "none"."""
    if value is None or value in ("", []):
        return NOTHING
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=dict)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def fingerprint_all(values: Mapping[str, Value]) -> str:
    """Returns a short text that differs for different values of all attributes of an operation."""
    return fingerprint({name: fingerprint(value) for name, value in values.items()})


def rules_digest(configuration: Mapping[str, str]) -> str:
    """The digest of everything under mappings/, from the digests of the parts of a configuration."""
    return fingerprint({name: digest for name, digest in configuration.items() if name.startswith("mappings/")})


def subject_of(operation: Operation) -> str:
    """The subject of an operation, by the name that later plans give it."""
    return operation.anchor or operation.account_id or operation.entitlement


def entitlement_of(operation: Operation) -> str:
    """The entitlement that a membership operation is about."""
    return (operation.entitlement_id or operation.entitlement) if operation.verb in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER) else ""


def is_judgement(error: Exception) -> bool:
    """Whether a target judged what was asked, so that a repetition changes nothing. Credentials, limits, outages and races judge nothing."""
    return isinstance(error, Rejected) or (isinstance(error, Conflict) and not isinstance(error, Busy))


def refusal(operation: Operation, sentence: str, rules: str) -> Lesson:
    """The lesson of a request that was refused for good."""
    values = {WHOLE: (fingerprint_all(operation.after), fingerprint_all(operation.before))}
    if operation.verb in CHANGING:
        values = {name: (fingerprint(value), fingerprint(operation.before.get(name))) for name, value in operation.after.items()}
    kind = LessonKind.REFUSED_TOGETHER if len(values) > 1 else LessonKind.REFUSED
    return _lesson(kind, operation, values, sentence, rules)


def of_attributes(kind: LessonKind, operation: Operation, shown: Mapping[str, Value], sentence: str, rules: str) -> Lesson:
    """The lesson about attributes of an account that was written: what a later update would write, and find there."""
    values = {name: (fingerprint(operation.after[name]), fingerprint(value)) for name, value in shown.items()}
    return _lesson(kind, operation, values, sentence, rules)


def _lesson(kind: LessonKind, operation: Operation, values: Mapping[str, tuple[str, str]], sentence: str, rules: str) -> Lesson:
    return Lesson(
        kind=kind,
        # What a creation taught about an attribute counts for the updates that follow it.
        verb=operation.verb if WHOLE in values else Verb.UPDATE,
        subject=subject_of(operation),
        entitlement=entitlement_of(operation),
        values=values,
        sentence=sentence[:LONGEST_SENTENCE],
        rules=rules,
    )
