"""The decisions that were made and the questions that are open, as a table to fill in: what it becomes is decisions.csv.

A question is an undecided pair: one row for each account that may be the person's. A row with `decision`, `by`,
`why` and `date` filled in, saved as decisions.csv, is never asked again. It holds personal data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconcile.plan.model import Finding, FindingKind, Plan
from reconcile.project.decisions import ASIDE, COLUMNS, LinkDecision, PairDecision, csv_text
from reconcile.report.formats.csv import BYTE_ORDER_MARK

ASKING = frozenset(
    {
        FindingKind.AMBIGUOUS,
        FindingKind.FOUND_ALREADY_LINKED,
        FindingKind.LINK_PROPOSED,
        FindingKind.LINK_DISAGREES,
        FindingKind.ACCOUNT_MISSING,
    }
)


def rows(plan: Plan, link_decisions: Sequence[LinkDecision]) -> list[dict[str, str]]:
    """The decisions in their order, then the questions of the plan that they leave open."""
    return [*(each.model_dump(mode="json") for each in link_decisions), *_questions(plan, link_decisions)]


def table(plan: Plan, link_decisions: Sequence[LinkDecision]) -> str:
    """The same as CSV, formula-safe, beginning with a byte order mark as spreadsheets need it."""
    return BYTE_ORDER_MARK + csv_text(rows(plan, link_decisions), (*COLUMNS, *ASIDE))


def _questions(plan: Plan, link_decisions: Sequence[LinkDecision]) -> Iterator[dict[str, str]]:
    decided = {each.pair for each in link_decisions}
    linked = {(each.target, each.anchor) for each in link_decisions if each.decision is PairDecision.SAME}
    for finding in plan.findings:
        if finding.kind not in ASKING or (finding.target, finding.anchor) in linked:
            continue
        for account_id, who in _accounts(finding):
            if (finding.target, finding.anchor, account_id) not in decided:
                yield {**_empty(finding), "account_id": account_id, "account": who}


def _accounts(finding: Finding) -> list[tuple[str, str]]:
    """Lists the candidates of a finding. A person without any key may have any account: the id is to be filled in, too."""
    keyless = finding.kind is FindingKind.AMBIGUOUS and not finding.candidates
    return [("", "")] if keyless else [(each.account_id, each.who) for each in finding.candidates]


def _empty(finding: Finding) -> Mapping[str, str]:
    return {**dict.fromkeys((*COLUMNS, *ASIDE), ""), "target": finding.target, "anchor": finding.anchor, "question": finding.message}
