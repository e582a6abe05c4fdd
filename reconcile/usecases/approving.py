"""The use cases of a reviewer: approve a plan, override a guard of it, and list or withdraw rejections."""

from __future__ import annotations

from reconcile.apply.overrides import Consent, override
from reconcile.errors import ExitCode, ReconcileError
from reconcile.plan.model import Plan
from reconcile.plan.rejection import Rejection
from reconcile.usecases.approve import Approved, Selection, approve
from reconcile.usecases.plan_checks import PlanChecks
from reconcile.usecases.review import load_plan


class NoSuchRejection(ReconcileError):
    """No rejection of a row is in force."""

    exit_code = ExitCode.USAGE

    def __init__(self, operation: str) -> None:
        self.operation = operation
        super().__init__(f"The row {operation}: no rejection of it is in force. `reconcile rejections` lists those that are.")


class Approving(PlanChecks):
    """Decisions of people about the plans of one project."""

    def approve(self, digest: str, consent: Consent, selection: Selection) -> Approved:
        """Approves the plan whose digest begins so, without the rows that the person holds or rejects.

        Raises JournalReplaced, NoSuchPlan, PlanDamaged, PlanOutdated, NoSuchOperations, NoRowMet, HeldAndRejected, NotAPlanPredicate, BadDecisions.
        """
        self._refuse_replaced_journal()
        with self._journal() as journal:
            plan = load_plan(self.project.state, journal, digest)
            self._refuse_outdated(plan, journal)
            return approve(self.project, self.language, journal, plan, consent, selection)

    def override(self, guard: str, digest: str, consent: Consent) -> Plan:
        """Overrides one guard of the plan whose digest begins so. Returns the plan with it.

        Raises JournalReplaced, NoSuchPlan, PlanDamaged, PlanOutdated, NothingToOverride.
        """
        self._refuse_replaced_journal()
        with self._journal() as journal:
            self._refuse_outdated(load_plan(self.project.state, journal, digest), journal)
        return override(self.project.state, guard, digest, consent, self.project.clock)

    def rejections(self) -> tuple[Rejection, ...]:
        """The rejected rows that later plans leave out. Raises JournalReplaced."""
        self._refuse_replaced_journal()
        with self._journal() as journal:
            return journal.approvals.rejections()

    def withdraw(self, operation: str) -> None:
        """Withdraws the rejection of a row. Raises JournalReplaced, NoSuchRejection."""
        self._refuse_replaced_journal()
        with self._journal() as journal:
            if operation not in {each.operation_id for each in journal.approvals.rejections()}:
                raise NoSuchRejection(operation)
            journal.approvals.withdraw(operation)
