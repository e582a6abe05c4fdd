"""What a plan or a run holds, in the order a reviewer should see it: counts, risks, groups and their causes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, assert_never

from reconcile.model import Finding, FindingKind, Operation, Outcome, Plan, ReadScope, Run, Severity, Verb, Verdict
from reconcile.report.cells import changes, visible
from reconcile.report.words import is_trouble

COMMON_CAUSES = 5


class Count(NamedTuple):
    """How much one verb does in one target."""

    operations: int
    accounts: int
    """Different accounts among those operations."""
    population: int
    """Accounts of the target that are not deactivated (Census); 0 where unknown."""

    @property
    def percent(self) -> str:
        """Of the target's accounts; `–` where their number is unknown, `< 0.1%` rather than a zero that is none."""
        if not self.population:
            return "–"
        share = 100 * self.accounts / self.population
        return "< 0.1%" if share < 0.1 else f"{share:.1f}%"


class Cause(NamedTuple):
    """What several operations of a group have in common."""

    text: str
    operations: int


class Group(NamedTuple):
    """The operations of one target with one verb: privileged ones first, then what few have in common, else in the plan's order."""

    target: str
    verb: Verb
    operations: Sequence[Operation]
    size: Count
    causes: Sequence[Cause]
    """What many of them have in common, the commonest first; last the situations and rules."""
    one_rule: bool
    """Whether all of them are there for the same situation and rule."""


class FindingGroup(NamedTuple):
    """The findings of one kind, those that ask for attention first."""

    kind: FindingKind
    findings: Sequence[Finding]
    attention: int


def groups(plan: Plan) -> list[Group]:
    """The operations by target, then by verb in the order of `Verb`."""
    held: dict[tuple[str, Verb], list[Operation]] = defaultdict(list)
    for operation in plan.operations:
        held[operation.target, operation.verb].append(operation)
    populations = {census.target: census.accounts for census in plan.census}
    return [
        Group(
            target=target,
            verb=verb,
            operations=_rarest_first(found),
            size=_count(found, populations.get(target, 0)),
            causes=[*_causes(verb, found), *_common(map(_rule, found))],
            one_rule=len(set(map(_rule, found))) == 1,
        )
        for target in targets(plan)
        for verb in Verb
        if (found := held.get((target, verb)))
    ]


def targets(plan: Plan) -> list[str]:
    """Every target the plan counted or changes, by name."""
    return sorted({census.target for census in plan.census} | {operation.target for operation in plan.operations})


def finding_groups(plan: Plan) -> list[FindingGroup]:
    """The findings by kind: kinds that ask for attention first, else in the order of `FindingKind`."""
    held: dict[FindingKind, list[Finding]] = defaultdict(list)
    for finding in plan.findings:
        held[finding.kind].append(finding)
    found = [
        FindingGroup(kind, sorted(held[kind], key=lambda finding: not is_urgent(finding)), sum(map(is_urgent, held[kind])))
        for kind in FindingKind
        if kind in held
    ]
    return sorted(found, key=lambda group: not group.attention)


def is_urgent(finding: Finding) -> bool:
    """Whether the finding asks somebody to decide or repair something."""
    return finding.severity is Severity.ATTENTION


def refusals(plan: Plan) -> list[Verdict]:
    """The guards that refuse the plan."""
    return [verdict for verdict in plan.verdicts if not verdict.passed]


def incomplete_scopes(plan: Plan) -> list[ReadScope]:
    """What was not read completely: nothing may be concluded from what is missing there."""
    return [scope for scope in plan.scopes if not scope.complete]


def privileged(plan: Plan) -> list[Operation]:
    """The operations about entitlements that give power over their system."""
    return [operation for operation in plan.operations if operation.privileged]


def outcomes(run: Run | None) -> dict[str, Outcome]:
    """How each operation ended, by its id."""
    return {outcome.operation_id: outcome for outcome in run.outcomes} if run else {}


def troubles(plan: Plan, run: Run | None) -> list[tuple[Operation, Outcome]]:
    """The operations of the run that somebody has to look at, in the plan's order."""
    ended = outcomes(run)
    return [
        (operation, outcome)
        for operation in plan.operations
        if (outcome := ended.get(operation.id)) is not None and is_trouble(outcome.kind)
    ]


def short(digest: str) -> str:
    """Enough of a digest to tell two plans apart by eye; `no digest` where the plan was not sealed."""
    return digest[:12] or "no digest"


def who(operation: Operation) -> str:
    """`anna.lee@example.com (Anna Lee)`, or what else there is to name the account by."""
    known_by = visible(operation.who or operation.account_id or operation.anchor or "unnamed account")
    return f"{known_by} ({visible(operation.name)})" if operation.name else known_by


def _count(operations: Sequence[Operation], population: int) -> Count:
    accounts = {(operation.account_id, operation.anchor if not operation.account_id else "") for operation in operations}
    nameless = sum(not operation.account_id and not operation.anchor for operation in operations)
    return Count(len(operations), len(accounts - {("", "")}) + nameless, population)


def _rarest_first(operations: Sequence[Operation]) -> list[Operation]:
    """Three odd changes must not hide behind six hundred alike."""
    signatures = {operation.id: _signature(operation) for operation in operations}
    tally = Counter(signatures.values())
    return sorted(operations, key=lambda operation: (not operation.privileged, tally[signatures[operation.id]]))


def _signature(operation: Operation) -> tuple[str, ...]:
    if operation.verb is Verb.UPDATE:
        return (
            _rule(operation),
            *(f"{label}:{before.plain if before else ''}:{after.plain}" for label, before, after in changes(operation)),
        )
    return (_rule(operation), operation.entitlement_id)


def _rule(operation: Operation) -> str:
    return f"{operation.because.situation.value} · {visible(operation.because.rule)}"


def _causes(verb: Verb, operations: Sequence[Operation]) -> list[Cause]:
    match verb:
        case Verb.UPDATE:
            return _changes_in_common(operations)
        case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
            return _common(visible(operation.entitlement or operation.entitlement_id) for operation in operations)
        case Verb.CREATE | Verb.DEACTIVATE | Verb.REACTIVATE:
            return []
        case _:
            assert_never(verb)


def _changes_in_common(operations: Sequence[Operation]) -> list[Cause]:
    """The same change of several accounts, then the attributes that change for several and not all in that way."""
    made = [change for operation in operations for change in changes(operation)]
    attributes = Counter(change.label for change in made)
    same = Counter((label, f"{label}: {before.plain} → {after.plain}") for label, before, after in made if before)
    explained = {label for (label, _), count in same.items() if count == attributes[label]}
    alike = Counter({text: count for (_, text), count in same.items() if count > 1})
    return [
        *_ranked(alike),
        *_ranked(Counter({label: count for label, count in attributes.items() if count > 1 and label not in explained})),
    ]


def _common(texts: Iterable[str]) -> list[Cause]:
    return _ranked(Counter(texts))


def _ranked(tally: Mapping[str, int]) -> list[Cause]:
    ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    return [Cause(text, count) for text, count in ranked[:COMMON_CAUSES]]
