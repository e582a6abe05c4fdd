"""The status of a plan or of its run: the sentence at the top of every report."""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple

from reconcile.decide.waiting import waiting_sentence
from reconcile.plan.impact import number_of
from reconcile.plan.model import OutcomeKind, Plan, Run
from reconcile.plan.outcome_rows import outcome_rows
from reconcile.report.labels import NO_OUTCOME, findings_count, is_trouble, links_count, outcome_word, override_words
from reconcile.report.summary import incomplete_scopes, is_urgent, overridden, refusals
from reconcile.visible import visible


class Status(NamedTuple):
    """The sentence, and how it should look."""

    sentence: str
    tone: Literal["good", "warn", "bad"]


def status(plan: Plan, run: Run | None = None) -> Status:
    """Returns the status of a plan: of its live run where there was one, else whether it may be applied."""
    found = _of_run(plan, run) if run and run.live else _of_plan(plan)
    return Status("; ".join((found.sentence, *_doubts(plan))), found.tone)


def _of_plan(plan: Plan) -> Status:
    if plan.refused:
        return Status(f"REFUSED by {_refusing(plan)}: nothing of this plan is applied", "bad")
    tone: Literal["good", "warn"] = "warn" if incomplete_scopes(plan) or any(map(is_urgent, plan.findings)) else "good"
    links = links_count(plan)
    if plan.operations:
        work = number_of(len(plan.operations), "change") + (f" and {links}" if links else "")
        guards = _overridden(plan)
        return Status(f"{work}, {guards or 'no guard refuses'}", "warn" if guards else tone)
    return Status(f"no account changes, {links}" if links else "nothing to change", tone)


def _doubts(plan: Plan) -> list[str]:
    """Lists the doubts that a reader should know in every case."""
    unread, findings = len(incomplete_scopes(plan)), findings_count(plan)
    return [
        *([f"{number_of(unread, 'scope')} not read completely"] if unread else []),
        *(visible(waiting_sentence(each)) for each in plan.waiting),
        *([f"findings: {findings}"] if findings else []),
    ]


def _of_run(plan: Plan, run: Run) -> Status:
    tally = Counter(outcome_rows(run).counts())
    reached = tally.total()
    not_reached = len(plan.operations) - reached
    ended = [f"{tally[kind]:,} {outcome_word(kind)}" for kind in OutcomeKind if tally[kind]]
    ended += [f"{not_reached:,} {NO_OUTCOME}"] if not_reached > 0 else []
    ended += [links_count(plan, done=True)] if plan.links else []
    in_spite = f", although refused by {_refusing(plan)}" if plan.refused and reached else ""
    in_spite += f", {_overridden(plan)}" if overridden(plan) else ""
    sentence = f"run {visible(run.id)} applied it{in_spite}: {', '.join(ended) or 'nothing to change'}"
    if plan.refused and not reached:
        return _of_plan(plan)
    whole = not_reached <= 0 and not tally[OutcomeKind.HELD] and not tally[OutcomeKind.NOT_APPROVED]
    return Status(sentence, "bad" if any(map(is_trouble, tally)) else "good" if whole else "warn")


def _overridden(plan: Plan) -> str:
    return ", ".join(f"{visible(verdict.guard)} {visible(override_words(override))}" for verdict, override in overridden(plan))


def _refusing(plan: Plan) -> str:
    return ", ".join(visible(verdict.guard) for verdict in refusals(plan))
