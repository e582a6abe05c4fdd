"""Approves a plan: by whom, why and until when, and which of its rows are held or rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from connectors.quoting import quoted
from mappings.expressions import Language
from reconcile.apply.approvals import with_approvals
from reconcile.apply.journal import Journal
from reconcile.apply.overrides import LONGEST_HOURS, Consent
from reconcile.decide.approval import ApprovalFacts, missing_approval, usual_of
from reconcile.errors import ExitCode, ReconcileError
from reconcile.plan.approval import Approval, RowDecision, not_approved
from reconcile.plan.digest import SHOWN
from reconcile.plan.model import Operation, Plan
from reconcile.plan.rejection import Rejection, fingerprint
from reconcile.project.config import Project
from reconcile.project.row_decisions import read_row_decisions
from reconcile.report.redacted_ids import KeyedIds
from reconcile.store.plans.files import load
from reconcile.store.plans.selection import depending, steps_of_endings
from reconcile.store.plans.tables import StoredOperations
from reconcile.usecases.plan_predicate import rows_where
from reconcile.usecases.redaction_key import known_redaction_key


class NoSuchOperations(ReconcileError):
    """Decisions name operations that a plan does not have."""

    exit_code = ExitCode.USAGE

    def __init__(self, plan: str, operations: Sequence[str]) -> None:
        self.plan, self.operations = plan, tuple(operations)
        more = f" and {len(operations) - 5} more" if len(operations) > 5 else ""
        super().__init__(
            f"The plan {plan}: it has no operation {', '.join(operations[:5])}{more}. Nothing was approved. "
            f"`reconcile report {plan} --format csv` lists its operations with their ids."
        )


class HeldAndRejected(ReconcileError):
    """Rows are named by their ids to be held and to be rejected."""

    exit_code = ExitCode.USAGE

    def __init__(self, operations: Sequence[str]) -> None:
        self.operations = tuple(operations)
        super().__init__(
            f"The row {', '.join(operations)}: it is named with --hold and with --reject. Nothing was approved. Name it with one of them."
        )


class NoRowMet(ReconcileError):
    """A predicate that holds or rejects rows is true for none."""

    exit_code = ExitCode.USAGE

    def __init__(self, plan: str, option: str, predicate: str) -> None:
        self.plan, self.option, self.predicate = plan, option, predicate
        super().__init__(
            f"The plan {plan}: {option} {quoted(predicate)} is true for none of its rows. Nothing was approved. Correct it, or leave it out; "
            f"`reconcile report {plan} --format csv` shows how values are written."
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that a reviewer holds or rejects, in the forms in which they can be named.

    An expression, or a file, may name a row that another form rejects: it is rejected.
    """

    hold: Sequence[str] = ()
    """Ids of operations."""
    hold_where: Sequence[str] = ()
    """Predicates over the columns of `operation.parquet`."""
    reject: Sequence[str] = ()
    reject_where: Sequence[str] = ()
    decisions: Path | None = None
    """A CSV file with the columns `id` and `decision`."""


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval that was recorded."""

    plan: Plan
    """With its approvals."""
    approval: Approval
    depending: int
    """Number of operations that are not applied because they depend on a row that is held or rejected, by whomever."""
    released: int
    """Number of operations that the same person held or rejected before, and that is neither any more."""
    missing: str
    """The sentence about what is still missing for the plan to be applied; empty where nothing is."""


def approve(project: Project, language: Language, journal: Journal, plan: Plan, consent: Consent, selection: Selection) -> Approved:  # noqa: PLR0913, PLR0917 - one thing that is known a parameter
    """Records an approval of a saved plan. Raises NoSuchOperations, NoRowMet, HeldAndRejected, NotAPlanPredicate, BadDecisions, PlanDamaged."""
    saved = load(project.state, plan.digest)
    assert isinstance(saved.operations, StoredOperations)
    named = _selected(saved.operations, saved.digest, selection, language, known_redaction_key(project.state))
    # An account that is not ended keeps its memberships and sessions.
    steps = {step: named[ending] for step, ending in steps_of_endings(saved.operations.tables, named.keys()).items()}
    rows = dict(sorted((steps | named).items()))
    now = journal.latest_moment()
    until = datetime.fromisoformat(now) + timedelta(hours=min(consent.hours, LONGEST_HOURS))
    made = Approval(plan_digest=plan.digest, by=consent.by, why=consent.why, made=now, until=until.isoformat(timespec="seconds"), rows=rows)
    before = not_approved(with_approvals(saved, journal.approvals).approvals)
    journal.approvals.add(made, _rejections(saved.operations, made, named))
    approved = with_approvals(replace(saved, verdicts=plan.verdicts), journal.approvals)
    kept_back = not_approved(approved.approvals).keys()
    return Approved(
        approved,
        made,
        depending=len(depending(saved.operations.tables, kept_back)),
        released=len(before.keys() - kept_back),
        missing=missing(project, journal, approved),
    )


def missing(project: Project, journal: Journal, plan: Plan) -> str:
    """Returns what is missing of the approval that the policy asks for, as half a sentence; empty where nothing is. `plan`: with its approvals."""
    usual = project.file.guards.usual
    facts = ApprovalFacts(
        now=journal.latest_moment(),
        usual=usual_of(journal.runs.sizes(), plan.run_date, usual.nights, usual.floor),
        author=journal.approvals.author_of_new(plan.mapping),
    )
    return missing_approval(plan, project.file.approval, facts)


def _ids(operations: StoredOperations, digest: str, named: Sequence[str], key: bytes | None) -> dict[str, str]:
    """The ids of operations by the ids that a person named: those of the plan, else those of a redacted report. Raises NoSuchOperations."""
    ids = {each: each for each in operations.with_ids(named)}
    if key is not None:
        hidden = {each: KeyedIds(key).original(each) for each in named if each not in ids}
        there = operations.with_ids([each for each in hidden.values() if each])
        ids |= {each: original for each, original in hidden.items() if original in there}
    if unknown := [each for each in dict.fromkeys(named) if each not in ids]:
        raise NoSuchOperations(digest[:SHOWN], unknown)
    return ids


def _selected(
    operations: StoredOperations, digest: str, selection: Selection, language: Language, key: bytes | None
) -> dict[str, RowDecision]:
    """The decision by operation. Raises NoSuchOperations, NoRowMet, HeldAndRejected, NotAPlanPredicate, BadDecisions."""
    filed = read_row_decisions(selection.decisions) if selection.decisions else {}
    ids_of = _ids(operations, digest, [*filed, *map(str.lower, (*selection.hold, *selection.reject))], key)
    rejected = {ids_of[each.lower()] for each in selection.reject}
    if twice := [each for each in dict.fromkeys(selection.hold) if ids_of[each.lower()] in rejected]:
        raise HeldAndRejected(twice)
    filed = {ids_of[each]: decision for each, decision in filed.items()}
    chosen: Mapping[RowDecision, tuple[str, Sequence[str], Sequence[str]]] = {
        RowDecision.HOLD: ("--hold-where", selection.hold, selection.hold_where),
        RowDecision.REJECT: ("--reject-where", selection.reject, selection.reject_where),
    }
    rows = dict(filed)
    # A rejection comes last: it replaces a hold on the same row.
    for decision, (option, ids, predicates) in chosen.items():
        found = [ids_of[each.lower()] for each in ids]
        for predicate in predicates:
            # A slip, such as another case, would approve what the person means to keep back.
            if not (met := rows_where(operations, option, predicate, language, "Nothing was approved.")):
                raise NoRowMet(digest[:SHOWN], option, predicate)
            found += met
        rows |= {each: decision for each in found if rows.get(each) is not RowDecision.REJECT}
    return rows


def _rejections(operations: StoredOperations, approval: Approval, named: Mapping[str, RowDecision]) -> list[Rejection]:
    """The rejections of the rows that the person named. What goes with a rejected end stays out of later plans with it."""
    rejected = operations.with_ids([each for each in approval.of(RowDecision.REJECT) if each in named])
    return [_rejection(each, approval) for each in rejected.values()]


def _rejection(operation: Operation, approval: Approval) -> Rejection:
    return Rejection(
        plan_digest=approval.plan_digest,
        operation_id=operation.id,
        fingerprint=fingerprint(operation),
        target=operation.target,
        verb=operation.verb.value,
        anchor=operation.anchor,
        account_id=operation.account_id,
        subject=operation.who or operation.name or operation.anchor or f"the group {quoted(operation.entitlement)}",
        by=approval.by,
        why=approval.why,
        made=approval.made,
    )
