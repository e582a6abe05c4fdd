"""Applies operations one by one over real sockets: each is a run of its own in one journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.actions import TemporaryPassword
from connectors.contract import AccountState, Target
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.plan.digest import digested
from reconcile.plan.model import Because, Operation, Outcome, Plan, Situation, Verb

ACTIVE, SUSPENDED, STAGED, OFF = (
    {"state": each.value} for each in (AccountState.ACTIVE, AccountState.SUSPENDED, AccountState.STAGED, AccountState.DEACTIVATED)
)


def operation(target: str, verb: Verb, case: str, login: str, account_id: str = "", **fields: Any) -> Operation:
    """An operation on the account that `login` names, with an id of its own by its case."""
    usual: dict[str, Any] = {
        "id": case,
        "target": target,
        "verb": verb,
        "anchor": case,
        "account_id": account_id,
        "who": login,
        "name": "",
        "because": Because(situation=Situation.CONFIRMED, rule="", detail=""),
    }
    return Operation(**{**usual, **fields})


class Runs:
    """One journal, and the passwords that its runs have given."""

    def __init__(self, state: Path) -> None:
        self.journal = Journal(state)
        self.passwords: list[str] = []
        self._number = 0

    def _take(self, operation: Operation, password: TemporaryPassword) -> None:
        assert password.reveal()
        self.passwords.append(operation.account_id)

    async def apply(self, target: Target, operation: Operation, *, interrupted: bool = False) -> Outcome:
        """Applies one operation. `interrupted`: an earlier process of the same run ended after its intent."""
        plan = digested(Plan(run_date="2026-05-04", planner="0", snapshots={}, mapping="", scopes=(), census=(), operations=(operation,), findings=(), verdicts=(), links=()))  # fmt: skip
        self._number += 1
        run = f"run {self._number}"
        self.journal.start(run, plan)
        if interrupted:
            self.journal.intend(run, operation)
        await Applier(plan, {target.name: target}, self.journal, run, password_sink=self._take).apply()
        (outcome,) = self.journal.runs.recorded(run).outcomes
        self.journal.end(run)
        return outcome
