"""Collects the facts of one run of the command `run` for programs: numbers, digests and names of systems, and no person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from reconcile.plan.model import Plan, Run, Severity
from reconcile.plan.operation_rows import queryable
from reconcile.plan.pending import pending
from reconcile.report.ended import with_outcomes
from reconcile.report.summary import incomplete_scopes
from reconcile.run_outcome import RunOutcome

PLANNED = "planned"
"""Stands for the outcome of operations that no run was begun for."""
NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """The operations of one verb in one target that had one outcome."""

    target: str
    verb: str
    outcome: str
    operations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenScope:
    """A scope that was not read completely: what depends on it is frozen."""

    system: str
    scope: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The findings of one kind."""

    kind: str
    findings: int
    attention: int
    """Number of them that ask for attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A guard that refuses the plan, or would but for an override."""

    guard: str
    refuses: bool
    overridden_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """The requests to one system."""

    requests: int
    waits: int
    waited_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice about the run."""

    name: str
    """Kind and name of the receiver in the settings."""
    problem: str = ""
    """Reason why it was not sent; empty where it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightFacts:
    """The facts of one run, also of one that ended before it had a plan."""

    project: str
    live: bool
    started: str
    """RFC 3339, UTC; `ended` too."""
    ended: str
    outcome: RunOutcome
    exit_code: int
    error: str = ""
    """Sentence about what ended the run early; empty where it went to its end."""
    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    """By stage, in the order of the run."""
    requests: Mapping[str, Requests] = field(default_factory=dict)
    """By system."""
    incomplete_reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By system that this run could not read completely: a sentence a scope, with the reason."""
    read_warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By system whose read may be a mistake, and proves nothing against it: a sentence a scope."""
    missing_approval: str = ""
    """Half a sentence about the approval without which the plan is not applied; empty where none is missing."""
    audit_head: str = ""
    """Hash of the newest audit entry."""
    plan: str = ""
    """Digest of the plan."""
    run: str = ""
    """Id of the live run."""
    snapshots: Mapping[str, str] = field(default_factory=dict)
    systems: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    configuration: Mapping[str, str] = field(default_factory=dict)
    operations: tuple[Operations, ...] = ()
    guards: tuple[Guarded, ...] = ()
    frozen_scopes: tuple[FrozenScope, ...] = ()
    findings: tuple[Findings, ...] = ()
    waiting_findings: int = 0
    """Findings that wait for a decision."""
    frozen_people: int = 0
    notices: tuple[Notice, ...] = ()
    """The notices that were sent, and those that could not be."""


def of_plan(plan: Plan, run: Run | None) -> Mapping[str, object]:
    """The fields that a plan and its run fill in."""
    return {
        "plan": plan.digest,
        "run": run.id if run else "",
        "snapshots": dict(sorted(plan.snapshots.items())),
        "systems": {name: asdict(each) for name, each in sorted(plan.systems.items())},
        "configuration": dict(plan.configuration),
        "operations": tuple(_operations(plan, run)),
        "guards": tuple(
            Guarded(guard=each.guard, refuses=each.refuses, overridden_by=each.override.by if each.override else "")
            for each in plan.verdicts
            if not each.passed
        ),
        "frozen_scopes": tuple(FrozenScope(system=each.system, scope=each.scope, reason=each.reason) for each in incomplete_scopes(plan)),
        "findings": tuple(_findings(plan)),
        "waiting_findings": len(pending(plan.findings)),
        "frozen_people": sum(each.people for each in plan.waiting),
    }


def document(facts: NightFacts) -> Mapping[str, object]:
    """The facts as a JSON object."""
    return asdict(facts)


def _operations(plan: Plan, run: Run | None) -> Iterable[Operations]:
    for (target, verb, outcome), count in sorted(_counted(plan, run).items()):
        yield Operations(target=target, verb=verb, outcome=outcome, operations=count)


def _counted(plan: Plan, run: Run | None) -> Mapping[tuple[str, str, str], int]:
    """The number of operations by target, verb and outcome; of a plan that no run was begun for without a look at each."""
    if run is None:
        return {(target, verb.value, PLANNED): count for (target, verb), count in queryable(plan.operations).sizes().items()}
    kinds = ((each, outcome.kind.value if outcome else NOT_REACHED) for each, outcome in with_outcomes(plan.operations, run))
    return Counter((each.target, each.verb.value, kind) for each, kind in kinds)


def _findings(plan: Plan) -> Iterable[Findings]:
    every = Counter(each.kind.value for each in plan.findings)
    urgent = Counter(each.kind.value for each in plan.findings if each.severity is Severity.ATTENTION)
    for kind, count in sorted(every.items()):
        yield Findings(kind=kind, findings=count, attention=urgent[kind])
