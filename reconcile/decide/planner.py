"""The plan: what the latest snapshots, the mappings and the clock say must change, in order, with everything a person must see.

A pure function of its inputs: the same snapshots, mappings and clock give the same bytes. It reads the store and can write
nothing but its own working tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from connectors.contract import Traits
from mappings.expressions import Language
from mappings.problems import BadConfiguration, Problem
from mappings.references import deciding_order, looked_at
from reconcile import __version__
from reconcile.decide.account_identity import with_account_identity
from reconcile.decide.capabilities import is_possible, reduced, unsupported_findings, unsupported_settings, with_required
from reconcile.decide.changes.account_state import decide_lifecycle
from reconcile.decide.changes.attributes import Diff
from reconcile.decide.changes.kept_memberships import kept_by_leavers
from reconcile.decide.changes.memberships import decide_memberships
from reconcile.decide.changes.opening import with_openings, without_a_way_in
from reconcile.decide.changes.retention import Retention, decide_deletions
from reconcile.decide.changes.source_missing import decide_vanished, vanished_accounts
from reconcile.decide.desired.eligibility import awaiting_membership, eligibility_findings
from reconcile.decide.desired.entitlement_names import remember_names
from reconcile.decide.desired.generated_values import generate
from reconcile.decide.desired.projected_members import members_of_sources, remember_members
from reconcile.decide.desired.provenance import attribute_provenance
from reconcile.decide.evidence import Evidence, latest_evidence
from reconcile.decide.explain.causes import find_causes
from reconcile.decide.explain.source_changes import changed_people
from reconcile.decide.fragment import PlanFragment, TargetContext, index_by_anchor, together
from reconcile.decide.guards.evaluate import judge
from reconcile.decide.guards.facts import GuardFacts, accounts_before, guard_facts_of
from reconcile.decide.identities.absence import absences
from reconcile.decide.identities.build import RowProblem, gather_identities
from reconcile.decide.identities.managers import ManagerDerivedAttributes
from reconcile.decide.invisible_characters import clean_values
from reconcile.decide.matching.correlate import Correlation, correlate
from reconcile.decide.matching.member_rules import Elsewhere
from reconcile.decide.protection.entries import ProtectionRules, entry_findings
from reconcile.decide.protection.protected import Protection, withhold
from reconcile.decide.refused_before import Memory
from reconcile.decide.schema_rules import taken_by_schema
from reconcile.decide.uniqueness.conflicts import keep_unique
from reconcile.decide.unread_targets import leavers_of_unread_targets
from reconcile.decide.waiting import Consequences, people_who_wait
from reconcile.errors import NothingExtracted
from reconcile.plan.earlier import Applied
from reconcile.plan.file import digested
from reconcile.plan.lessons import rules_digest
from reconcile.plan.model import CHANGING, BoundSystem, Cause, Census, Finding, FindingKind, Operation, Plan, Severity, Verb
from reconcile.plan.ordering import ordered
from reconcile.plan.waits import Waiting
from reconcile.project.config import InDoubt, Project
from reconcile.store.connection import Store
from reconcile.store.declared import declared_attributes

Watch: TypeAlias = Callable[[Store, TargetContext], None]
"""Is called after each target was decided, while its working tables are there to be read."""


def nobody_watches(_store: Store, _view: TargetContext) -> None:
    """What planning tells where nobody asked."""


def protection_now(store: Store, project: Project, language: Language, traits: Mapping[str, Traits]) -> Protection:
    """What the project protects, by the latest snapshots."""
    protected = project.file.protected
    if not protected.model_fields_set:
        return Protection()
    run_date = project.today()
    gather_identities(store, project.mappings, language, run_date)
    return ProtectionRules(protected, traits, language, run_date).resolve(store, searching=False).protection


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is known of one target beside its operations."""

    census: Census
    background: GuardFacts
    causes: tuple[Cause, ...]


