"""Builds the operations that bring something back, and the findings on what is not brought back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Opening, Value
from reconcile.decide.fragment import TargetContext, operation_id
from reconcile.decide.restore.request import EarlierState
from reconcile.decide.restore.shapes import Owner
from reconcile.plan.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb


@dataclass(frozen=True, slots=True)
class RestoreBuilder:
    """The operations and findings of one target that is taken back to an earlier snapshot."""

    view: TargetContext
    earlier: EarlierState

    def operation(  # noqa: PLR0913, PLR0917 - one thing that is known a parameter
        self, owner: Owner, verb: Verb, before: Mapping[str, Value], after: Mapping[str, Value], why: str, entitlement_id: str = ""
    ) -> Operation:
        """Returns an operation on an account. `why`: the earlier state and the present one."""
        return Operation(
            id=operation_id(self.view.name, verb, owner.account_id, f"{self.intention} {entitlement_id}"),
            target=self.view.name,
            verb=verb,
            anchor=owner.anchor,
            account_id=owner.account_id,
            who=owner.login,
            name=owner.name,
            before=before,
            after=after,
            opening=Opening.SILENT,
            because=Because(situation=owner.situation or Situation.UNASSIGNED, rule=self.view.rule(self.intention), detail=why),
        )

    def left(self, owner: Owner, what: str, severity: Severity = Severity.NOTE) -> Finding:
        """Returns a finding on something that is not brought back. `what`: the state and the reason, after the name of the account."""
        return Finding(
            kind=FindingKind.NOT_RESTORED,
            severity=severity,
            target=self.view.name,
            anchor=owner.anchor,
            account_id=owner.account_id,
            who=owner.login,
            message=f"{owner.who}: {what}",
        )

    def of_all(self, message: str, severity: Severity = Severity.NOTE) -> Finding:
        """Returns a finding on the target as a whole."""
        return Finding(kind=FindingKind.NOT_RESTORED, severity=severity, target=self.view.name, message=message)

    @property
    def intention(self) -> str:
        """Returns the name of the request in rules and ids."""
        return f"restore {self.earlier.asked}"

    @property
    def then(self) -> str:
        """Returns the time of the read that is gone back to, for sentences."""
        return f"at {self.earlier.taken_at}"
