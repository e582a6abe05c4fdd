"""Records intents and outcomes, on disk before the next request goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from reconcile.apply.approvals import Approvals
from reconcile.apply.audit import Audit, AuditEvent
from reconcile.apply.holds import Holds
from reconcile.apply.journal_file import FILE, JournalFile
from reconcile.apply.plan_register import PlanRegister
from reconcile.apply.recorded_outcomes import recorded_run
from reconcile.apply.system_bindings import SystemBindings
from reconcile.clock import SYSTEM, Clock
from reconcile.plan.model import LinkChange, Operation, Outcome, Plan, Run
from reconcile.plan.naming import EntitlementName
from reconcile.plan.operation_rows import queryable
from reconcile.plan.override import Override


class EntryKind(StrEnum):
    """The kinds of entry."""

    INTENT = "intent"
    OUTCOME = "outcome"
    LINK = "link"
    UNLINK = "unlink"
    GRANT = "grant"
    """A membership that this job gave, and may take."""
    REVOKE = "revoke"
    SUSPENDED = "suspended"
    """An account that this job suspended, and may make active again."""
    DEACTIVATED = "deactivated"
    """One that this job deactivated: only such a one is ever deleted."""
    ENDED = "ended"
    """An account that is neither any more: active again, or deleted."""
    FOUND = "found"
    """An account that was in the way of a creation: the next read asks for it by its id."""
    GONE = "gone"
    """One that the system says does not exist."""
    NAMED = "named"
    """The meaning of a name in the mappings: the kind of the entitlement, a space, and the name."""
    UNNAMED = "unnamed"
    """A name that no mapping uses any more."""
    TAUGHT = "taught"
    """A lesson: a value that a target refused for good, or the form in which it keeps a value (`lessons.Lesson`)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A link, a grant or an own suspension that a run made or ended, for the projection into the store."""

    sequence: int
    kind: EntryKind
    run: str
    target: str
    anchor: str
    account_id: str
    entitlement_id: str
    detail: str
    at: str
    """RFC 3339, UTC."""


class Journal(JournalFile):
    """The journal of one state folder."""

    def __init__(self, state: Path, clock: Clock = SYSTEM) -> None:
        super().__init__(state, clock)
        self.plans = PlanRegister(self)
        self.systems = SystemBindings(self)
        self.holds = Holds(self)
        self.audit = Audit(self)
        self.approvals = Approvals(self)

    def start(self, run: str, plan: Plan) -> None:
        """Begins a live run: the run, its planned size, its links and its systems are on disk together, or nothing is."""
        with self.transaction():
            self.begin(run, plan.digest)
            self.approvals.applied_with(plan.mapping, run)
            self.record_planned_size(run, plan)
            self.link(run, plan.links)
            self.name(run, plan.names)
            for name, bound in sorted(plan.systems.items()):
                self.systems.bind(name, bound)
            self.audit.run_event(AuditEvent.APPLIED, run)

    def begin(self, run: str, plan_digest: str) -> None:
        """Begins a live run, which consumes the approvals of its plan, and every override that has not expired."""
        with self.transaction():
            self.do("add_run", run=run, plan=plan_digest, at=self.clock.stamp())
            self.approvals.consume(run, plan_digest)
            self.do("consume_overrides", run=run, plan=plan_digest, at=self.latest_moment())

    def override(self, made: Override) -> None:
        """Stores a guard override."""
        with self.transaction():
            said = {"guard": made.guard, "by": made.by, "why": made.why, "until": made.until}
            self.do("add_override", plan_digest=made.plan_digest, made=made.made, **said)
            self.audit.record(AuditEvent.OVERRIDDEN, plan=made.plan_digest, facts=said)

    def overrides(self, plan_digest: str) -> list[Override]:
        """Every override of a plan, used, expired or not, in the order they were made."""
        names = ("plan_digest", "guard", "by", "why", "made", "until", "run")
        return [Override(**dict(zip(names, row, strict=True))) for row in self.rows("overrides_of_plan", plan=plan_digest)]

    def record_planned_size(self, run: str, plan: Plan) -> None:
        """Stores how many operations the run intends, for later runs to be compared with: a row a target and verb, and one for the run itself."""
        sizes = queryable(plan.operations).sizes()
        rows = [("", "", 0), *((target, verb, count) for (target, verb), count in sorted(sizes.items()))]
        with self.transaction():
            self.do_many(
                "add_run_size",
                (
                    {"run": run, "run_date": plan.run_date, "target": target, "verb": verb, "operations": count}
                    for target, verb, count in rows
                ),
            )

    def end(self, run: str) -> None:
        """Ends a live run."""
        with self.transaction():
            self.do("end_run", run=run, at=self.clock.stamp())
            self.audit.run_event(AuditEvent.ENDED, run)

    def unfinished(self) -> tuple[str, str] | None:
        """The run that began and did not end, with its plan's digest."""
        found = self.rows("unfinished_run")
        return found[0] if found else None

    def intend(self, run: str, operation: Operation) -> None:
        """Records an intent, before the request goes out."""
        self._add(run, EntryKind.INTENT, operation)

    def conclude(
        self, run: str, operation: Operation, outcome: Outcome, facts: tuple[EntryKind, ...], taught: tuple[str, ...] = ()
    ) -> None:
        """Records an outcome with the links and grants that come of it, and the lessons, in one transaction."""
        with self.transaction():
            self._add(run, EntryKind.OUTCOME, operation, outcome)
            if outcome.answer:
                self.do("add_answer", **asdict(outcome.answer))
            for fact in facts:
                self._add(run, fact, operation, outcome)
            for lesson in taught:
                self._add(run, EntryKind.TAUGHT, operation, outcome, lesson)

    def find(self, run: str, operation: Operation, account_id: str) -> None:
        """Records an account that prevents a creation, and that the plan did not know."""
        self._add(run, EntryKind.FOUND, replace(operation, account_id=account_id))

    def link(self, run: str, changes: Iterable[LinkChange]) -> None:
        """Records the links that the plan makes or forgets without a write to the target."""
        with self.transaction():
            self.do_many(
                "add_entry",
                (
                    entry(
                        run,
                        _kind(each),
                        each.target,
                        at=self.clock.stamp(),
                        anchor=each.anchor,
                        account=each.account_id,
                        detail=each.because,
                    )
                    for each in changes
                ),
            )

    def name(self, run: str, names: Iterable[EntitlementName]) -> None:
        """Records what the names of the mappings mean, where that is new."""
        with self.transaction():
            self.do_many("add_entry", (_of_name(run, each, self.clock.stamp()) for each in names))

    def intended(self, run: str) -> frozenset[str]:
        """The operations of a run whose request may have gone out."""
        return frozenset(row[0] for row in self.rows("intended_operations", run=run))

    def run(self, run: str) -> Run:
        """A live run with the outcomes it has so far."""
        found = recorded_run(self, run)
        return replace(found, outcomes=tuple(found.outcomes))

    def runs(self, prefix: str = "") -> list[str]:
        """The live runs with an id prefix, the newest first."""
        return [row[0] for row in self.rows("live_runs", prefix=prefix)]

    def runs_around(self, run_date: str, since: str) -> list[tuple[str, str, bool]]:
        """The live runs of a date, and those that were under way since a moment: their plan, and whether they are of the date."""
        return [(run, plan, bool(of_date)) for run, plan, of_date in self.rows("runs_around_date", run_date=run_date, since=since)]

    def sizes_of(self, run: str) -> list[tuple[str, str, int]]:
        """The sizes of one run: target, verb, number of operations."""
        return self.rows("sizes_of_run", run=run)

    def last_run_of(self, plan_digest: str) -> str | None:
        """The latest live run of a plan."""
        found = self.rows("last_run_of_plan", plan=plan_digest)
        return found[0][0] if found else None

    def facts_after(self, sequence: int, most: int) -> list[Fact]:
        """The facts recorded after an entry, in order; at most `most`."""
        return [Fact(number, EntryKind(kind), *rest) for number, kind, *rest in self.rows("facts_after", sequence=sequence, most=most)]

    def sizes(self) -> list[tuple[str, str, str, str, int]]:
        """The sizes of runs, in order: run, its date, target, verb, number of operations."""
        return self.rows("run_sizes")

    def mark(self, sequence: int) -> str:
        """Identifies an entry: one of the same number in another journal, or in a restored one, has another mark. Empty where there is none."""
        found = self.rows("mark_of_entry", sequence=sequence)
        return " ".join(found[0]) if found else ""

    def _add(self, run: str, kind: EntryKind, operation: Operation, outcome: Outcome | None = None, lesson: str = "") -> None:
        account = (outcome.account_id if outcome else "") or operation.account_id
        concluded = outcome if kind is EntryKind.OUTCOME else None
        written = entry(
            run,
            kind,
            operation.target,
            at=self.clock.stamp(),
            operation=operation.id,
            anchor=operation.anchor,
            account=account,
            entitlement=(outcome.entitlement_id if outcome else "") or operation.entitlement_id,
            outcome=concluded.kind.value if concluded else "",
            detail=concluded.detail if concluded else lesson or _because(kind, operation),
        )
        self.do("add_entry", **written)


