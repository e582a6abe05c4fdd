"""Keeps the approvals of plans, the rejected rows, and who planned first with a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconcile.apply.audit import Audit, AuditEvent
from reconcile.apply.journal_file import JournalFile
from reconcile.plan.approval import Approval, RowDecision, person, standing_approvals
from reconcile.plan.model import Plan
from reconcile.plan.rejection import Rejection


class Approvals:
    """The approvals in a journal. A row is never changed but by the run that uses it up, or by the person who takes it back."""

    def __init__(self, file: JournalFile) -> None:
        self._file, self._audit = file, Audit(file)

    def add(self, approval: Approval, rejections: Iterable[Rejection]) -> None:
        """Stores an approval. What the same person rejected of the plan before is replaced."""
        said = {"plan": approval.plan_digest, "by": approval.by}
        with self._file.transaction():
            for name in sorted({each.by for each in self.of_plan(approval.plan_digest) if person(each.by) == person(approval.by)}):
                self._file.do("withdraw_rejections_of_plan", **{**said, "by": name}, withdrawn=approval.made)
            self._file.do("add_approval", **said, why=approval.why, made=approval.made, until=approval.until)
            self._file.do_many("add_approval_row", ({"operation": id_, "decision": each.value} for id_, each in approval.rows.items()))
            self._file.do_many("add_rejection", map(_cells, rejections))
            rows = {f"to {decision.value}": approval.of(decision) for decision in RowDecision}
            facts = {"by": approval.by, "why": approval.why, "until": approval.until, **rows}
            self._audit.record(AuditEvent.APPROVED, plan=approval.plan_digest, facts=facts)

    def of_plan(self, plan_digest: str) -> tuple[Approval, ...]:
        """Every approval of a plan, used, expired or not, in the order in which they were made."""
        names = ("plan_digest", "by", "why", "made", "until", "run")
        return tuple(
            Approval(**dict(zip(names, said, strict=True)), rows=self._rows(number))
            for number, *said in self._file.rows("approvals_of_plan", plan=plan_digest)
        )

    def consume(self, run: str, plan_digest: str) -> None:
        """Uses up the approvals of a plan. The rows that an expired one holds or rejects stay so: only its consent ends."""
        self._file.do("consume_approvals", run=run, plan=plan_digest)

    def rejections(self) -> tuple[Rejection, ...]:
        """The rejected rows that are not withdrawn, in the order in which they were rejected."""
        names = ("plan_digest", "operation_id", "fingerprint", "target", "verb", "anchor", "account_id", "subject", "by", "why", "made")
        return tuple(Rejection(**dict(zip(names, row, strict=True))) for row in self._file.rows("rejections_in_force"))

    def withdraw(self, operation_id: str) -> None:
        """Takes back the rejections of one row: the next plan has it again."""
        self._withdraw({"operation": operation_id})

    def end(self, operation_ids: Iterable[str]) -> None:
        """Ends the rejections of rows whose cause is gone: where the same row is asked for later, it is for another cause."""
        for operation_id in operation_ids:
            self._withdraw({"operation": operation_id, "why": "its cause is gone"})

    def _withdraw(self, facts: Mapping[str, str]) -> None:
        with self._file.transaction():
            self._file.do("withdraw_rejection", operation=facts["operation"], withdrawn=self._file.clock.stamp())
            self._audit.record(AuditEvent.WITHDRAWN, facts=facts)

    def planned_with(self, configuration: str, by: str) -> None:
        """Stores who planned with a configuration; the first one stays."""
        self._file.do("add_configuration", digest=configuration, by=by, at=self._file.clock.stamp())

    def applied_with(self, configuration: str, run: str) -> None:
        """Stores that a plan of a configuration is applied; the first run stays."""
        self._file.do("configuration_applied", digest=configuration, run=run)

    def author_of_new(self, configuration: str) -> str | None:
        """The person who planned first with a configuration of which no plan was applied yet; None for one of which some was."""
        found = self._file.rows("configuration_author", digest=configuration)
        return next((by for by, run in found if not run), None) if found else ""

    def _rows(self, number: int) -> dict[str, RowDecision]:
        return {operation: RowDecision(decision) for operation, decision in self._file.rows("rows_of_approval", approval=number)}


def with_approvals(plan: Plan, approvals: Approvals, run: str = "") -> Plan:
    """The plan with its approvals, also expired ones: those that a run used up, else those that none has."""
    return replace(plan, approvals=standing_approvals(each for each in approvals.of_plan(plan.digest) if each.run == run))


def _cells(rejection: Rejection) -> dict[str, str]:
    return {
        "plan": rejection.plan_digest,
        "operation": rejection.operation_id,
        "fingerprint": rejection.fingerprint,
        "target": rejection.target,
        "verb": rejection.verb,
        "anchor": rejection.anchor,
        "account": rejection.account_id,
        "subject": rejection.subject,
        "by": rejection.by,
        "why": rejection.why,
        "made": rejection.made,
    }