class _Basis(NamedTuple):
    """What every target is decided by."""

    evidence: Evidence
    run_date: date
    protection: Protection


@dataclass(frozen=True, slots=True)
class Planner:
    """What a plan is computed from, beside the store."""

    project: Project
    language: Language
    traits: Mapping[str, Traits]
    """How each target judges names."""
    watch: Watch = nobody_watches
    deletions: bool = False
    """Whether the deletions that are due are planned; else they are only told to wait."""
    renames: bool = False
    """Whether the changes of immutable attributes that the mapping puts under review are planned; else they are findings."""
    earlier: Sequence[Applied] = ()
    """What other live runs of the day applied (`recent_runs.recently_applied`)."""

    def plan(self, store: Store, run_date: date) -> Plan:
        """The plan of the latest snapshots. Raises NothingExtracted, and BadConfiguration where a mapping asks what its target cannot do."""
        self._refuse_the_impossible()
        snapshots = self._snapshots(store)
        evidence = latest_evidence(store, snapshots)
        frozen_whole = self._freezes_all(evidence)
        decisions, counted = (PlanFragment(), []) if frozen_whole else self._decide(store, evidence, run_date)
        waiting = () if frozen_whole else self._waiting(store, evidence)
        frozen = Consequences(self._sources(), frozenset(self.traits), waiting, frozen_whole)
        findings = [*frozen.findings(evidence), *_quarantined(store, snapshots), *decisions.findings]
        operations = ordered(decisions.operations)
        census = tuple(each.census for each in counted)
        plan = Plan(
            run_date=run_date.isoformat(),
            planner=__version__,
            snapshots=snapshots,
            mapping=self.project.digest,
            systems=self._systems(store, snapshots),
            configuration=self.project.parts,
            scopes=evidence.scopes,
            census=census,
            operations=operations,
            findings=tuple(sorted(findings, key=_finding_order)),
            verdicts=judge(self.project.file.guards, census, operations, [each.background for each in counted]),
            causes=tuple(cause for each in counted for cause in each.causes),
            waiting=waiting,
            links=tuple(sorted(decisions.links, key=lambda link: (link.target, link.anchor, link.account_id))),
            names=tuple(sorted(decisions.names, key=lambda name: (name.target, name.kind, name.name, name.forget))),
        )
        return digested(plan)

    def _refuse_the_impossible(self) -> None:
        problems = [
            Problem(f"mappings, target {mapping.target}", 0, setting, sentence)
            for mapping in self.project.mappings.targets
            for setting, sentence in unsupported_settings(mapping, self.traits[mapping.target])
        ]
        if problems:
            raise BadConfiguration(problems)

    def _snapshots(self, store: Store) -> dict[str, str]:
        mappings = self.project.mappings
        used = {source.connector for source in mappings.identities.source} | {mapping.target for mapping in mappings.targets}
        known = {system: digest for system, _, digest, _ in store.rows("latest_snapshots")}
        if missing := sorted(used - known.keys()):
            raise NothingExtracted(missing)
        return {system: known[system] for system in sorted(used)}

    def _systems(self, store: Store, used: Iterable[str]) -> dict[str, BoundSystem]:
        """The systems that the snapshots are of. Raises NothingExtracted where a store of before does not know."""
        bound = {system: BoundSystem(id=id_, address=address) for system, id_, address in store.rows("bound_systems")}
        if unknown := sorted(set(used) - bound.keys()):
            raise NothingExtracted(unknown)
        return {system: bound[system] for system in sorted(used)}

    def _sources(self) -> frozenset[str]:
        return frozenset(source.connector for source in self.project.mappings.identities.source)

    def _waiting(self, store: Store, evidence: Evidence) -> tuple[Waiting, ...]:
        name = self.project.mappings.identities.name
        return (*people_who_wait(store, evidence), *leavers_of_unread_targets(store, evidence, sorted(self.traits), name))

    def _freezes_all(self, evidence: Evidence) -> bool:
        """Whether doubt about one source freezes everybody, because the project says so."""
        return self.project.file.project.in_doubt is InDoubt.FREEZE_ALL and bool(evidence.doubted(self._sources()))

    def _decide(self, store: Store, evidence: Evidence, run_date: date) -> tuple[PlanFragment, list[_Counted]]:
        mappings = self.project.mappings
        gathered = gather_identities(store, mappings, self.language, run_date)
        rows = tuple(_row_finding(problem) for problem in gathered.problems)
        changed = changed_people(store, mappings.identities, self.language, run_date)
        protected = ProtectionRules(self.project.file.protected, self.traits, self.language, run_date).resolve(store)
        unprotected = entry_findings(protected, evidence, self._sources())
        decisions: list[PlanFragment] = [PlanFragment(findings=(*rows, *gathered.findings, *unprotected))]
        counted = []
        store.do("make_afterwards", "make_unclear_after")
        looked = looked_at(mappings.targets)
        elsewhere, remembered = members_of_sources(store, looked, evidence, {mapping.target for mapping in mappings.targets})
        for mapping in deciding_order(mappings.targets):
            if mapping.target in evidence.records_doubted:
                continue
            reasons = attribute_provenance(mapping, mappings.identities, self.language)
            rulings = tuple(each for each in self.project.rulings if each.target == mapping.target)
            unsupported: dict[str, str] = dict(store.rows("unsupported", target=mapping.target))
            declared = declared_attributes(store, mapping.target)
            traits = with_required(reduced(self.traits[mapping.target], unsupported), declared)
            view = TargetContext(mapping.target, traits, mapping, reasons, rulings, unsupported, self.renames, declared)
            decision, census = self._decide_target(store, view, _Basis(evidence, run_date, protected.protection), elsewhere)
            doubted = view.name in evidence.entitlements_doubted
            if names := looked.get(view.name):
                elsewhere[view.name] = remember_members(store, view.name, names, None if doubted else decision)
            if not doubted:
                remembered.append(remember_names(store, view.name, computes_groups=mapping.computes_groups))
            store.do("add_working_leavers")
            self.watch(store, view)
            decisions.append(decision)
            background = guard_facts_of(store, view, self.project.file.guards, decision.operations, run_date, earlier=self.earlier)
            census = replace(census, before=accounts_before(store, view.name, self.earlier))
            causes = find_causes(store, view, mappings.identities.attributes(), decision.operations, changed)
            counted.append(_Counted(census, background, causes))
        # Whoever is barred in one target is not barred in another: each is decided by itself.
        decisions += [PlanFragment(findings=each.findings, names=each.names) for each in remembered]
        return _all(decisions), sorted(counted, key=lambda each: each.census.target)

    def _vanished(self, store: Store, view: TargetContext, correlation: Correlation) -> PlanFragment:
        accounts = vanished_accounts(view, correlation.unclaimed)
        anchors = sorted({account.anchor for account in accounts})
        absent = absences(store, self.project.mappings.identities, self.language, self._zone(), anchors)
        return decide_vanished(store, view, accounts, absent)

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.project.file.project.time_zone)

    def _decide_target(self, store: Store, view: TargetContext, basis: _Basis, elsewhere: Elsewhere) -> tuple[PlanFragment, Census]:
        evidence, run_date, protection = basis
        correlation = correlate(store, view, self.language, self.project.mappings.identities.name, elsewhere)
        unseen = clean_values(store, view)
        generated = generate(store, view, self.language)
        managed = ManagerDerivedAttributes.of(view, self.language)
        managed.fill_in(store)
        parts = [
            decide_lifecycle(view, correlation),
            self._vanished(store, view, correlation),
            decide_deletions(store, view, Retention(run_date, self._zone(), self.deletions)),
            unseen,
            generated.decision,
            PlanFragment(findings=eligibility_findings(store, view, elsewhere)),
            Diff(store, view, generated.notes).decide(),
        ]
        if view.name not in evidence.entitlements_doubted:
            parts.append(decide_memberships(store, view, elsewhere))
        decision = with_openings(store, view, together(parts))
        allowed = tuple(operation for operation in decision.operations if is_possible(view.traits, operation))
        left_out = unsupported_findings(view, [each for each in decision.operations if not is_possible(view.traits, each)])
        # Withheld before uniqueness is judged: what is not written frees no value for anybody else.
        stay, protected = withhold(view, protection, allowed)
        memory = Memory(view, run_date, self._zone(), rules_digest(self.project.parts), generated.notes).of(store)
        taken = taken_by_schema(store, view, stay, generated.notes, managed.names)
        accepted = memory.without_refused(taken.operations)
        unique = keep_unique(store, view, accepted.operations, generated.notes)
        barring = PlanFragment(findings=(*taken.findings, *unique.findings), barred=taken.barred | unique.barred)
        kept = together([replace(decision, operations=unique.operations), barring])
        sure = memory.without_refused(managed.after_creations(store, managed.without_the_unsure(store, kept.operations)))
        resting = awaiting_membership(store, view, elsewhere, memory.split(_depending(sure.operations)))
        operations = with_account_identity(store, view, resting)
        left = () if view.name in evidence.entitlements_doubted else kept_by_leavers(store, view, operations)
        added = (*protected, *accepted.findings, *sure.findings, *left, *left_out, *without_a_way_in(view, operations))
        return replace(kept, operations=operations, findings=(*kept.findings, *added)), correlation.census


