"""Carries out a plan: which operation has its turn when, and its outcome in the journal.

Every operation: look at the target; refuse what moved; write the intent to the journal; send; read back (`sending.py`); write the outcome.
A failed row holds what depends on it and nothing else. Targets run side by side, each in the plan's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from connectors.contract import Target
from reconcile.apply.action import PasswordSink
from reconcile.apply.canary import Canaries
from reconcile.apply.drift import MovedRows
from reconcile.apply.group_names import GroupNames
from reconcile.apply.journal import Journal
from reconcile.apply.known_accounts import Known, NewAccounts, NothingKnown
from reconcile.apply.member_batches import MemberBatches
from reconcile.apply.new_members import Ended, NewMembers
from reconcile.apply.outcome_facts import SUCCEEDED, facts
from reconcile.apply.outcomes import finished, outcome_of
from reconcile.apply.prerequisites import Prerequisite, Prerequisites
from reconcile.apply.read_back import unexpected
from reconcile.apply.sending import Sending
from reconcile.apply.start_check import StartCheck
from reconcile.apply.stopping import Stopping
from reconcile.apply.target_run import TargetRun
from reconcile.apply.teaching import Teaching
from reconcile.apply.window import Window
from reconcile.decide.protection.protected import Protection
from reconcile.errors import StorageFault
from reconcile.plan.approval import not_approved
from reconcile.plan.lessons import rules_digest
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.plan.ordering import in_phases
from reconcile.plan.placeholders import resolved
from reconcile.plan.same_account import PlannedWrites
from reconcile.project.limits import NO_LIMIT, Limit
from reconcile.unexpected import fault

IN_HAND = 200
"""Operations of one target that are in memory at once: those under way, and those that wait for their turn or for one another."""
READ_BACK_WAITS = (0.0, 0.3, 1.0, 2.0)
"""Seconds before each read-back: some systems show a membership a moment late."""

Told = Callable[[Outcome], None]


@dataclass(slots=True)
class Applier:
    """One live run of one plan."""

    plan: Plan
    targets: Mapping[str, Target]
    journal: Journal
    run: str
    told: Told = lambda _outcome: None
    unverified: Mapping[str, str] = field(default_factory=dict)
    """Reasons by target why its system cannot be identified in this run: nothing is sent there."""
    hold: str = ""
    """The reason why no operation is begun any more: those that may have been sent are checked, the rest is held."""
    password_sink: PasswordSink | None = None
    """Takes the temporary passwords that the run gives; without it none is given."""
    protection: Protection = field(default_factory=Protection)
    """The protection that is in force now, which may differ from that when the plan was made."""
    moved_limit: Limit = NO_LIMIT
    """Limit of the rows of one target that may have moved before the rest of it is held."""
    stopping: Stopping = field(default_factory=Stopping)
    known_accounts: Known = field(default_factory=NothingKnown)
    """The accounts that were there when the plan was made."""
    _prerequisites: Prerequisites = field(default_factory=Prerequisites)
    known: dict[str, Outcome] = field(default_factory=dict)
    """The outcomes that the run has already, by operation."""
    before: frozenset[str] = frozenset()
    """Operations whose request an earlier process of the run may have sent."""
    sent: set[str] = field(default_factory=set)
    """Operations under way whose request may have gone out in this run."""
    teaching: Teaching = field(init=False)
    writes: PlannedWrites = field(default_factory=PlannedWrites)
    start_check: StartCheck = field(init=False)
    new_accounts: NewAccounts = field(init=False)
    _sending: dict[str, Sending] = field(default_factory=dict)
    """By target."""

    async def apply(self) -> None:
        """Carries out every operation of the plan that has no outcome in this run yet; the journal has the outcomes."""
        operations = queryable(self.plan.operations)
        self.known = {outcome.operation_id: outcome for outcome in self.journal.runs.recorded(self.run).outcomes}
        self.before = self.journal.runs.intended(self.run)
        self.start_check = StartCheck(self.hold, self.protection, not_approved(self.plan.approvals), self.before)
        self.teaching = Teaching(rules_digest(self.plan.configuration))
        self._prerequisites = Prerequisites(operations.prerequisites())
        self.writes = PlannedWrites(operations)
        self.new_accounts = NewAccounts(self.known_accounts, self.plan.links, self.writes, self.teaching)
        sizes = operations.sizes()
        async with Window(len(self.targets)) as side_by_side:
            for name, target in self.targets.items():
                moved = MovedRows(name, self.moved_limit, sum(count for (of, _), count in sizes.items() if of == name))
                canaries = Canaries(operations.peers, READ_BACK_WAITS)
                names = GroupNames(target, operations)
                at = TargetRun(target, canaries, moved, names, READ_BACK_WAITS, stopped=self.unverified.get(name, ""))
                self._sending[name] = Sending(self, at, NewMembers(self, at, operations))
                phased = in_phases(operations.of_target(name), operations.ended_accounts(name))
                await side_by_side.begin(self._apply_target(at, phased))

    async def _apply_target(self, at: TargetRun, phased: Iterable[tuple[int, Operation]]) -> None:
        await at.open()
        for _, phase in groupby(phased, key=lambda each: each[0]):
            batches = MemberBatches(self, at)
            async with Window(IN_HAND) as in_hand:
                for operation in self._sending[at.target.name].new_members.looked_up(each for _, each in phase):
                    if operation.id in self.known:
                        self._conclude(operation, self.known[operation.id])
                        continue
                    for work in batches.work(operation):
                        await in_hand.begin(work)
                for work in batches.rest():
                    await in_hand.begin(work)

    async def apply_one(self, at: TargetRun, operation: Operation) -> None:
        """Carries out one operation by itself, and writes its outcome."""
        needed = await self._prerequisites.of(operation.depends_on)
        operation, sending = _resolved(operation, needed), self._sending[at.target.name]
        async with at.canaries.turn(operation) as canary, at.slots, at.turn(operation), self.stopping.under_way():
            try:
                stopped = _left_open(at, operation) if operation.id in self.sent else self.start_check.held(at, operation, needed)
                with at.together():
                    outcome = stopped or await sending.attempt(operation, canary)
                if canary is not None and operation.id in self.sent:
                    outcome = await canary.verified(at.target, operation, outcome)
            except StorageFault:
                raise
            except Exception as error:  # noqa: BLE001 - what nobody foresaw is the outcome of its row, and ends no run
                if operation.id in self.sent | self.before:
                    outcome = await unexpected(at.target, operation, self.writes, error)
                else:
                    outcome = outcome_of(OutcomeKind.FAILED, fault(error), operation.account_id)
            outcome = self.new_accounts.judged(operation, outcome)
            along = await sending.new_members.ended(operation, outcome)
        self.finish(at, operation, outcome, along)

    def ready(self, operation: Operation) -> tuple[Operation, Sequence[Prerequisite]] | None:
        """The operation with the ids that it waited for, and what it waited for; None where that has not ended."""
        needed = self._prerequisites.known(operation.depends_on)
        return None if needed is None else (_resolved(operation, needed), needed)

    def finish(self, at: TargetRun, operation: Operation, outcome: Outcome, along: Sequence[Ended] = ()) -> None:
        """Writes the outcome of an operation and of what went `along` with it, all or none, and releases what waits for them."""
        ended = [(each, finished(each, of, self.journal.clock)) for each, of in ((operation, outcome), *along)]
        with self.journal.transaction():
            for each, of in ended:
                self.journal.conclude(self.run, each, of, facts(each, of), self.teaching.of(each))
        for each, of in ended:
            at.moved.note(of)
            self.sent.discard(each.id)
            self._conclude(each, of)
            self.told(of)

    def _conclude(self, operation: Operation, outcome: Outcome) -> None:
        if operation.verb is Verb.CREATE and outcome.account_id:
            self.writes.created(operation.target, outcome.account_id, operation.id)
        self._prerequisites.conclude(operation, outcome)


def _left_open(at: TargetRun, operation: Operation) -> Outcome | None:
    """The outcome of an operation that its batch has sent, where its target was given up before it could be looked at; else None."""
    unread = f"it was sent, and could not be read back: {at.stopped}"
    return outcome_of(OutcomeKind.UNKNOWN, unread, operation.account_id) if at.stopped else None


def _resolved(operation: Operation, needed: Sequence[Prerequisite]) -> Operation:
    """The operation with the ids of the account and of the group that it waited for."""
    here = [each for each in needed if each.outcome.kind in SUCCEEDED and each.target == operation.target]
    operation = resolved(operation, {each.outcome.operation_id: each.outcome.account_id for each in here})
    account = next((each.outcome.account_id for each in here if each.verb is Verb.CREATE and each.anchor == operation.anchor), "")
    group = next((each.outcome.entitlement_id for each in here if each.verb is Verb.CREATE_GROUP), "")
    return replace(operation, account_id=operation.account_id or account, entitlement_id=operation.entitlement_id or group)
