"""Tries the mappings on the rows that are there: unusable rows, missing groups, protected entries without a match.

Writes nothing. What could not be tried is a sentence of its own, never silence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.contract import Check
from mappings.problems import BadConfiguration
from reconcile.decide.evidence import Evidence
from reconcile.decide.guards.admin_group import UNKNOWN
from reconcile.decide.guards.gathering import unknown_admins
from reconcile.decide.identities.build import gather_identities
from reconcile.decide.identities.row_problems import row_problems
from reconcile.decide.planner import Planner
from reconcile.decide.protection.entries import ProtectionRules, entry_findings
from reconcile.decide.value_rules import bounded
from reconcile.errors import Uncomputable
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.report.summary import pattern
from reconcile.store.connection import Store
from reconcile.store.declared import declared_attributes, uncompiled

SHOWN = 3
"""Rows that are named for one reason."""
REASONS = 8
"""Reasons of one source that are told; the others are counted."""

_NAMING = (FindingKind.ENTITLEMENT_UNKNOWN, FindingKind.ENTITLEMENT_NAME, FindingKind.FROZEN)
_VALUES = (FindingKind.REQUIRED, FindingKind.INVALID_VALUE)
_OF_THE_DATA = (*_NAMING, *_VALUES, FindingKind.PROTECTED_ENTRY)
"""Findings of a plan that are about the configuration, or about what the rows state."""


@dataclass(frozen=True, slots=True)
class DataChecked:
    """Results of trying the mappings on rows."""

    checks: tuple[Check, ...] = ()
    not_checked: tuple[str, ...] = ()


def check_last_extract(store: Store, planner: Planner) -> DataChecked:
    """Plans the last extract and tells what is wrong with the configuration; the plan is not kept."""
    try:
        plan = planner.plan(store, planner.project.today())
    except (BadConfiguration, Uncomputable) as error:
        return DataChecked(not_checked=(f"the data: no plan can be made of it: {error}",))
    read_whole = all(each.complete for each in plan.scopes)
    # What is frozen although everything was read completely is so because of a group that the mapping names.
    told = [each for each in plan.findings if each.kind in _OF_THE_DATA and (read_whole or each.kind is not FindingKind.FROZEN)]
    unread = [f"{each.system}: {each.scope} was not read completely: {each.reason}" for each in plan.scopes if not each.complete]
    found = _checked(store, told, [*unread, *_unjudged(store, planner)])
    doubted = {each.system for each in plan.scopes if not each.complete}
    return replace(found, checks=(*found.checks, *_admins(store, planner, doubted)))


def _admins(store: Store, planner: Planner, doubted: Collection[str]) -> Iterator[Check]:
    """A check for each target that was read completely and does not have the group of its administrators: its plans are refused."""
    guards = planner.project.file.guards
    for mapping in planner.project.mappings.targets:
        if mapping.target not in doubted and (unknown := unknown_admins(store, mapping.target, guards)):
            problem = f"{unknown}; {UNKNOWN}, and every plan that changes something there is refused. Correct the name in [guards.admins]"
            yield Check(f"{mapping.target}: the administrators whom [guards] keeps are known", problem)


def check_rows(store: Store, planner: Planner, unread: Mapping[str, str]) -> DataChecked:
    """The same for rows that were just asked for. `unread`: the systems of which not every row came, with the reason."""
    project = planner.project
    sources = {source.connector for source in project.mappings.identities.source}
    targets = [mapping.target for mapping in project.mappings.targets]
    try:
        gather_identities(store, project.mappings, planner.language, project.today())
        protected = ProtectionRules(project.file.protected, planner.traits, planner.language, project.today()).resolve(store)
    except Uncomputable as error:
        return DataChecked(not_checked=(f"the data: {error}",))
    evidence = Evidence(scopes=(), records_doubted=frozenset(unread), entitlements_doubted=frozenset(targets))
    groups = [f"{name}: the groups, apps and roles that rules name: it was never read; run `reconcile extract`" for name in targets]
    return _checked(
        store,
        entry_findings(protected, evidence, sources),
        [*(f"{name}: {why}" for name, why in unread.items()), *groups, *_unjudged(store, planner)],
    )


def _checked(store: Store, findings: Sequence[Finding], unread: Iterable[str]) -> DataChecked:
    urgent = [each for each in findings if each.severity is Severity.ATTENTION]
    notes = [each for each in findings if each.severity is Severity.NOTE]
    # Which of several a name means is known, and is said so that somebody sees it.
    meant = [Check(f"{each.target}: {each.message.rstrip('.')}") for each in notes if each.kind is FindingKind.ENTITLEMENT_NAME]
    checks = [*_rows_of_sources(store), *_entitlements(urgent), *meant, *_protected(urgent)]
    checks += _values(urgent)
    return DataChecked(tuple(checks), (*unread, *(each.message for each in notes if each.kind is not FindingKind.ENTITLEMENT_NAME)))


def _rows_of_sources(store: Store) -> Iterator[Check]:
    """One check a source: whether each of its rows can be used, else why not and how many."""
    problems: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in row_problems(store):
        problems[row.source][row.problem].append(row.anchor or row.record or "without an anchor")
    for source, rows, there in store.rows("rows_by_source"):
        if there and not rows:
            yield Check(
                f"{source}: some row counts",
                f"its where holds for none of {number_of(there, 'row')}, so it states no person. Correct where",
            )
        yield Check(f"{source}: every row can be used ({number_of(rows, 'row')})", _unusable(rows, problems.get(source, {})))


def _unusable(rows: int, problems: Mapping[str, Sequence[str]]) -> str:
    if not problems:
        return ""
    counted = Counter({problem: len(who) for problem, who in problems.items()})
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{number_of(count, 'row')}: {problem} ({_some(problems[problem])})" for problem, count in ranked[:REASONS]]
    more = [f"and {len(ranked) - REASONS:,} more reasons"] if len(ranked) > REASONS else []
    total = f"{counted.total():,} of {number_of(rows, 'row')} cannot be used, and the people in them stay as they are"
    return f"{total}. {'; '.join([*told, *more])}. Correct the source, or let the mapping say what they mean"


def _some(who: Sequence[str]) -> str:
    return ", ".join(who[:SHOWN]) + (f" and {len(who) - SHOWN:,} more" if len(who) > SHOWN else "")


def _entitlements(findings: Iterable[Finding]) -> Iterator[Check]:
    for each in findings:
        if each.kind in _NAMING:
            yield Check(f"{each.target}: what rules name is there", each.message)


def _unjudged(store: Store, planner: Planner) -> Iterator[str]:
    """A sentence for each attribute whose pattern cannot be evaluated here."""
    for mapping in planner.project.mappings.targets:
        declared = declared_attributes(store, mapping.target)
        for name in sorted(uncompiled(store, declared) & mapping.attributes.keys()):
            shown = bounded(declared[name].pattern)
            yield f"{mapping.target}: whether {name} matches {shown}: it takes an expression without look-around and back-references"


def _values(findings: Iterable[Finding]) -> Iterator[Check]:
    """A check for each thing that is the same of several values, with how many there are and a few of them."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in findings:
        if each.kind in _VALUES:
            alike[each.target, pattern(each)].append(each.message)
    for (target, _), messages in sorted(alike.items(), key=lambda item: (-len(item[1]), item[0]))[:REASONS]:
        more = f" The same of {number_of(len(messages) - 1, 'other')}." if len(messages) > 1 else ""
        yield Check(f"{target}: every value is taken", f"{messages[0]}{more}")
    if len(alike) > REASONS:
        yield Check("every value is taken", f"{number_of(len(alike) - REASONS, 'more problem')}; `reconcile plan` lists all")


def _protected(findings: Iterable[Finding]) -> Iterator[Check]:
    for each in findings:
        if each.kind is FindingKind.PROTECTED_ENTRY:
            yield Check("every entry of [protected] protects something", each.message)
