"""The plan: what the latest snapshots, the mappings and the clock say must change, in order, with everything a person must see.

A pure function of its inputs: the same snapshots, mappings and clock give the same bytes. It reads the store and can write
nothing but its own working tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from itertools import chain

from connectors.contract import Traits
from mappings.expressions import Language
from mappings.problems import BadConfiguration, Problem
from mappings.references import deciding_order, looked_at
from mappings.rules import TargetMapping
from reconcile import __version__
from reconcile.decide.capabilities import reduced, unsupported_settings, with_required
from reconcile.decide.changes.bulk_additions import BulkAdditions
from reconcile.decide.decide_target import Basis, decide_target, relate_target
from reconcile.decide.desired.entitlement_names import remember_names
from reconcile.decide.desired.projected_members import members_of_sources, remember_members
from reconcile.decide.desired.provenance import attribute_provenance
from reconcile.decide.desired.pushed_groups import with_pushed_groups
from reconcile.decide.evidence import Evidence, latest_evidence
from reconcile.decide.explain.causes import find_causes
from reconcile.decide.explain.source_changes import changed_people
from reconcile.decide.fragment import PlanFragment, TargetContext
from reconcile.decide.guards.evaluate import judge
from reconcile.decide.guards.facts import GuardFacts
from reconcile.decide.guards.gathering import accounts_before, guard_facts_of
from reconcile.decide.identities.build import gather_identities
from reconcile.decide.identities.row_problems import RowProblem
from reconcile.decide.outdated_reads import outdated_reads
from reconcile.decide.planned_rows import PlannedRows, arranged
from reconcile.decide.protection.entries import ProtectionRules, entry_findings
from reconcile.decide.protection.holds import followed
from reconcile.decide.protection.protected import Protection, with_holds
from reconcile.decide.rejected_before import Rejected
from reconcile.decide.unread_targets import leavers_of_unread_targets
from reconcile.decide.waiting import Consequences, people_who_wait
from reconcile.errors import NothingExtracted
from reconcile.plan.digest import digested
from reconcile.plan.earlier import Applied
from reconcile.plan.hold import Hold
from reconcile.plan.model import Cause, Census, Finding, FindingKind, Plan, Severity
from reconcile.plan.origin import BoundSystem
from reconcile.plan.rejection import Rejection
from reconcile.plan.waits import Waiting
from reconcile.project.config import InDoubt, Project
from reconcile.store.connection import Store
from reconcile.store.declared import declared_attributes


def protection_now(store: Store, project: Project, language: Language, traits: Mapping[str, Traits]) -> Protection:
    """Returns the project's protection, by the latest snapshots."""
    protected = project.file.protected
    if not protected.model_fields_set:
        return Protection()
    run_date = project.today()
    gather_identities(store, project.mappings, language, run_date)
    return ProtectionRules(protected, traits, language, run_date).resolve(store, searching=False).protection


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it was decided by. The relations of each target stay in the store while it is open (`Schemas.of_target`)."""

    plan: Plan
    targets: tuple[TargetContext, ...]
    """Targets that were decided."""
    people: bool = True
    """Whether people were gathered at all: not where doubt about one source freezes all of them."""
    protection: Protection = field(default_factory=Protection)
    """The protection that was in force, with the holds of the planner. Empty, and no statement, where nothing was decided: no people were gathered, or
    `related` made the relations alone.
    """


@dataclass(frozen=True, slots=True)
class _Counted:
    """Census, guard facts and causes of one target, beside its operations."""

    view: TargetContext
    census: Census
    guard_facts: GuardFacts
    causes: tuple[Cause, ...]
    bulk: BulkAdditions | None
    rejections_over: Sequence[str]
    """Rejected operations whose cause is gone."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Inputs of a plan, beside the store."""

    project: Project
    language: Language
    traits: Mapping[str, Traits]
    """Rules by which each target compares names."""
    deletions: bool = False
    """Whether the deletions that are due are planned; else they are only told to wait."""
    renames: bool = False
    """Whether the changes of immutable attributes that the mapping puts under review are planned; else they are findings."""
    earlier: Sequence[Applied] = ()
    """Operations that other live runs of the day applied (`recent_runs.recently_applied`)."""
    holds: Sequence[Hold] = ()
    """Holds that are in force on the day."""
    bulk_from: int | None = None
    """From so many plain additions of memberships on, those of a target are no values (`changes/bulk_additions`). None: all operations are values."""
    rejections: Sequence[Rejection] = ()
    """Rows that reviewers rejected."""

    def plan(self, store: Store, run_date: date) -> Plan:
        """The plan of the latest snapshots. Raises NothingExtracted, and BadConfiguration where a mapping asks what its target cannot do."""
        return self.planned(store, run_date).plan

    def planned(self, store: Store, run_date: date) -> Planned:
        """The same with what led to it. A plan whose operations are columns has no digest yet, and is read while the store is open."""
        _refuse_the_impossible(self.project.mappings.targets, self.traits)
        snapshots = _snapshots(store, self.project)
        evidence = latest_evidence(store, snapshots)
        systems = _systems(store, snapshots, evidence, _sources(self.project))
        frozen_whole = _freezes_all(self.project, evidence)
        nothing: tuple[PlanFragment, list[_Counted], Protection] = (PlanFragment(), [], Protection())
        decisions, counted, protection = nothing if frozen_whole else self._decide(store, evidence, run_date)
        waiting = () if frozen_whole else self._waiting(store, evidence, protection)
        frozen = Consequences(
            _sources(self.project), frozenset(self.traits), waiting, frozen_whole, frozenset(snapshots.keys() - systems.keys())
        )
        told = (frozen.findings(evidence), _quarantined(store, snapshots), outdated_reads(store, snapshots, self.earlier))
        findings = [*chain.from_iterable(told), *decisions.findings]
        rows = arranged(store, decisions.operations, [(each.view, each.bulk) for each in counted], framed=self.bulk_from is not None)
        operations = rows.values if isinstance(rows, PlannedRows) else rows
        counted.sort(key=lambda each: each.census.target)
        census = tuple(each.census for each in counted)
        plan = Plan(
            run_date=run_date.isoformat(),
            planner=__version__,
            snapshots=snapshots,
            mapping=self.project.digest,
            systems=systems,
            configuration=self.project.parts,
            scopes=evidence.scopes,
            census=census,
            operations=rows,
            findings=tuple(sorted(findings, key=_finding_order)),
            verdicts=judge(self.project.file.guards, census, operations, [each.guard_facts for each in counted]),
            causes=tuple(cause for each in counted for cause in each.causes),
            waiting=waiting,
            links=tuple(sorted(decisions.links, key=lambda link: (link.target, link.anchor, link.account_id))),
            names=tuple(sorted(decisions.names, key=lambda name: (name.target, name.kind, name.name, name.forget))),
            rejections_over=tuple(chain.from_iterable(each.rejections_over for each in counted)),
            holds_followed=() if frozen_whole else followed(store, self.holds),
        )
        sealed = plan if isinstance(rows, PlannedRows) else digested(plan)
        return Planned(sealed, tuple(each.view for each in counted), not frozen_whole, protection)

    def _waiting(self, store: Store, evidence: Evidence, protection: Protection) -> tuple[Waiting, ...]:
        name = self.project.mappings.identities.name
        return (*people_who_wait(store, evidence), *leavers_of_unread_targets(store, evidence, sorted(self.traits), name, protection))

    def _decide(self, store: Store, evidence: Evidence, run_date: date) -> tuple[PlanFragment, list[_Counted], Protection]:
        mappings = with_pushed_groups(store, self.project.mappings)
        gathered = gather_identities(store, mappings, self.language, run_date)
        rows = tuple(_row_finding(problem) for problem in gathered.problems)
        changed = cache(partial(changed_people, store, mappings.identities, self.language, run_date))
        protected = ProtectionRules(self.project.file.protected, self.traits, self.language, run_date).resolve(store)
        unprotected = entry_findings(protected, evidence, _sources(self.project))
        decisions: list[PlanFragment] = [PlanFragment(findings=(*rows, *gathered.findings, *unprotected))]
        counted = []
        store.do("make_projected_members", "make_undecided_people")
        looked = looked_at(mappings.targets)
        elsewhere, remembered = members_of_sources(store, looked, evidence, {mapping.target for mapping in mappings.targets})
        protection = with_holds(protected.protection, (*self.holds, *followed(store, self.holds)))
        basis = _basis(self, evidence, run_date, protection)
        for mapping in deciding_order(mappings.targets):
            if mapping.target in evidence.records_doubted:
                continue
            view = _view(self, store, mapping)
            with store.schemas.of_target(view.name):
                decided = decide_target(store, view, basis, elsewhere)
                decision, bulk = basis.rejected.without(view.name, decided.fragment), decided.bulk
                doubted = view.name in evidence.entitlements_doubted
                over = basis.rejected.over(store, view.name, grants_known=not doubted)
                if names := looked.get(view.name):
                    elsewhere[view.name] = remember_members(
                        store, view.name, names, None if doubted else decision, in_bulk=bulk is not None
                    )
                if not doubted:
                    remembered.append(remember_names(store, view.name, computes_groups=mapping.computes_groups))
                leavers = store.rows("working_leavers_of_target")
                store.do("add_working_leavers", anchors=[each for each, id_ in leavers if not protection.protects(view.name, each, id_)])
                decisions.append(decision)
                guard_facts = guard_facts_of(
                    store, view, self.project.file.guards, decision.operations, run_date, earlier=self.earlier, bulk=bulk
                )
                census = replace(decided.census, before=accounts_before(store, view.name, self.earlier))
                causes = find_causes(store, view, mappings.identities.attributes(), decision.operations, changed, bulk=bulk)
            counted.append(_Counted(view, census, guard_facts, causes, bulk, over))
        # Whoever is blocked in one target is not blocked in another: each is decided by itself.
        decisions += [PlanFragment(findings=each.findings, names=each.names) for each in remembered]
        return _all(decisions), counted, protection


