"""Carrying out a plan: the only module that holds the write side of a target.

Every operation: look at the target; refuse what moved; write the intent to the journal; send; read back; write the outcome.
A failed row holds what depends on it and nothing else. Targets run side by side, each in the plan's order.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from connectors.contract import Record, Target
from connectors.errors import ConnectorError, NotFound, PreconditionFailed, Uncertain
from connectors.secrets import SecretMissing
from reconcile.apply.action import PasswordSink, ended_with, not_reached, perform
from reconcile.apply.canary import Canaries, Canary
from reconcile.apply.creation import created, open_account
from reconcile.apply.drift import MovedRows
from reconcile.apply.group_change import change_group
from reconcile.apply.journal import Journal
from reconcile.apply.member_batches import MemberBatches
from reconcile.apply.new_members import Ended, NewMembers
from reconcile.apply.outcome_facts import SUCCEEDED, facts
from reconcile.apply.outcomes import finished, outcome_of, outcome_of_error, refused, without_approval
from reconcile.apply.precondition import check_precondition, is_member
from reconcile.apply.prerequisites import Prerequisite, Prerequisites
from reconcile.apply.read_back import UNJUDGED, read_back, unexpected, without_answer
from reconcile.apply.standing import GONE, PreconditionCheck, Standing
from reconcile.apply.stopping import Stopping
from reconcile.apply.target_run import TargetRun
from reconcile.apply.teaching import Teaching
from reconcile.apply.window import Window
from reconcile.decide.protection.protected import Protection
from reconcile.errors import StorageFault
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.approval import not_approved
from reconcile.plan.lessons import rules_digest
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.plan.ordering import in_phases
from reconcile.plan.placeholders import resolved
from reconcile.plan.same_account import PlannedWrites, identity_change
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
    _prerequisites: Prerequisites = field(default_factory=Prerequisites)
    known: dict[str, Outcome] = field(default_factory=dict)
    """The outcomes that the run has already, by operation."""
    before: frozenset[str] = frozenset()
    """Operations whose request an earlier process of the run may have sent."""
    sent: set[str] = field(default_factory=set)
    """Operations under way whose request may have gone out in this run."""
    teaching: Teaching = field(init=False)
    writes: PlannedWrites = field(default_factory=PlannedWrites)
    _new_members: dict[str, NewMembers] = field(default_factory=dict)
    """By target: the memberships that go along with creations."""
    _not_approved: Mapping[str, str] = field(init=False)
    """By operation: why a reviewer does not let it be applied."""

    def __post_init__(self) -> None:
        self._not_approved = not_approved(self.plan.approvals)

    async def apply(self) -> None:
        """Carries out every operation of the plan that has no outcome in this run yet; the journal has the outcomes."""
        operations = queryable(self.plan.operations)
        self.known = {outcome.operation_id: outcome for outcome in self.journal.run(self.run).outcomes}
        self.before = self.journal.intended(self.run)
        self.teaching = Teaching(rules_digest(self.plan.configuration))
        self._prerequisites = Prerequisites(operations.prerequisites())
        self.writes = PlannedWrites(operations)
        sizes = operations.sizes()
        async with Window(len(self.targets)) as side_by_side:
            for name, target in self.targets.items():
                moved = MovedRows(name, self.moved_limit, sum(count for (of, _), count in sizes.items() if of == name))
                at = TargetRun(target, Canaries(operations.peers, READ_BACK_WAITS), moved, stopped=self.unverified.get(name, ""))
                self._new_members[name] = NewMembers(self, at, operations)
                phased = in_phases(operations.of_target(name), operations.ended_accounts(name))
                await side_by_side.begin(self._apply_target(at, phased))

    async def _apply_target(self, at: TargetRun, phased: Iterable[tuple[int, Operation]]) -> None:
        await at.open()
        for _, phase in groupby(phased, key=lambda each: each[0]):
            batches = MemberBatches(self, at, READ_BACK_WAITS)
            async with Window(IN_HAND) as in_hand:
                for operation in self._new_members[at.target.name].looked_up(each for _, each in phase):
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
        operation = _resolved(operation, needed)
        async with at.canaries.turn(operation) as canary, at.slots, at.turn(operation), self.stopping.under_way():
            try:
                stopped = _left_open(at, operation) if operation.id in self.sent else self.held(at, operation, needed)
                with at.together():
                    outcome = stopped or await self._attempt(at, operation, canary)
                if canary is not None and operation.id in self.sent:
                    outcome = await canary.verified(at.target, operation, outcome)
            except StorageFault:
                raise
            except Exception as error:  # noqa: BLE001 - what nobody foresaw is the outcome of its row, and ends no run
                if operation.id in self.sent | self.before:
                    outcome = await unexpected(at.target, operation, self.writes, error)
                else:
                    outcome = outcome_of(OutcomeKind.FAILED, fault(error), operation.account_id)
            along = await self._new_members[at.target.name].ended(operation, outcome)
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

    def held(self, at: TargetRun, operation: Operation, needed: Sequence[Prerequisite]) -> Outcome | None:
        begun = operation.id in self.before
        if not begun and (reason := self.hold or self.protection.reason(operation, at.target.traits)):
            return outcome_of(OutcomeKind.HELD, reason)
        if not begun and (unapproved := without_approval(operation, self._not_approved, needed)):
            return unapproved
        if at.stopped:
            return not_reached(operation, at.stopped, sent_before=begun)
        if problem := at.canaries.problem(operation) or ("" if begun else at.moved.problem):
            return outcome_of(OutcomeKind.HELD, problem)
        if failed := [each.outcome for each in needed if each.outcome.kind not in SUCCEEDED]:
            return outcome_of(OutcomeKind.HELD, f"it depends on {failed[0].operation_id}, which ended as {failed[0].kind}")
        return None

    async def _attempt(self, at: TargetRun, operation: Operation, canary: Canary | None) -> Outcome:
        account_id = operation.account_id
        try:
            with canary.watching() if canary else contextlib.nullcontext():
                outcome = await self._try_twice(at.target, operation, account_id, canary)
        except (ConnectorError, SecretMissing) as error:
            return await self.failed(at, operation, error)
        at.unreachable.clear()
        return outcome

    async def failed(self, at: TargetRun, operation: Operation, error: Exception) -> Outcome:
        """The outcome of an operation that an error ended: read back where the error does not tell whether a request was carried out."""
        if isinstance(error, NotFound):
            return _not_found(operation, error)
        if not at.is_given_up_for(operation, error) and operation.id in self.sent:
            self.teaching.refused(operation, error)
        if operation.id in self.sent and isinstance(error, UNJUDGED):
            return await read_back(at.target, operation, self.writes, error)
        return ended_with(operation, error, sent_before=operation.id in self.before - self.sent)

    async def _try_twice(self, target: Target, operation: Operation, account_id: str, canary: Canary | None) -> Outcome:
        """Sends once; a second time only where the first outcome was unknown and a read shows that nothing came of it."""
        sent = operation.id in self.before or operation.id in self.sent
        uncertain: Uncertain | None = None
        for _ in range(2):
            seen = await check_precondition(target, operation, planned=self.writes, sent_before=sent)
            if stopped := await refused(target, operation, seen, self.protection):
                if operation.verb is Verb.CREATE and seen.seen is not None:
                    self.journal.find(self.run, operation, seen.seen.id)
                return stopped
            if seen.standing is Standing.ALREADY:
                kind = OutcomeKind.DONE if sent else OutcomeKind.ALREADY
                return outcome_of(kind, seen.detail, seen.seen.id if seen.seen else account_id, seen.entitlement_id)
            if canary is not None and operation.id not in self.sent:
                await canary.begin(target, operation, seen.seen)
            along = self._new_members[target.name].chosen(operation) if seen.seen is None else ()
            with self.journal.transaction():
                for each in (operation, *along):
                    self.journal.intend(self.run, each)
            self.sent.update(each.id for each in (operation, *along))
            sent = True
            try:
                acts = operation.verb in ACTION_VERBS
                return await (perform(target, operation, self.password_sink) if acts else self._send(target, operation, account_id, seen))
            except Uncertain as error:
                uncertain = error
            except PreconditionFailed as error:
                return outcome_of_error(OutcomeKind.MOVED, error, account_id)
        assert uncertain is not None
        return await without_answer(target, operation, self.writes, uncertain)

    async def _send(self, target: Target, operation: Operation, account_id: str, seen: PreconditionCheck) -> Outcome:
        record: Record
        match operation.verb:
            case Verb.CREATE_GROUP | Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
                return await change_group(target, operation)
            case Verb.CREATE:
                return await created(target, operation, seen, self._new_members[target.name], self)
            case Verb.RENAME | Verb.UPDATE:
                assert seen.seen is not None
                record = await target.update_account(account_id, operation.after, seen.seen)
            case Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE:
                record = await _change_state(target, operation, account_id, seen.seen)
            case Verb.DELETE:
                await target.delete_account(account_id)
                return outcome_of(OutcomeKind.DONE, "", account_id)
            case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
                change = target.add_member if operation.verb is Verb.ADD_MEMBER else target.remove_member
                await change(operation.entitlement_id, account_id)
                return await _membership_shown(target, operation, account_id)
        problem, note = self.teaching.judge(target.name, record, operation, target.traits)
        if problem := problem or _of_another(self.writes, operation, record, seen, target.traits.login):
            return outcome_of(OutcomeKind.FAILED, f"{target.name} accepted it, and {problem}", record.id)
        return outcome_of(OutcomeKind.DONE, note, record.id)


def _left_open(at: TargetRun, operation: Operation) -> Outcome | None:
    """The outcome of an operation that its batch has sent, where its target was given up before it could be looked at; else None."""
    unread = f"it was sent, and could not be read back: {at.stopped}"
    return outcome_of(OutcomeKind.UNKNOWN, unread, operation.account_id) if at.stopped else None


async def _membership_shown(target: Target, operation: Operation, account_id: str) -> Outcome:
    for wait in READ_BACK_WAITS:
        await asyncio.sleep(wait)
        if await is_member(target, operation) == operation.after["member"]:
            return outcome_of(OutcomeKind.DONE, "", account_id)
    return outcome_of(OutcomeKind.UNKNOWN, f"{target.name} accepted it and does not show it", account_id)


def _of_another(writes: PlannedWrites, operation: Operation, record: Record, seen: PreconditionCheck, login: str) -> str:
    """Returns why an account unread before it was made active may be another person's; empty where it was read, or is not."""
    unseen = operation.verb is Verb.REACTIVATE and seen.seen is None
    return identity_change(operation, record, writes, login) if unseen else ""


