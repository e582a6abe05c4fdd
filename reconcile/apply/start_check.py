"""Checks what is known without a read: whether an operation may be begun, or why it is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconcile.apply.action import not_reached
from reconcile.apply.outcome_facts import SUCCEEDED
from reconcile.apply.outcomes import outcome_of, without_approval
from reconcile.apply.prerequisites import Prerequisite
from reconcile.apply.target_run import TargetRun
from reconcile.decide.protection.protected import Protection
from reconcile.plan.model import Operation, Outcome, OutcomeKind


@dataclass(frozen=True, slots=True)
class StartCheck:
    """The reasons of one run not to begin an operation."""

    hold: str
    """The reason why no operation is begun any more; empty where they are."""
    protection: Protection
    not_approved: Mapping[str, str]
    """By operation: why a reviewer does not let it be applied."""
    before: frozenset[str]
    """Operations whose request an earlier process of the run may have sent."""

    def held(self, at: TargetRun, operation: Operation, needed: Sequence[Prerequisite]) -> Outcome | None:
        """The outcome of an operation that is not begun; None where it may be. One that may have been sent is looked at all the same."""
        begun = operation.id in self.before
        if not begun and (reason := self.hold or self.protection.reason(operation, at.target.traits)):
            return outcome_of(OutcomeKind.HELD, reason)
        if not begun and (unapproved := without_approval(operation, self.not_approved, needed)):
            return unapproved
        if at.stopped:
            return not_reached(operation, at.stopped, sent_before=begun)
        if problem := at.canaries.problem(operation) or ("" if begun else at.moved.problem):
            return outcome_of(OutcomeKind.HELD, problem)
        if failed := [each.outcome for each in needed if each.outcome.kind not in SUCCEEDED]:
            return outcome_of(OutcomeKind.HELD, f"it depends on {failed[0].operation_id}, which ended as {failed[0].kind}")
        return None