def related(planner: Planner, store: Store, run_date: date) -> Planned:
    """The relations of each target, with a plan that is bound to the latest snapshots and has no rows: for plans that are made by other means.

    Rules that look at the members of another target are followed after what is planned there, so that everything is planned then.
    """
    if looked_at(planner.project.mappings.targets):
        return planner.planned(store, run_date)
    _refuse_the_impossible(planner.project.mappings.targets, planner.traits)
    snapshots = _snapshots(store, planner.project)
    evidence = latest_evidence(store, snapshots)
    frozen_whole = _freezes_all(planner.project, evidence)
    found = [] if frozen_whole else _relate(planner, store, evidence, run_date)
    found.sort(key=lambda each: each[0].name)
    plan = Plan(
        run_date=run_date.isoformat(),
        planner=__version__,
        snapshots=snapshots,
        mapping=planner.project.digest,
        systems=_systems(store, snapshots, evidence, _sources(planner.project)),
        configuration=planner.project.parts,
        scopes=evidence.scopes,
        census=tuple(census for _, census in found),
        operations=(),
        findings=(),
        verdicts=(),
        holds_followed=() if frozen_whole else followed(store, planner.holds),
    )
    return Planned(plan, tuple(view for view, _ in found), not frozen_whole)


def _relate(planner: Planner, store: Store, evidence: Evidence, run_date: date) -> list[tuple[TargetContext, Census]]:
    mappings = with_pushed_groups(store, planner.project.mappings)
    gather_identities(store, mappings, planner.language, run_date)
    store.do("make_projected_members", "make_undecided_people")
    elsewhere, _ = members_of_sources(store, {}, evidence, {mapping.target for mapping in mappings.targets})
    basis = _basis(planner, evidence, run_date, Protection())
    found = []
    for mapping in deciding_order(mappings.targets):
        if mapping.target not in evidence.records_doubted:
            view = _view(planner, store, mapping)
            with store.schemas.of_target(view.name):
                census = relate_target(store, view, basis, elsewhere)
                found.append((view, replace(census, before=accounts_before(store, view.name, planner.earlier))))
    return found


