"""A plan and its run without personal values, for readers who should not see people's data.

Rules, situations, attribute names, entitlements and counts stay. A value becomes a short hash, and the id of an operation another one
(`redacted_ids`), both under a key that the report does not show, because addresses, names and anchors can be guessed from a list of the
staff, and without a key a hash would confirm the guess. With the same key the same value has the same hash, and the same id the same id.
Sentences are dropped whole: they may quote source values that stand nowhere else in the plan, so nothing in them is known to be safe.

A hash is computed from its value and the key alone: no table of values and hashes is kept, however many rows the plan has. It has 40
bits, so among a million different values one pair can be expected to share a hash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import blake2b

from connectors.contract import Value
from reconcile.plan.approval import Approval
from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.impact import number_of, of_all
from reconcile.plan.model import Candidate, Cause, Finding, LinkChange, Operation, Outcome, Plan, Run, Verb, Verdict
from reconcile.plan.origin import ReadScope
from reconcile.plan.outcome_rows import outcome_rows
from reconcile.plan.rows import MappedRows
from reconcile.plan.search_key import SearchKey
from reconcile.report.redacted_ids import KeyedIds
from reconcile.report.redacted_operations import RedactedOperations, Redaction
from reconcile.report.redacted_outcomes import RedactedOutcomes
from reconcile.report.values import as_json

SENTENCE = "(redacted)"
ATTRIBUTE_VERBS = (Verb.CREATE, Verb.RENAME, Verb.UPDATE)
"""Verbs whose before and after are attributes of a person; those of the others are a state or a membership."""

Hash = Callable[[str], str]


def redacted(plan: Plan, key: bytes, run: Run | None = None) -> tuple[Plan, Run | None]:
    """The plan and the run with every personal value replaced. The digest stays that of the full plan."""
    hashed, ids = _hash_of(key), KeyedIds(key)
    safe_plan = replace(
        plan,
        snapshots=dict.fromkeys(plan.snapshots, ""),
        scopes=tuple(map(_scope, plan.scopes)),
        operations=RedactedOperations(
            plan.operations,
            Redaction(lambda operation: _operation(operation, hashed, ids.hidden), lambda values: _values(values, hashed), ids),
        ),
        findings=MappedRows(plan.findings, lambda finding: _finding(finding, hashed)),
        verdicts=tuple(_verdict(verdict, hashed) for verdict in plan.verdicts),
        approvals=tuple(_approval(each, hashed, ids.hidden) for each in plan.approvals),
        links=MappedRows(plan.links, lambda link: _link(link, hashed)),
        causes=tuple(_cause(cause, hashed) for cause in plan.causes),
        waiting=tuple(replace(each, sample=tuple(map(hashed, each.sample))) for each in plan.waiting),
    )
    if run is None:
        return safe_plan, None
    outcomes = RedactedOutcomes(outcome_rows(run), lambda outcome: _outcome(outcome, hashed, ids.hidden), ids)
    return safe_plan, replace(run, outcomes=outcomes)


def redacted_departments(key: bytes, departments: Mapping[str, str]) -> Mapping[str, str]:
    """The departments of people by anchor, with the hashes of the same values in a redacted plan."""
    hashed = _hash_of(key)
    return {hashed(anchor): hashed(department) for anchor, department in departments.items()}


def _hash_of(key: bytes) -> Hash:
    def hashed(text: str) -> str:
        return blake2b(text.encode("utf-8", "backslashreplace"), key=key[:64], person=b"values", digest_size=5).hexdigest() if text else ""

    return hashed


def _operation(operation: Operation, hashed: Hash, hidden: Hash) -> Operation:
    return replace(
        operation,
        id=hidden(operation.id),
        depends_on=tuple(map(hidden, operation.depends_on)),
        anchor=hashed(operation.anchor),
        account_id=hashed(operation.account_id),
        who=hashed(operation.who),
        name=hashed(operation.name),
        before=_values(operation.before, hashed) if operation.verb in ATTRIBUTE_VERBS else operation.before,
        after=_values(operation.after, hashed) if operation.verb in ATTRIBUTE_VERBS else operation.after,
        account=_values(operation.account, hashed),
        absent=tuple(_search_key(key, hashed) for key in operation.absent),
        because=replace(operation.because, detail=SENTENCE),
        # The text that stands for an account's id names the person it is for.
        placeholders={hashed(text): hidden(creation) for text, creation in operation.placeholders.items()},
    )


def _search_key(key: SearchKey, hashed: Hash) -> SearchKey:
    return replace(key, value=hashed(key.value), held_by=tuple(map(hashed, key.held_by)))


def _values(values: Mapping[str, Value], hashed: Hash) -> dict[str, Value]:
    return {name: _value(value, hashed) for name, value in values.items()}


def _value(value: Value, hashed: Hash) -> Value:
    """`null`, the empty string and booleans stay: they identify no person, and a reviewer must tell them apart."""
    match value:
        case None | bool():
            return value
        case str():
            return hashed(value)
        case list() | tuple():
            return [_value(item, hashed) for item in value]
        case _:
            return hashed(as_json(value))


def _finding(finding: Finding, hashed: Hash) -> Finding:
    return replace(
        finding,
        anchor=hashed(finding.anchor),
        account_id=hashed(finding.account_id),
        who=hashed(finding.who),
        message=SENTENCE,
        candidates=tuple(Candidate(hashed(each.account_id), hashed(each.who)) for each in finding.candidates),
    )


def _verdict(verdict: Verdict, hashed: Hash) -> Verdict:
    override = verdict.override and replace(verdict.override, by=hashed(verdict.override.by), why=SENTENCE)
    earlier = f", with {number_of(verdict.earlier, 'operation')} of other runs of the day" if verdict.earlier else ""
    return replace(verdict, message=f"{verdict.accounts:,} of {of_all(verdict.population)}{earlier}. {SENTENCE}", override=override)


def _cause(cause: Cause, hashed: Hash) -> Cause:
    """Personal values are redacted; rules, attribute names and entitlements are no personal values."""
    if cause.kind not in (CauseKind.PEOPLE, CauseKind.CHANGE):
        return cause
    return replace(cause, value=hashed(cause.value), was=hashed(cause.was))


def _link(link: LinkChange, hashed: Hash) -> LinkChange:
    return replace(
        link,
        anchor=hashed(link.anchor),
        account_id=hashed(link.account_id),
        who=hashed(link.who),
        name=hashed(link.name),
        because=SENTENCE,
    )


def _scope(scope: ReadScope) -> ReadScope:
    return replace(scope, reason=SENTENCE if scope.reason else "")


def _approval(approval: Approval, hashed: Hash, hidden: Hash) -> Approval:
    rows = {hidden(operation): decision for operation, decision in approval.rows.items()}
    return replace(approval, by=hashed(approval.by), why=SENTENCE, rows=rows)


def _outcome(outcome: Outcome, hashed: Hash, hidden: Hash) -> Outcome:
    # A system chooses its code and the id of a request: either may hold anything.
    answer = outcome.answer and replace(outcome.answer, code="", request_id="")
    return replace(
        outcome,
        operation_id=hidden(outcome.operation_id),
        account_id=hashed(outcome.account_id),
        detail=SENTENCE if outcome.detail else "",
        answer=answer,
    )
