"""Records intents and outcomes, on disk before the next request goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path

from reconcile.apply.approvals import Approvals
from reconcile.apply.audit import Audit, AuditEvent
from reconcile.apply.holds import Holds
from reconcile.apply.journal_file import FILE, JournalFile
from reconcile.apply.live_runs import LiveRuns
from reconcile.apply.override_register import OverrideRegister
from reconcile.apply.plan_register import ASKED_FOR, PlanRegister
from reconcile.apply.system_bindings import SystemBindings
from reconcile.clock import SYSTEM, Clock
from reconcile.decide.approval import approved_by_another
from reconcile.plan.model import LinkChange, Operation, Outcome, Plan
from reconcile.plan.naming import EntitlementName
from reconcile.plan.operation_rows import queryable


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


class Journal(JournalFile):
    """The journal of one state folder: what a run writes, and the registers beside it."""

    def __init__(self, state: Path, clock: Clock = SYSTEM) -> None:
        super().__init__(state, clock)
        self.plans = PlanRegister(self)
        self.runs = LiveRuns(self)
        self.systems = SystemBindings(self)
        self.holds = Holds(self)
        self.audit = Audit(self)
        self.approvals = Approvals(self)
        self.overrides = OverrideRegister(self)

    def start(self, run: str, plan: Plan) -> None:
        """Begins a live run: the run, what its plan is, its planned size, its links and its systems are on disk together, or nothing is."""
        with self.transaction():
            self.begin(run, plan.digest)
            self.overrides.use(run, [verdict.override for verdict in plan.verdicts if verdict.override])
            self.do("add_run_plan", run=run, plan=plan.digest, untrusted=plan.untrusted)
            if _tries_configuration(self, plan):
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
            self.overrides.consume(run, plan_digest)

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


def _tries_configuration(journal: Journal, plan: Plan) -> bool:
    """Whether a plan shows what its configuration does, or another person than its author approved it all the same.

    One that changes nothing shows nothing, such as that of a night whose reads are in doubt; nor does what a person asked for once, or what is
    taken back.
    """
    if journal.plans.purpose(plan.digest) in ASKED_FOR:
        return False
    author = journal.approvals.author_of_new(plan.mapping)
    return bool(plan.operations or plan.links) or approved_by_another(plan.approvals, author or "", journal.latest_moment())


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


__all__ = ["FILE", "EntryKind", "Journal", "entry"]
