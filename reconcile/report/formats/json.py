"""The report as JSON, for programs.

One object: `format` (1), `plan` (its digests, clock and whether a guard refuses it), `scopes`, `census`, `counts` (per target and
verb), `causes` (what most operations of a verb have in common), `waiting` (who is frozen, and for what), `verdicts`, `approvals` (by whom, why, until when, and the `rows` held or rejected), `forecast`
(of `plan`, `show` and `report`: requests and minutes of an apply by target, null where unknown), `operations` (each with its `outcome`, null where there is none), `findings`, `links` (pairs to
remember or to forget), `run` (null for a plan alone); of the command `run` also `night` (who left and still has access, each failure, and the facts of `NightFacts`).
docs/reference/report.schema.json is its JSON Schema. Keys are sorted, so that two reports can be compared line by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from reconcile.decide.waiting import waiting_sentence
from reconcile.plan.model import Operation, Outcome, Plan, Run
from reconcile.plan.operation_rows import for_rows
from reconcile.report.ended import with_outcomes
from reconcile.report.labels import cause_words
from reconcile.report.summary import groups

FORMAT = 1


def parts(plan: Plan, run: Run | None = None, more: Mapping[str, object] | None = None) -> Iterator[str]:
    """The plan, and the run where there is one, as the text of one JSON object that ends with a line feed. `more`: further members.

    Each operation, finding and link is a part of its own, so that those of a large plan are never in memory together.
    """
    plan = for_rows(plan)
    content: dict[str, object] = {
        "format": FORMAT,
        "plan": _plan(plan),
        "scopes": [asdict(scope) for scope in plan.scopes],
        "census": [asdict(census) for census in plan.census],
        "counts": [{"target": group.target, "verb": group.verb.value, **group.size._asdict()} for group in groups(plan)],
        "causes": [{**asdict(cause), "sentence": cause_words(cause)} for cause in plan.causes],
        "waiting": [{**asdict(each), "sentence": waiting_sentence(each)} for each in plan.waiting],
        "approvals": [asdict(approval) for approval in plan.approvals],
        "forecast": [asdict(each) for each in plan.forecasts],
        "verdicts": [asdict(verdict) for verdict in plan.verdicts],
        "operations": (_operation(*each) for each in with_outcomes(plan.operations, run)),
        "findings": map(asdict, plan.findings),
        "links": map(asdict, plan.links),
        "run": _run(run) if run else None,
        **(more or {}),
    }
    yield from members(content)


def members(content: Mapping[str, object]) -> Iterator[str]:
    """Yields the text of one JSON object, which ends with a line feed. Each value of a member that is an iterator is a part of its own."""
    for number, (name, value) in enumerate(sorted(content.items())):
        yield f"{',' if number else '{'}\n {_text(name)}: "
        yield from _array(value) if isinstance(value, Iterator) else (_text(value, 1),)
    yield "\n}\n"


def _array(values: Iterator[object]) -> Iterator[str]:
    """Values of an array of the document, one by one."""
    found = False
    for value in values:
        yield f"{',' if found else '['}\n  {_text(value, 2)}"
        found = True
    yield "\n ]" if found else "[]"


def _text(value: object, depth: int = 0) -> str:
    """A value as it is written so deep in the document. A line feed inside a text is escaped, so that every one here ends a line."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=dict).replace("\n", "\n" + " " * depth)
    # A lone surrogate cannot be written as UTF-8; inside a JSON string its escape means the same.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _plan(plan: Plan) -> Mapping[str, object]:
    return {
        "digest": plan.digest,
        "run_date": plan.run_date,
        "planner": plan.planner,
        "mapping": plan.mapping,
        "snapshots": plan.snapshots,
        "refused": plan.refused,
    }


def _operation(operation: Operation, outcome: Outcome | None) -> Mapping[str, object]:
    return {**asdict(operation), "outcome": asdict(outcome) if outcome else None}


def _run(run: Run) -> Mapping[str, object]:
    return {"id": run.id, "plan_digest": run.plan_digest, "live": run.live, "started": run.started, "ended": run.ended}