def entry(run: str, kind: EntryKind, target: str, *, at: str, **more: str) -> dict[str, str]:
    """A row of `add_entry`, written at a moment; what is not given is empty."""
    columns = dict.fromkeys(("operation", "anchor", "account", "entitlement", "outcome", "detail"), "")
    return {"run": run, "kind": kind, "target": target, **columns, **more, "at": at}


def _of_name(run: str, name: EntitlementName, at: str) -> dict[str, str]:
    kind = EntryKind.UNNAMED if name.forget else EntryKind.NAMED
    return entry(run, kind, name.target, at=at, entitlement=name.entitlement_id, detail=f"{name.kind} {name.name}")


def _because(kind: EntryKind, operation: Operation) -> str:
    """The detail of an entry: of a grant the rules alone, as the ledger keeps them; of a new group its name."""
    if kind is EntryKind.NAMED:
        return f"{operation.entitlement_kind} {operation.after.get('name') or operation.entitlement}"
    if kind is EntryKind.UNNAMED:
        return f"{operation.entitlement_kind} {operation.entitlement}"
    rule = operation.because.rule
    return rule.removeprefix(f"{operation.target}: ") if kind is EntryKind.GRANT else f"{operation.verb} by {rule}"


def _kind(change: LinkChange) -> EntryKind:
    return EntryKind.UNLINK if change.forget else EntryKind.LINK


__all__ = ["FILE", "EntryKind", "Fact", "Journal", "entry"]
