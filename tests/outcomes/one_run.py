"""Applies a plan of some operations in one run, which can be killed at a boundary of the journal and go on after that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from connectors.contract import Target
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.decide.protection.protected import Protection
from reconcile.plan.approval import Approval
from reconcile.plan.digest import digested
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan
from reconcile.plan.ordering import ordered

RUN = "run 1"


def planned(operations: Sequence[Operation]) -> Plan:
    """A plan of some operations, in their order."""
    return digested(Plan(run_date="2026-05-04", planner="0", snapshots={}, mapping="", scopes=(), census=(), operations=ordered(operations), findings=(), verdicts=(), links=()))  # fmt: skip


def applied(
    target: Target,
    operations: Sequence[Operation],
    journal: Journal,
    protection: Protection | None = None,
    approvals: Sequence[Approval] = (),
) -> dict[str, Outcome]:
    """Applies a plan in a run that may have been begun before; closes the target."""
    plan = replace(planned(operations), approvals=tuple(approvals))
    if not journal.runs.ids():
        journal.start(RUN, plan)

    async def run() -> None:
        try:
            await Applier(plan, {"acme": target}, journal, RUN, protection=protection or Protection()).apply()
        finally:
            await target.close()

    asyncio.run(run())
    outcomes = journal.runs.recorded(RUN).outcomes
    assert len({each.operation_id for each in outcomes}) == len(outcomes)
    return {each.operation_id: each for each in outcomes}


def kinds(outcomes: Mapping[str, Outcome]) -> dict[str, OutcomeKind]:
    """How each operation ended."""
    return {id_: each.kind for id_, each in sorted(outcomes.items())}


class Killed(BaseException):
    """The end of the process."""


@dataclass
class Kill:
    """Ends the process at one boundary of the journal: the n-th call of one of its writes, before or after it."""

    write: str
    call: int
    after: bool
    seen: int = field(default=0)

    def on(self, journal: Journal, patch: pytest.MonkeyPatch) -> None:
        written = getattr(journal, self.write)

        def struck(*args: Any, **kwargs: Any) -> None:
            self.seen += 1
            if self.seen == self.call and not self.after:
                raise Killed
            written(*args, **kwargs)
            if self.seen == self.call and self.after:
                raise Killed

        patch.setattr(journal, self.write, struck)
