"""The facts of a plan or a run that come before its rows, each with its name: for a sheet or a table of two columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from reconcile.plan.model import Plan, Run
from reconcile.report.ended import ended_counts
from reconcile.report.labels import approval_words, cause_words, ended_words, forecast_words, override_words, run_words, verb_heading
from reconcile.report.status import status
from reconcile.report.summary import groups, incomplete_scopes, overridden

Fact = tuple[str, str]


def facts(plan: Plan, run: Run | None) -> Iterator[Fact]:
    """Yields the facts in reading order."""
    yield "plan", plan.digest
    yield "date", plan.run_date
    yield "status", status(plan, run).sentence
    yield from chain(_run(plan, run), _counts(plan, run), _review(plan), _doubts(plan))


def _run(plan: Plan, run: Run | None) -> Iterator[Fact]:
    if run and run.live:
        yield "run", run_words(run)
    yield from (("forecast", f"{each.target}: {forecast_words(each)}") for each in (plan.forecasts if run is None else ()))


def _counts(plan: Plan, run: Run | None) -> Iterator[Fact]:
    tally = ended_counts(plan, run)
    for group in groups(plan):
        counted = ended_words(group.size.operations, tally.get((group.target, group.verb), {}))
        share = f"accounts: {group.size.accounts:,}, of all: {group.size.percent}"
        yield f"{group.target}: {verb_heading(group.verb, run)}", f"{counted} ({share})"


def _review(plan: Plan) -> Iterator[Fact]:
    yield from (("approval", approval_words(each)) for each in plan.approvals)
    yield from (("override", f"{verdict.guard} {override_words(each)}: {each.why}") for verdict, each in overridden(plan))


def _doubts(plan: Plan) -> Iterator[Fact]:
    yield from (("common cause", f"{each.target}, {each.verb.value}: {cause_words(each)}") for each in plan.causes)
    yield from (
        ("not read completely", f"{each.system}, {each.scope}: {each.reason or 'no reason given'}") for each in incomplete_scopes(plan)
    )