def _basis(planner: Planner, evidence: Evidence, run_date: date, protection: Protection) -> Basis:
    whole = frozenset(name for name, each in planner.traits.items() if each.whole_groups) - evidence.entitlements_doubted
    rejected = Rejected(planner.rejections)
    asked = (planner.deletions, planner.earlier, whole, planner.bulk_from, rejected)
    return Basis(planner.project, planner.language, evidence, run_date, protection, *asked)


def _snapshots(store: Store, project: Project) -> dict[str, str]:
    """The digests of the newest snapshots of what the mappings use. Raises NothingExtracted where nothing was ever asked for one."""
    used = _sources(project) | {mapping.target for mapping in project.mappings.targets}
    known = {system: digest for system, _, digest, _ in store.rows("latest_snapshots")}
    if missing := sorted(used - known.keys()):
        raise NothingExtracted(missing)
    return {system: known[system] for system in sorted(used)}


def _view(planner: Planner, store: Store, mapping: TargetMapping) -> TargetContext:
    reasons = attribute_provenance(mapping, planner.project.mappings.identities, planner.language)
    link_decisions = tuple(each for each in planner.project.link_decisions if each.target == mapping.target)
    unsupported: dict[str, str] = dict(store.rows("unsupported", target=mapping.target))
    declared = declared_attributes(store, mapping.target)
    traits = with_required(reduced(planner.traits[mapping.target], unsupported), declared)
    return TargetContext(mapping.target, traits, mapping, reasons, link_decisions, unsupported, planner.renames, declared)


def _sources(project: Project) -> frozenset[str]:
    return frozenset(source.connector for source in project.mappings.identities.source)


def _freezes_all(project: Project, evidence: Evidence) -> bool:
    """Whether doubt about one source freezes all people, because the project is configured so."""
    return project.file.project.in_doubt is InDoubt.FREEZE_ALL and bool(evidence.doubted(_sources(project)))


def _refuse_the_impossible(mappings: Iterable[TargetMapping], traits: Mapping[str, Traits]) -> None:
    problems = [
        Problem(f"mappings, target {mapping.target}", 0, setting, sentence)
        for mapping in mappings
        for setting, sentence in unsupported_settings(mapping, traits[mapping.target])
    ]
    if problems:
        raise BadConfiguration(problems)


def _systems(store: Store, used: Iterable[str], evidence: Evidence, sources: Collection[str]) -> dict[str, BoundSystem]:
    """The systems that the snapshots are of, without targets that no read has reached yet: nothing is decided there.

    Raises NothingExtracted where a source was never reached, so that no people are known by it, and where a store of before does not know.
    """
    bound = {system: BoundSystem(id=id_, address=address) for system, id_, address in store.rows("bound_systems")}
    unknown = set(used) - bound.keys()
    if missing := sorted(unknown.difference(evidence.records_doubted) | unknown.intersection(sources)):
        raise NothingExtracted(missing)
    return {system: bound[system] for system in sorted(used) if system in bound}


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