def _depending(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations, each waiting for what makes its account exist and work. One whose account will not exist is dropped, and so is a
    group that nobody would be in.
    """
    each = list(operations)
    makes_account = index_by_anchor(each, frozenset({Verb.CREATE, Verb.REACTIVATE}))
    new_logins = {operation.anchor: operation.who for operation in each if operation.verb is Verb.CREATE}
    result = []
    for operation in each:
        needed = makes_account.get(operation.anchor) if operation.verb in (*CHANGING, Verb.ADD_MEMBER) else None
        if operation.verb is Verb.ADD_MEMBER and not operation.account_id and needed is None:
            continue
        depends_on = (needed, *operation.depends_on) if needed else operation.depends_on
        result.append(replace(operation, depends_on=depends_on, who=operation.who or new_logins.get(operation.anchor, "")))
    joined = {needed for operation in result for needed in operation.depends_on}
    return tuple(operation for operation in result if operation.verb is not Verb.CREATE_GROUP or operation.id in joined)


def _all(decisions: Iterable[PlanFragment]) -> PlanFragment:
    each = list(decisions)
    return PlanFragment(
        operations=tuple(operation for one in each for operation in one.operations),
        findings=tuple(finding for one in each for finding in one.findings),
        links=tuple(link for one in each for link in one.links),
        names=tuple(name for one in each for name in one.names),
    )


def _finding_order(finding: Finding) -> tuple[str, str, str, str, str, str]:
    return finding.severity.value, finding.kind.value, finding.target, finding.anchor, finding.account_id, finding.message


def _row_finding(problem: RowProblem) -> Finding:
    return Finding(
        kind=FindingKind.QUARANTINED,
        severity=Severity.ATTENTION,
        target=problem.source,
        anchor=problem.anchor,
        message=f"A row of {problem.source} ({problem.anchor or problem.record}) {problem.problem}. The person stays as they are.",
    )


def _quarantined(store: Store, systems: Iterable[str]) -> list[Finding]:
    """A finding for each record that could not be read. Where it stood in its file is not said: the order of rows decides nothing."""
    used = set(systems)
    return [
        Finding(
            kind=FindingKind.QUARANTINED,
            severity=Severity.ATTENTION,
            target=system,
            anchor=record,
            message=f"A record of {system} ({record or 'of whom it does not say'}) cannot be used: {reason}",
        )
        for system, _, _, _, record, reason in store.rows("latest_quarantined")
        if system in used
    ]
