"""Judges how much of a target is no longer as a plan saw it: a plan whose world moved is refused before the first write, or stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Target
from reconcile.apply.preview import preview_of
from reconcile.clock import SYSTEM, Clock
from reconcile.decide.protection.protected import Protection
from reconcile.errors import ExitCode, ReconcileError
from reconcile.plan.digest import SHOWN
from reconcile.plan.model import Outcome, OutcomeKind, Plan
from reconcile.plan.operation_rows import queryable
from reconcile.project.limits import Limit
from reconcile.store.plans.selection import sample

SAMPLE = 50
"""Operations of one target that are looked at before the first write."""
SAMPLE_FROM = 100
"""Number of operations of a target up to which no sample is taken: each row is looked at before it is written all the same."""


class WorldMoved(ReconcileError):
    """A plan of which too many rows are no longer as it saw them, so that none is applied."""

    exit_code = ExitCode.WORLD_MOVED

    def __init__(self, plan: str, target: str, moved: int, looked_at: int, example: str) -> None:
        self.plan, self.target, self.moved, self.looked_at, self.example = plan, target, moved, looked_at, example
        super().__init__(
            f"The plan {plan} is not applied: of {looked_at} rows that were looked at in {target}, {moved} have moved since it was made "
            f"({example}). Nothing was written. Run `reconcile extract` and `reconcile plan`, and review the new plan."
        )


@dataclass(slots=True)
class MovedRows:
    """The rows of one target that moved, in one run."""

    target: str
    limit: Limit
    operations: int
    """Operations that the plan has there."""
    moved: int = 0

    def note(self, outcome: Outcome) -> None:
        """Counts an outcome."""
        self.moved += outcome.kind is OutcomeKind.MOVED

    @property
    def problem(self) -> str:
        """The reason why no other operation is begun there; empty where they go on."""
        if not is_over(self.limit, self.moved, self.operations):
            return ""
        return f"{self.moved:,} of {self.operations:,} rows in {self.target} have moved since the plan, which is more than [apply] allows. Plan again"


def is_over(limit: Limit, moved: int, of: int) -> bool:
    """Whether so many moved rows are over a limit."""
    if limit.count is not None and moved > limit.count:
        return True
    return limit.percent is not None and moved > limit.floor and 100 * moved > limit.percent * of


async def refuse_moved(plan: Plan, targets: Mapping[str, Target], limit: Limit, protection: Protection, clock: Clock = SYSTEM) -> None:
    """Looks at a sample of each target with many operations. Raises WorldMoved where more of it moved than the limit allows."""
    operations = queryable(plan.operations)
    sizes = operations.sizes()
    for name, target in targets.items():
        if sum(count for (of, _), count in sizes.items() if of == name) <= SAMPLE_FROM:
            continue
        looked_at = sample(operations, name, SAMPLE)
        moved = [each for each in await preview_of(plan, {name: target}, looked_at, protection, clock) if each.kind is OutcomeKind.MOVED]
        if is_over(limit, len(moved), len(looked_at)):
            raise WorldMoved(plan.digest[:SHOWN], name, len(moved), len(looked_at), moved[0].detail)
