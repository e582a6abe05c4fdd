"""Which plans a project made, for what, in which order, and after which run."""

from __future__ import annotations

from enum import StrEnum

from reconcile import clock
from reconcile.apply.journal_file import JournalFile


class PlanPurpose(StrEnum):
    """What a plan was made for. The newest plan is the newest one made to be applied on its day."""

    CURRENT = "current"
    COMPARISON = "comparison"
    """To see what an edit of the mappings changes."""
    OTHER_DAY = "other day"
    """To see what another day would bring."""
    UNDO = "undo"
    """To take back a run: applied where it is named, and only there."""


class PlanRegister:
    """The plans that a journal knows."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def register(self, plan_digest: str, purpose: PlanPurpose) -> None:
        """Writes down that a plan was made, for what, and after which run."""
        self._file.do("register_plan", digest=plan_digest, purpose=purpose.value, at=clock.stamp())

    def newest(self) -> str | None:
        """The digest of the plan that was made last to be applied on its day; by the order in which plans were made, not by a clock."""
        found = self._file.rows("newest_plan", purpose=PlanPurpose.CURRENT.value)
        return found[0][0] if found else None

    def is_registered(self, plan_digest: str) -> bool:
        """Whether the plan was made with this journal."""
        return bool(self._file.rows("purpose_of_plan", digest=plan_digest))

    def purpose(self, plan_digest: str) -> PlanPurpose | None:
        """What a plan was made for last; None for one that was not made with this journal."""
        found = self._file.rows("purpose_of_plan", digest=plan_digest)
        return PlanPurpose(found[0][0]) if found else None

    def runs_since(self, plan_digest: str) -> list[tuple[str, str]]:
        """The runs, with their plans, that began after a plan was made last, in order."""
        return self._file.rows("runs_since_plan", digest=plan_digest)
