"""Decides about one target: what its people and accounts are to each other, what has to change, and what of that may be planned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from mappings.expressions import Language
from reconcile.decide.account_identity import add_account_identity, stated_of
from reconcile.decide.capabilities import capability_for, is_possible, needed_capabilities, unsupported_findings
from reconcile.decide.changes.account_state import decide_lifecycle
from reconcile.decide.changes.attributes import Diff
from reconcile.decide.changes.bulk_additions import BulkAdditions, BulkCriteria, Maker
from reconcile.decide.changes.ended_by_hand import ended_by_hand
from reconcile.decide.changes.kept_memberships import kept_by_leavers
from reconcile.decide.changes.lost_with_groups import may_go_with_groups
from reconcile.decide.changes.memberships import decide_memberships
from reconcile.decide.changes.opening import with_openings, without_a_way_in
from reconcile.decide.changes.retention import Retention, decide_deletions
from reconcile.decide.changes.source_missing import decide_vanished, vanished_accounts
from reconcile.decide.desired.eligibility import awaiting_membership, eligibility_findings
from reconcile.decide.desired.generated_values import generate
from reconcile.decide.desired.grants import follow_rules
from reconcile.decide.desired.group_renames import named_as_they_stay
from reconcile.decide.evidence import Evidence
from reconcile.decide.fragment import PlanFragment, TargetContext, combine, index_by_anchor
from reconcile.decide.identities.absence import absences, left_out
from reconcile.decide.identities.managers import ManagerDerivedAttributes
from reconcile.decide.invisible_characters import clean_values
from reconcile.decide.lessons import lessons_of
from reconcile.decide.matching.correlate import Correlation, census_of, correlate, make_situations
from reconcile.decide.matching.member_rules import Elsewhere
from reconcile.decide.outdated_reads import applied_since
from reconcile.decide.protection.protected import Protection, exclude_protected
from reconcile.decide.refused_before import Memory
from reconcile.decide.rejected_before import Rejected
from reconcile.decide.schema_rules import taken_by_schema
from reconcile.decide.uniqueness.conflicts import keep_unique
from reconcile.plan.amend import amended
from reconcile.plan.earlier import Applied
from reconcile.plan.lessons import rules_digest
from reconcile.plan.model import CHANGING, Because, Census, Finding, FindingKind, Operation, Situation, Verb
from reconcile.project.config import Project
from reconcile.store.connection import Store


@dataclass(frozen=True, slots=True)
class Basis:
    """The inputs that are the same for every target."""

    project: Project
    language: Language
    evidence: Evidence
    run_date: date
    protection: Protection
    deletions: bool
    """Whether the deletions that are due are planned."""
    earlier: Sequence[Applied] = ()
    """The operations that other live runs of the day applied."""
    whole_groups: frozenset[str] = frozenset()
    """Systems of which every group was read."""
    bulk_from: int | None = None
    """From so many plain additions of memberships on, those of a target stay rows of a relation. None: never."""
    rejected: Rejected = field(default_factory=lambda: Rejected(()))

    def doubts_entitlements(self, target: str) -> bool:
        """Whether the groups of a target were not read completely."""
        return target in self.evidence.entitlements_doubted

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.project.file.project.time_zone)


@dataclass(frozen=True, slots=True)
class DecidedTarget:
    """Decisions about one target."""

    fragment: PlanFragment
    census: Census
    """The number of its people and accounts in each situation."""
    bulk: BulkAdditions | None = None
    """The additions of memberships that are no operations of the fragment."""


@dataclass(frozen=True, slots=True)
class _Admitted:
    """Decisions about one target, filtered by capability, protection, uniqueness and remembered refusals."""

    fragment: PlanFragment
    census: Census
    memory: Memory
    bulk: BulkAdditions | None
    excluded: frozenset[str]
    """The people of whom nothing is added, by anchor."""


def decide_target(store: Store, view: TargetContext, basis: Basis, elsewhere: Elsewhere) -> DecidedTarget:
    """Decides about one target, of which the relations stay in its schema."""
    admitted = _admitted(store, view, basis, elsewhere)
    memory, bulk, census = admitted.memory, admitted.bulk, admitted.census
    # No step leaves a second copy: there are millions of operations on a first night.
    decided, fragment = admitted.fragment.operations, replace(admitted.fragment, operations=())
    joined = _settle(store, bulk, decided, admitted.excluded) if bulk else frozenset[str]()
    del admitted
    decided = _depending(decided, joined)
    operations = list(awaiting_membership(store, view, memory.split(decided)))
    del decided
    add_account_identity(store, view, operations)
    if bulk:
        bulk.identify(store, operations, stated_of(store, view, operations))
        bulk.explain(store)
    doubted = view.name in basis.evidence.entitlements_doubted
    left = () if doubted else (*kept_by_leavers(store, view, operations), *may_go_with_groups(store, view, operations))
    findings = (*fragment.findings, *left, *ended_by_hand(store, operations), *without_a_way_in(view, operations))
    return DecidedTarget(replace(fragment, operations=tuple(operations), findings=findings), census, bulk)


def relate_target(store: Store, view: TargetContext, basis: Basis, elsewhere: Elsewhere) -> Census:
    """Makes the relations that say what the people and accounts of one target are to each other, and decides nothing. Returns the census."""
    make_situations(store, view, basis.language, basis.project.mappings.identities.name, elsewhere)
    clean_values(store, view)
    generate(store, view, basis.language)
    ManagerDerivedAttributes.of(view, basis.language).fill_in(store)
    if not basis.doubts_entitlements(view.name):
        follow_rules(store, view, elsewhere, basis.whole_groups)
    return census_of(store, view.name)


def _settle(store: Store, bulk: BulkAdditions, decided: Sequence[Operation], excluded: Collection[str]) -> frozenset[str]:
    """Keeps the bulk additions that may be planned; the operations that create groups which they add to."""
    makers = {
        each.anchor: Maker(each.id, each.who if each.verb is Verb.CREATE else "")
        for each in decided
        if each.verb in (Verb.CREATE, Verb.REACTIVATE) and each.anchor
    }
    groups = [each.id for each in decided if each.verb is Verb.CREATE_GROUP]
    bulk.settle(store, excluded=excluded, kinds=_impossible_kinds(bulk), makers=makers, groups=groups)
    return bulk.group_makers(store)


def _impossible_kinds(bulk: BulkAdditions) -> Collection[str]:
    can = bulk.view.traits.can
    return [kind for kind in bulk.kinds if not getattr(can, capability_for(Verb.ADD_MEMBER, kind))]


def _admitted(store: Store, view: TargetContext, basis: Basis, elsewhere: Elsewhere) -> _Admitted:
    correlation = correlate(store, view, basis.language, basis.project.mappings.identities.name, elsewhere)
    unseen = clean_values(store, view)
    generated = generate(store, view, basis.language)
    managed = ManagerDerivedAttributes.of(view, basis.language)
    managed.fill_in(store)
    lessons = lessons_of(store, view, rules_digest(basis.project.parts), basis.run_date, basis.zone)
    memory = Memory(view, lessons, generated.notes)
    unread = _created_since_read(store, view, basis)
    lifecycle = decide_lifecycle(view, correlation, _left_out(store, view, basis, correlation), unread)
    parts = [
        lifecycle,
        _vanished(store, view, basis, correlation),
        decide_deletions(store, view, Retention(basis.run_date, basis.zone, basis.deletions)),
        unseen,
        generated.decision,
        PlanFragment(findings=eligibility_findings(store, view, elsewhere)),
        Diff(store, view, generated.notes).decide(lifecycle.blocked),
    ]
    bulk = None
    if view.name not in basis.evidence.entitlements_doubted:
        memberships, bulk = decide_memberships(store, view, elsewhere, _criteria(view, basis, memory), basis.whole_groups)
        parts.append(memberships)
    decision = with_openings(store, view, combine(parts))
    possible, left_out = _possible(view, decision.operations, bulk)
    # Excluded before uniqueness is judged: what is not written frees no value for anybody else.
    stay, protected = exclude_protected(view, basis.protection, possible)
    taken = taken_by_schema(store, view, stay, generated.notes, managed.names)
    accepted = memory.without_refused(taken.operations)
    unique = keep_unique(store, view, accepted.operations, generated.notes)
    blocking = PlanFragment(findings=(*taken.findings, *unique.findings), blocked=taken.blocked | unique.blocked)
    kept = combine([replace(decision, operations=unique.operations), blocking])
    sure = memory.without_refused(managed.after_creations(store, managed.without_the_unsure(store, kept.operations)))
    findings = (*_without_protected(view, basis, kept.findings), *protected, *accepted.findings, *sure.findings, *left_out)
    fragment = replace(kept, operations=named_as_they_stay(decision.operations, sure.operations), findings=findings)
    excluded = kept.blocked | accepted.without_account | sure.without_account
    return _Admitted(fragment, correlation.census, memory, bulk, excluded)


def _created_since_read(store: Store, view: TargetContext, basis: Basis) -> frozenset[str]:
    """The people for whom a run of the day created an account since the target was read: no read shows it yet."""
    snapshots = {system: digest for system, _, digest, _ in store.rows("latest_snapshots")}
    since = applied_since(snapshots, basis.earlier, view.name)
    return frozenset(each.operation.anchor for each in since if each.operation.verb is Verb.CREATE)


def _without_protected(view: TargetContext, basis: Basis, findings: Iterable[Finding]) -> Iterable[Finding]:
    """The findings without those that protected leavers keep access: they are to keep it."""
    for each in findings:
        if each.kind is not FindingKind.ACCESS_KEPT or not basis.protection.protects(view.name, each.anchor, each.account_id):
            yield each


def _criteria(view: TargetContext, basis: Basis, memory: Memory) -> BulkCriteria:
    """The people whose additions a filter or a guard may treat one by one: protected ones, those of whom the target or a reviewer refused a
    row, and those whose memberships another run of the day changed.
    """
    earlier = [each.operation for each in basis.earlier if each.operation.target == view.name]
    return BulkCriteria(
        least=None if basis.rejected.concerns_groups(view.name) or memory.lessons.subjects(Verb.UPDATE_GROUP) else basis.bulk_from,
        anchors=memory.lessons.subjects(Verb.ADD_MEMBER)
        | basis.rejected.anchors(view.name)
        | {each.anchor for each in earlier if each.entitlement_kind},
        accounts=basis.rejected.accounts(view.name) | {each.account_id for each in earlier if each.entitlement_kind and each.account_id},
        is_protected=None if basis.protection.protects_nothing else _protects(view, basis.protection),
    )


def _protects(view: TargetContext, protection: Protection) -> Callable[[str, str, str], bool]:
    def is_protected(anchor: str, account_id: str, login: str) -> bool:
        asked = Operation(
            id="",
            target=view.name,
            verb=Verb.ADD_MEMBER,
            anchor=anchor,
            account_id=account_id,
            who=login,
            name="",
            because=Because(situation=Situation.CONFIRMED, rule="", detail=""),
        )
        return bool(protection.reason(asked, view.traits))

    return is_protected


def _possible(
    view: TargetContext, operations: Sequence[Operation], bulk: BulkAdditions | None
) -> tuple[Sequence[Operation], Iterable[Finding]]:
    """Operations that the target supports, and a finding for each missing capability."""
    possible = [operation for operation in operations if is_possible(view.traits, operation)]
    rest = [each for each in operations if not is_possible(view.traits, each)] if len(possible) < len(operations) else []
    counted = needed_capabilities(rest)
    if bulk:
        for kind in _impossible_kinds(bulk):
            counted[capability_for(Verb.ADD_MEMBER, kind)] += bulk.kinds[kind]
    return possible, unsupported_findings(view, counted)


def _left_out(store: Store, view: TargetContext, basis: Basis, correlation: Correlation) -> Mapping[str, str]:
    """The source that holds a row of a missing person which the mapping leaves out, by anchor, where the mapping keeps their accounts."""
    if view.mapping.vanished != "keep":
        return {}
    missing = {account.anchor for account in correlation.unmatched if account.situation is Situation.SOURCE_MISSING}
    return left_out(store, basis.project.mappings.identities, basis.language, missing)


def _vanished(store: Store, view: TargetContext, basis: Basis, correlation: Correlation) -> PlanFragment:
    accounts = vanished_accounts(view, correlation.unmatched)
    anchors = sorted({account.anchor for account in accounts})
    absent = absences(store, basis.project.mappings.identities, basis.language, basis.zone, anchors)
    return decide_vanished(store, view, accounts, absent)


def _depending(operations: Iterable[Operation], joined_in_bulk: Collection[str]) -> tuple[Operation, ...]:
    """The operations, each waiting for what makes its account exist and work. One whose account will not exist is dropped, and so is a
    group without members. `joined_in_bulk`: the creations of groups that bulk additions wait for.
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
    joined = {needed for operation in result for needed in operation.depends_on}.union(joined_in_bulk)
    planned = {operation.id for operation in result}
    return tuple(
        operation
        for operation in result
        if (operation.verb is not Verb.CREATE_GROUP or operation.id in joined)
        # A group of which one member stays is not deleted.
        and (operation.verb is not Verb.DELETE_GROUP or planned.issuperset(operation.depends_on))
    )
