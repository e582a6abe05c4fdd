"""How a plan, or the run of it, stands: the sentence at the top of every report."""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple

from reconcile.model import OutcomeKind, Plan, Run
from reconcile.report.cells import visible
from reconcile.report.contents import incomplete_scopes, is_urgent, refusals
from reconcile.report.words import is_trouble, number_of, outcome_word


class Status(NamedTuple):
    """The sentence, and how it should look."""

    sentence: str
    tone: Literal["good", "warn", "bad"]


def status(plan: Plan, run: Run | None = None) -> Status:
    """What happened where a live run was made of the plan, else whether it may be applied."""
    return _of_run(plan, run) if run and run.live else _of_plan(plan)


def _of_plan(plan: Plan) -> Status:
    if plan.refused:
        return Status(f"REFUSED by {_refusing(plan)}: nothing of this plan is applied", "bad")
    doubts = [
        f"{number_of(len(incomplete_scopes(plan)), 'scope')} not read completely" if incomplete_scopes(plan) else "",
        f"{number_of(sum(map(is_urgent, plan.findings)), 'finding')} for attention" if any(map(is_urgent, plan.findings)) else "",
    ]
    also = ", ".join(filter(None, doubts))
    if not plan.operations:
        return Status("nothing to change" + (f"; {also}" if also else ""), "warn" if also else "good")
    return Status(
        f"{number_of(len(plan.operations), 'change')}, no guard refuses" + (f"; {also}" if also else ""), "warn" if also else "good"
    )


def _of_run(plan: Plan, run: Run) -> Status:
    tally = Counter(outcome.kind for outcome in run.outcomes)
    not_reached = len(plan.operations) - len(run.outcomes)
    ended = [f"{tally[kind]:,} {outcome_word(kind)}" for kind in OutcomeKind if tally[kind]]
    ended += [f"{not_reached:,} not reached"] if not_reached > 0 else []
    in_spite = f", although refused by {_refusing(plan)}" if plan.refused and run.outcomes else ""
    sentence = f"run {visible(run.id)} applied it{in_spite}: {', '.join(ended) or 'nothing to change'}"
    if plan.refused and not run.outcomes:
        return _of_plan(plan)
    whole = not_reached <= 0 and not tally[OutcomeKind.HELD]
    return Status(sentence, "bad" if any(map(is_trouble, tally)) else "good" if whole else "warn")


def _refusing(plan: Plan) -> str:
    return ", ".join(visible(verdict.guard) for verdict in refusals(plan))
