"""Decides about one target: what its people and accounts are to each other, what has to change, and what of that may be planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from mappings.expressions import Language
from reconcile.decide.account_identity import add_account_identity
from reconcile.decide.capabilities import is_possible, unsupported_findings
from reconcile.decide.changes.account_state import decide_lifecycle
from reconcile.decide.changes.attributes import Diff
from reconcile.decide.changes.kept_memberships import kept_by_leavers
from reconcile.decide.changes.memberships import decide_memberships
from reconcile.decide.changes.opening import with_openings, without_a_way_in
from reconcile.decide.changes.retention import Retention, decide_deletions
from reconcile.decide.changes.source_missing import decide_vanished, vanished_accounts
from reconcile.decide.desired.eligibility import awaiting_membership, eligibility_findings
from reconcile.decide.desired.generated_values import generate
from reconcile.decide.evidence import Evidence
from reconcile.decide.fragment import PlanFragment, TargetContext, combine, index_by_anchor
from reconcile.decide.identities.absence import absences
from reconcile.decide.identities.managers import ManagerDerivedAttributes
from reconcile.decide.invisible_characters import clean_values
from reconcile.decide.matching.correlate import Correlation, correlate
from reconcile.decide.matching.member_rules import Elsewhere
from reconcile.decide.protection.protected import Protection, exclude_protected
from reconcile.decide.refused_before import Memory
from reconcile.decide.schema_rules import taken_by_schema
from reconcile.decide.uniqueness.conflicts import keep_unique
from reconcile.plan.amend import amended
from reconcile.plan.lessons import rules_digest
from reconcile.plan.model import CHANGING, Census, Finding, Operation, Verb
from reconcile.project.config import Project
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class Basis:
    """What every target is decided by."""

    project: Project
    language: Language
    evidence: Evidence
    run_date: date
    protection: Protection
    deletions: bool
    """Whether the deletions that are due are planned."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.project.file.project.time_zone)


def decide_target(store: Store, view: TargetContext, basis: Basis, elsewhere: Elsewhere) -> tuple[PlanFragment, Census]:
    """What is decided about one target, and how many of its people and accounts are in each situation."""
    admitted, census, memory = _admitted(store, view, basis, elsewhere)
    # No step leaves a second copy: there are millions of operations on a first night.
    decided, admitted = admitted.operations, replace(admitted, operations=())
    decided = _depending(decided)
    operations = list(awaiting_membership(store, view, memory.split(decided)))
    del decided
    add_account_identity(store, view, operations)
    left = () if view.name in basis.evidence.entitlements_doubted else kept_by_leavers(store, view, operations)
    findings = (*admitted.findings, *left, *without_a_way_in(view, operations))
    return replace(admitted, operations=tuple(operations), findings=findings), census


def _admitted(store: Store, view: TargetContext, basis: Basis, elsewhere: Elsewhere) -> tuple[PlanFragment, Census, Memory]:
    """Decisions about one target, filtered by capability, protection, uniqueness and remembered refusals."""
    correlation = correlate(store, view, basis.language, basis.project.mappings.identities.name, elsewhere)
    unseen = clean_values(store, view)
    generated = generate(store, view, basis.language)
    managed = ManagerDerivedAttributes.of(view, basis.language)
    managed.fill_in(store)
    parts = [
        decide_lifecycle(view, correlation),
        _vanished(store, view, basis, correlation),
        decide_deletions(store, view, Retention(basis.run_date, basis.zone, basis.deletions)),
        unseen,
        generated.decision,
        PlanFragment(findings=eligibility_findings(store, view, elsewhere)),
        Diff(store, view, generated.notes).decide(),
    ]
    if view.name not in basis.evidence.entitlements_doubted:
        parts.append(decide_memberships(store, view, elsewhere))
    decision = with_openings(store, view, combine(parts))
    possible, left_out = _possible(view, decision.operations)
    # Withheld before uniqueness is judged: what is not written frees no value for anybody else.
    stay, protected = exclude_protected(view, basis.protection, possible)
    memory = Memory(view, basis.run_date, basis.zone, rules_digest(basis.project.parts), generated.notes).of(store)
    taken = taken_by_schema(store, view, stay, generated.notes, managed.names)
    accepted = memory.without_refused(taken.operations)
    unique = keep_unique(store, view, accepted.operations, generated.notes)
    blocking = PlanFragment(findings=(*taken.findings, *unique.findings), blocked=taken.blocked | unique.blocked)
    kept = combine([replace(decision, operations=unique.operations), blocking])
    sure = memory.without_refused(managed.after_creations(store, managed.without_the_unsure(store, kept.operations)))
    findings = (*kept.findings, *protected, *accepted.findings, *sure.findings, *left_out)
    return replace(kept, operations=sure.operations, findings=findings), correlation.census, memory


def _possible(view: TargetContext, operations: Sequence[Operation]) -> tuple[Sequence[Operation], Iterator[Finding]]:
    """Operations that the target supports, and a finding for each missing capability."""
    possible = [operation for operation in operations if is_possible(view.traits, operation)]
    rest = [each for each in operations if not is_possible(view.traits, each)] if len(possible) < len(operations) else []
    return possible, unsupported_findings(view, rest)


def _vanished(store: Store, view: TargetContext, basis: Basis, correlation: Correlation) -> PlanFragment:
    accounts = vanished_accounts(view, correlation.unmatched)
    anchors = sorted({account.anchor for account in accounts})
    absent = absences(store, basis.project.mappings.identities, basis.language, basis.zone, anchors)
    return decide_vanished(store, view, accounts, absent)


def _depending(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations, each waiting for what makes its account exist and work. One whose account will not exist is dropped, and so is a
    group that nobody would be in.
    """
    each = list(operations)
    makes_account = index_by_anchor(each, frozenset({Verb.CREATE, Verb.REACTIVATE}))
    new_logins = {operation.anchor: operation.who for operation in each if operation.verb is Verb.CREATE}
    result = []
    # What the memberships of one person wait for is the same.
    alike: dict[tuple[str, ...], tuple[str, ...]] = {}
    for operation in each:
        needed = makes_account.get(operation.anchor) if operation.verb in (*CHANGING, Verb.ADD_MEMBER) else None
        if operation.verb is Verb.ADD_MEMBER and not operation.account_id and needed is None:
            continue
        who = operation.who or new_logins.get(operation.anchor, "")
        if needed or who != operation.who:
            depends_on = (needed, *operation.depends_on) if needed else operation.depends_on
            result.append(amended(operation, depends_on=alike.setdefault(depends_on, depends_on), who=who))
        else:
            result.append(operation)
    joined = {needed for operation in result for needed in operation.depends_on}
    return tuple(operation for operation in result if operation.verb is not Verb.CREATE_GROUP or operation.id in joined)
