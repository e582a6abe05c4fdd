"""The commands that may follow a plan or its run."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.plan.model import Plan, Run
from reconcile.report.summary import refusals, short
from reconcile.visible import visible


def next_commands(plan: Plan, run: Run | None) -> Iterator[tuple[str, str]]:
    """Yields what each command is for, and its words after `reconcile`."""
    digest = short(plan.digest)
    if run and run.live:
        if not run.ended:
            yield "To go on with the run:", "resume"
        yield "To read what is there now, before the next plan:", "extract"
        if run.outcomes:
            yield "To make a plan that undoes the run:", f"undo {visible(run.id)}"
    elif plan.operations or plan.links:
        for verdict in refusals(plan):
            override = f"override {visible(verdict.guard)} --plan {digest} --by NAME --why REASON"
            yield f"If {visible(verdict.guard)} is to let this one plan pass:", override
        # Approving again without the rows that one held or rejected lets them go.
        again = "To approve it as one more person, or anew in place of what you said before:"
        yield again if plan.approvals else "To approve the plan:", f"approve {digest} --by NAME --why REASON"
        yield "To look at the systems once more, and write nothing:", f"apply {digest}"
        yield "To apply it:", f"apply {digest} --live"
