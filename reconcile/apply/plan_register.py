"""Registers the plans of a project: purpose, order, and the last run before each."""

from __future__ import annotations

from enum import StrEnum

from reconcile.apply.audit import Audit, AuditEvent
from reconcile.apply.journal_file import JournalFile


class PlanPurpose(StrEnum):
    """The purpose of a plan. The newest plan is the newest one made to be applied on its day."""

    CURRENT = "current"
    COMPARISON = "comparison"
    """Shows what an edit of the mappings changes."""
    OTHER_DAY = "other day"
    """Shows the plan of another day."""
    ACTION = "action"
    """Does what a person asked for once; applied only where it is named."""
    UNDO = "undo"
    """Takes back a run; applied only where it is named."""
    RESTORE = "restore"
    """Takes accounts back to an earlier snapshot; applied only where it is named."""


ASKED_FOR = frozenset({PlanPurpose.ACTION, PlanPurpose.UNDO, PlanPurpose.RESTORE})
"""The purposes of plans that a person asked for: applied only where they are named, and no work of the mappings."""


class PlanRegister:
    """The register of plans in a journal."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def register(self, plan_digest: str, purpose: PlanPurpose) -> None:
        """Registers a plan with its purpose and the last run before it."""
        with self._file.transaction():
            self._file.do("register_plan", digest=plan_digest, purpose=purpose.value, at=self._file.clock.stamp())
            Audit(self._file).record(AuditEvent.PLANNED, plan=plan_digest, facts={"purpose": purpose.value})

    def newest(self) -> str | None:
        """The digest of the plan that was made last to be applied on its day; by the order in which plans were made, not by a clock."""
        found = self._file.rows("newest_plan", purpose=PlanPurpose.CURRENT.value)
        return found[0][0] if found else None

    def is_registered(self, plan_digest: str) -> bool:
        """Whether the plan was made with this journal."""
        return bool(self._file.rows("purpose_of_plan", digest=plan_digest))

    def purpose(self, plan_digest: str) -> PlanPurpose | None:
        """The last purpose of a plan; None for one that was not made with this journal."""
        found = self._file.rows("purpose_of_plan", digest=plan_digest)
        return PlanPurpose(found[0][0]) if found else None

    def runs_since(self, plan_digest: str) -> list[tuple[str, str]]:
        """The runs, with their plans, that began or ended after a plan was made last, in order."""
        return self._file.rows("runs_since_plan", digest=plan_digest, ended=AuditEvent.ENDED.value, planned=AuditEvent.PLANNED.value)
