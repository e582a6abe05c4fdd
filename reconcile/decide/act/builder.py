"""Builds the operations and the notes of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Opening, Value
from reconcile.decide.act.accounts import AskedAccount
from reconcile.decide.act.request import Request
from reconcile.decide.changes.opening import CLOSED
from reconcile.decide.fragment import TargetContext, operation_id
from reconcile.plan.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb


@dataclass(frozen=True, slots=True)
class Builder:
    """The operations and notes of one request in one target."""

    view: TargetContext
    request: Request

    def operation(
        self,
        account: AskedAccount,
        verb: Verb,
        before: Mapping[str, Value],
        after: Mapping[str, Value],
        then: str = "",
    ) -> Operation:
        """Returns an operation on an account. `then`: what the next run makes of it."""
        mails = verb is Verb.REACTIVATE and account.state in CLOSED and self.view.mapping.activation_mail
        return Operation(
            id=self.id_of(account, verb),
            target=self.view.name,
            verb=verb,
            anchor=account.anchor,
            account_id=account.account_id,
            who=account.login,
            name=account.name,
            before=before,
            after=after,
            opening=Opening.MAIL if mails else Opening.SILENT,
            because=self.because(account.situation, then),
        )

    def id_of(self, account: AskedAccount, verb: Verb, entitlement_id: str = "") -> str:
        """Returns the id of an intention: another one than that of a rule, which is no request of a person."""
        place = f"{self.intention} {account.account_id} {entitlement_id}"
        return operation_id(self.view.name, verb, account.anchor or account.account_id, place)

    def note(self, account: AskedAccount, message: str, severity: Severity = Severity.ATTENTION) -> Finding:
        """Returns a note on a step that is not planned."""
        return Finding(
            kind=FindingKind.NOT_ACTED,
            severity=severity,
            target=self.view.name,
            anchor=account.anchor,
            account_id=account.account_id,
            who=account.login,
            message=message,
        )

    @property
    def intention(self) -> str:
        """Returns the name of the request in rules and ids."""
        return f"act {self.request.kind.value}"

    def because(self, situation: Situation, then: str) -> Because:
        """Returns the reason of an operation."""
        return Because(situation=situation, rule=self.view.rule(self.intention), detail=" ".join(filter(None, (self.request.asked, then))))


def standing(account: AskedAccount) -> str:
    """Returns the state of an account, with the system's own word where that is another."""
    same = account.status.lower() in ("", account.state.value)
    return account.state.value if same else f"{account.state.value} ({account.status})"


def named(account: AskedAccount) -> str:
    """Returns the login of an account with the name of its person."""
    return f"{account.who} ({account.name})" if account.name else account.who