def _resolved(operation: Operation, needed: Sequence[Prerequisite]) -> Operation:
    """The operation with the ids of the account and of the group that it waited for."""
    here = [each for each in needed if each.outcome.kind in SUCCEEDED and each.target == operation.target]
    operation = resolved(operation, {each.outcome.operation_id: each.outcome.account_id for each in here})
    account = next((each.outcome.account_id for each in here if each.verb is Verb.CREATE and each.anchor == operation.anchor), "")
    group = next((each.outcome.entitlement_id for each in here if each.verb is Verb.CREATE_GROUP), "")
    return replace(operation, account_id=operation.account_id or account, entitlement_id=operation.entitlement_id or group)


async def _change_state(target: Target, operation: Operation, account_id: str, seen: Record | None) -> Record:
    match operation.verb:
        case Verb.DEACTIVATE:
            return await target.deactivate_account(account_id, seen)
        case Verb.SUSPEND:
            return await target.suspend_account(account_id, seen)
        case _:
            return await open_account(target, operation, account_id, seen)


def _not_found(operation: Operation, error: NotFound) -> Outcome:
    """The outcome of a write to something that does not exist: of an account that could only be reactivated unseen, that it is gone."""
    if operation.verb is Verb.REACTIVATE:
        return outcome_of_error(OutcomeKind.MOVED, error, operation.account_id, detail=GONE)
    return outcome_of_error(OutcomeKind.FAILED, error, operation.account_id)
