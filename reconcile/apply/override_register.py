"""Keeps the guard overrides of plans, and which run used each up."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.apply.audit import Audit, AuditEvent
from reconcile.apply.journal_file import JournalFile
from reconcile.plan.override import Override


class OverrideRegister:
    """The overrides in a journal. A row is never changed but by the run that uses it up."""

    def __init__(self, file: JournalFile) -> None:
        self._file, self._audit = file, Audit(file)

    def add(self, made: Override) -> None:
        """Stores a guard override."""
        with self._file.transaction():
            said = {"guard": made.guard, "by": made.by, "why": made.why, "until": made.until}
            self._file.do("add_override", plan_digest=made.plan_digest, made=made.made, **said)
            self._audit.record(AuditEvent.OVERRIDDEN, plan=made.plan_digest, facts=said)

    def of_plan(self, plan_digest: str) -> list[Override]:
        """Every override of a plan, used, expired or not, in the order they were made."""
        names = ("plan_digest", "guard", "by", "why", "made", "until", "run")
        return [Override(**dict(zip(names, row, strict=True))) for row in self._file.rows("overrides_of_plan", plan=plan_digest)]

    def use(self, run: str, overrides: Iterable[Override]) -> None:
        """Uses up the overrides that let the plan of a run pass, also those that expired since: between that and its beginning the systems are asked."""
        self._file.do_many(
            "use_override", ({"run": run, "plan": each.plan_digest, "guard": each.guard, "made": each.made} for each in overrides)
        )

    def consume(self, run: str, plan_digest: str) -> None:
        """Uses up every override of a plan that has not expired."""
        self._file.do("consume_overrides", run=run, plan=plan_digest, at=self._file.latest_moment())
