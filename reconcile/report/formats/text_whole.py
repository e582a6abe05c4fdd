"""A plan or a run as text with every row: for a pager or `grep`, a line of its own for each finding and each change.

The overview of `text.show` comes first. The rows follow in the order of the plan, each with its target and verb, and are read one by one:
those of a large plan are never in memory together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconcile.plan.model import Finding, Operation, Outcome, Plan, Run
from reconcile.report.ended import with_outcomes
from reconcile.report.formats.text import link_line, overview
from reconcile.report.labels import outcome_word, with_answer
from reconcile.report.summary import who
from reconcile.report.values import Change, changes
from reconcile.visible import visible


def lines(plan: Plan, run: Run | None = None, *, width: int, colour: bool) -> Iterator[str]:
    """Yields the report with every finding, link and operation, a piece of text at a time."""
    yield overview(plan, run, width=width, colour=colour)
    yield from _section("Findings", len(plan.findings), map(_finding, plan.findings))
    yield from _section("Links", len(plan.links), map(link_line, plan.links))
    yield from _section(
        "Operations, in the order of the plan", len(plan.operations), (_operation(*each) for each in with_outcomes(plan.operations, run))
    )


def _section(title: str, count: int, entries: Iterable[str]) -> Iterator[str]:
    if count:
        yield f"\n{title}: {count:,}\n"
        yield from (f"  {entry}\n" for entry in entries)


def _finding(finding: Finding) -> str:
    subject = finding.who or finding.account_id or finding.anchor
    parts = (finding.target, "" if subject in finding.message else subject, finding.message)
    return f"{finding.kind.value} [{finding.severity.value}]  {': '.join(visible(part) for part in parts if part)}"


def _operation(operation: Operation, outcome: Outcome | None) -> str:
    marks = [*(["privileged"] if operation.privileged else []), *([outcome_word(outcome.kind)] if outcome else [])]
    mark = f"  [{', '.join(marks)}]" if marks else ""
    first = f"{operation.id}  {visible(operation.target)}  {operation.verb.value}  {who(operation)}{mark}"
    because = operation.because
    why = ": ".join(filter(None, (f"{because.situation.value}, {visible(because.rule)}", visible(because.detail))))
    ended = [f"ended: {visible(with_answer(outcome.detail, outcome.answer))}"] if outcome and outcome.detail else []
    return "\n      ".join((first, *map(_change, changes(operation)), f"why: {why}", *ended))


def _change(change: Change) -> str:
    before = f"{change.before.plain} -> " if change.before else ""
    return f"{change.label}: {before}{change.after.plain}"
