"""Sentences of a dry run: conflicts that it found, and that nothing was written."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from reconcile.plan.impact import number_of
from reconcile.plan.model import OutcomeKind, Plan, Run
from reconcile.plan.ordering import waits_for_others
from reconcile.report.ended import HELD_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """Numbers of operations that a dry run checked, by their result."""

    looked_at: int
    in_the_way: int
    """Rows that a live run would not apply as the targets are now."""
    held_back: int
    """Rows that a live run would not apply whatever the targets say: not approved, on hold, or protected by now."""
    already: int
    """Rows of which the target is as desired already."""
    not_yet: int
    """Rows about an account or a group that the plan creates: there is nothing to look at before it is applied."""

    def sentence(self) -> str:
        """`107 rows looked at, 0 in the way, 7 held back, nothing written.`"""
        looked = f"{number_of(self.looked_at, 'row')} looked at, {self.in_the_way:,} in the way"
        already = f", {self.already:,} already as desired" if self.already else ""
        held_back = f", {self.held_back:,} held back" if self.held_back else ""
        later = (
            f" {number_of(self.not_yet, 'more row')} could not be looked at: the account or group is created by this plan."
            if self.not_yet
            else ""
        )
        return f"{looked}{already}{held_back}, nothing written.{later}"


def dry_run_of(plan: Plan, run: Run) -> DryRun:
    """The counts of a run that was not live."""
    ended = {outcome.operation_id: outcome.kind for outcome in run.outcomes}
    not_yet = sum(waits_for_others(each) and each.id not in ended for each in plan.operations)
    already = sum(kind is OutcomeKind.ALREADY for kind in ended.values())
    held_back = sum(kind in HELD_BACK for kind in ended.values())
    return DryRun(
        looked_at=len(plan.operations) - not_yet - held_back,
        in_the_way=len(ended) - already - held_back,
        held_back=held_back,
        already=already,
        not_yet=not_yet,
    )


def document(dry_run: DryRun) -> dict[str, int]:
    """The same for programs."""
    return asdict(dry_run)
