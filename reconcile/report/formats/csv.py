"""The report as CSV, for spreadsheets: one row an operation, then one row a finding, a link, and a cause.

Columns: `row` (operation, finding, link or cause), `id` (an operation's), `target`, `what` (the verb, the kind of the finding, or whether the
link is to remember or to forget), `severity`
(a finding's), `who`, `name`, `anchor`, `account_id`, `entitlement`, `entitlement_id`, `privileged` (yes or empty), `before` and
`after` (JSON objects), `situation` and `rule` (an operation's), `sentence` (why, or what the finding says), `depends_on` (ids),
and where there is a run `outcome`, `outcome_detail` and `outcome_at`, and of what a system refused `http_status`, `error_code`,
`request_id` and `repetition` (permanent, retriable, or read back first).

The text begins with a byte order mark: without one Excel reads UTF-8 as the code page of the machine and garbles every name that is
not English. Lines end in CR LF and every cell is quoted (RFC 4180), so a caller writes it as UTF-8 with `newline=""`.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, as `reconcile.spreadsheet` says. Characters that cannot be
seen or that reorder a line, and those that a terminal acts on, are shown as their escapes, the ends of lines and tabs excepted; a program
that needs the very characters reads the JSON form.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from reconcile.plan.model import Finding, LinkChange, Operation, Outcome, Plan, Run
from reconcile.report.ended import with_outcomes
from reconcile.report.labels import cause_words
from reconcile.report.values import as_json
from reconcile.spreadsheet import safe
from reconcile.visible import seen_lines

BYTE_ORDER_MARK = "\ufeff"
COLUMNS = (
    *("row", "id", "target", "what", "severity", "who", "name", "anchor", "account_id", "entitlement", "entitlement_id", "privileged"),
    *("before", "after", "situation", "rule", "sentence", "depends_on", "outcome", "outcome_detail", "outcome_at"),
    *("http_status", "error_code", "request_id", "repetition"),
)


def table(plan: Plan, run: Run | None = None) -> str:
    """The operations, findings and links of the plan, with the outcomes of the run where there is one."""
    return "".join(lines(plan, run))


def lines(plan: Plan, run: Run | None = None) -> Iterator[str]:
    """The same, a line at a time."""
    text = StringIO(newline="")
    text.write(BYTE_ORDER_MARK)
    writer = csv.DictWriter(text, COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(plan, run):
        writer.writerow({column: safe(seen_lines(cell)) for column, cell in row.items()})
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _rows(plan: Plan, run: Run | None) -> Iterator[dict[str, str]]:
    yield from operation_rows(plan, run)
    yield from finding_rows(plan)
    yield from link_rows(plan)
    for cause in plan.causes:
        yield {"row": "cause", "target": cause.target, "what": cause.verb.value, "sentence": cause_words(cause)}


def operation_rows(plan: Plan, run: Run | None) -> Iterator[dict[str, str]]:
    """Yields a row an operation, with its outcome where there is one."""
    return (_operation(operation) | _outcome(outcome) for operation, outcome in with_outcomes(plan.operations, run))


def finding_rows(plan: Plan) -> Iterator[dict[str, str]]:
    """Yields a row a finding."""
    return map(_finding, plan.findings)


def link_rows(plan: Plan) -> Iterator[dict[str, str]]:
    """Yields a row a link."""
    return map(_link, plan.links)


def _operation(operation: Operation) -> dict[str, str]:
    return {
        "row": "operation",
        "id": operation.id,
        "target": operation.target,
        "what": operation.verb.value,
        "who": operation.who,
        "name": operation.name,
        "anchor": operation.anchor,
        "account_id": operation.account_id,
        "entitlement": operation.entitlement,
        "entitlement_id": operation.entitlement_id,
        "privileged": "yes" if operation.privileged else "",
        "before": as_json(operation.before),
        "after": as_json(operation.after),
        "situation": operation.because.situation.value,
        "rule": operation.because.rule,
        "sentence": operation.because.detail,
        "depends_on": " ".join(operation.depends_on),
    }


def _outcome(outcome: Outcome | None) -> dict[str, str]:
    if outcome is None:
        return {}
    ended = {"outcome": outcome.kind.value, "outcome_detail": outcome.detail, "outcome_at": outcome.at}
    if (answer := outcome.answer) is None:
        return ended
    status = str(answer.status) if answer.status else ""
    return {**ended, "http_status": status, "error_code": answer.code, "request_id": answer.request_id, "repetition": answer.repetition}


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "row": "finding",
        "target": finding.target,
        "what": finding.kind.value,
        "severity": finding.severity.value,
        "who": finding.who,
        "anchor": finding.anchor,
        "account_id": finding.account_id,
        "sentence": finding.message,
    }


def _link(link: LinkChange) -> dict[str, str]:
    return {
        "row": "link",
        "target": link.target,
        "what": "forget" if link.forget else "remember",
        "who": link.who,
        "name": link.name,
        "anchor": link.anchor,
        "account_id": link.account_id,
        "sentence": link.because,
    }
