"""Approvals of a plan by people, and the rows that they hold or reject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RowDecision(StrEnum):
    """Decision of a reviewer that a row of an approved plan is not applied."""

    HOLD = "hold"
    """Not with this plan; the next one has it again."""
    REJECT = "reject"
    """Not with this plan, and not with a later one while the row says the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The approval of one plan by one person. It is not part of the plan, whose bytes stay as they are."""

    plan_digest: str
    by: str
    why: str
    made: str
    """RFC 3339, UTC."""
    until: str
    """From then on it is worth nothing. RFC 3339, UTC."""
    run: str = ""
    """The live run that used it up; empty while none has."""
    rows: Mapping[str, RowDecision] = field(default_factory=dict)
    """By operation: the rows that the person holds or rejects."""

    def of(self, decision: RowDecision) -> list[str]:
        """The operations with a decision."""
        return [operation for operation, each in self.rows.items() if each is decision]


def standing_approvals(approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    """The last approval of each person, in the order in which they were made: it replaces the earlier ones of the same person."""
    last: dict[str, Approval] = {}
    for each in approvals:
        last.pop(person(each.by), None)
        last[person(each.by)] = each
    return tuple(last.values())


def person(name: str) -> str:
    """The name of a person in the form in which two are compared."""
    return " ".join(name.split()).casefold()


def not_approved(approvals: Iterable[Approval]) -> dict[str, str]:
    """The reason by operation why it is not applied: one person is enough to hold or reject it. A rejection comes before a hold."""
    reasons: dict[str, str] = {}
    for approval in approvals:
        for operation, decision in approval.rows.items():
            word = "rejected" if decision is RowDecision.REJECT else "held"
            if decision is RowDecision.REJECT or operation not in reasons:
                reasons[operation] = f"{word} by {approval.by}: {approval.why.rstrip('.')}"
    return reasons
