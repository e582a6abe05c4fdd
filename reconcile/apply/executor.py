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
from typing import assert_never
from weakref import WeakValueDictionary

from connectors.contract import Opening, Record, Target
from connectors.errors import ConnectorError, NotFound, PreconditionFailed, Unauthorised, Uncertain, Unreachable
from connectors.secrets import SecretMissing
from reconcile.apply.action import PasswordSink, ended_with, not_reached, perform
from reconcile.apply.canary import Canaries, Canary
from reconcile.apply.drift import MovedRows
from reconcile.apply.group_change import change_group
from reconcile.apply.journal import Journal
from reconcile.apply.outcome_facts import SUCCEEDED, facts
from reconcile.apply.outcomes import finished, outcome_of, outcome_of_error, refused, without_approval
from reconcile.apply.precondition import check_precondition, is_member
from reconcile.apply.prerequisites import Prerequisite, Prerequisites
from reconcile.apply.read_back import UNJUDGED, read_back, unexpected, without_answer
from reconcile.apply.standing import GONE, PreconditionCheck, Standing
from reconcile.apply.teaching import Teaching
from reconcile.apply.window import Window
from reconcile.decide.protection.protected import Protection
from reconcile.errors import StorageFault
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.approval import not_approved
from reconcile.plan.lessons import rules_digest
from reconcile.plan.model import CHANGING, Operation, Outcome, OutcomeKind, Plan, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.plan.ordering import in_phases
from reconcile.plan.placeholders import resolved
from reconcile.plan.same_account import PlannedWrites, identity_change
from reconcile.project.limits import NO_LIMIT, Limit
from reconcile.unexpected import fault

SIDE_BY_SIDE = 4
"""Operations of one phase that are under way at once in one target."""
IN_HAND = 200
"""Operations of one target that are in memory at once: those under way, and those that wait for their turn or for one another."""
GIVE_UP_AFTER = 3
"""Accounts in a row that find a target unreachable before the rest of its operations is held. One account that its system fails to
show, again and again, is not the system."""
READ_BACK_WAITS = (0.0, 0.3, 1.0, 2.0)
"""Seconds before each read-back: some systems show a membership a moment late."""

Told = Callable[[Outcome], None]


@dataclass(slots=True)
class _TargetRun:
    """The state of one target in this run."""

    target: Target
    canaries: Canaries
    moved: MovedRows
    unreachable: set[str] = field(default_factory=set)
    """The accounts, or people without one, for whom it could not be reached since it last could."""
    stopped: str = ""
    turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """By account: two updates of one would each find it changed by the other."""

    def turn(self, operation: Operation) -> asyncio.Lock:
        """The lock that an operation holds while it is under way; kept as long as one holds it or waits for it."""
        return self.turns.setdefault((operation.account_id if operation.verb in CHANGING else "") or operation.id, asyncio.Lock())


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
    _prerequisites: Prerequisites = field(default_factory=Prerequisites)
    _known: dict[str, Outcome] = field(default_factory=dict)
    """The outcomes that the run has already, by operation."""
    _before: frozenset[str] = frozenset()
    _sent: set[str] = field(default_factory=set)
    """Operations under way whose request may have gone out in this run."""
    _teaching: Teaching = field(init=False)
    _writes: PlannedWrites = field(default_factory=PlannedWrites)
    _not_approved: Mapping[str, str] = field(init=False)
    """By operation: why a reviewer does not let it be applied."""

    def __post_init__(self) -> None:
        self._not_approved = not_approved(self.plan.approvals)

    async def apply(self) -> None:
        """Carries out every operation of the plan that has no outcome in this run yet; the journal has the outcomes."""
        operations = queryable(self.plan.operations)
        self._known = {outcome.operation_id: outcome for outcome in self.journal.run(self.run).outcomes}
        self._before = self.journal.intended(self.run)
        self._teaching = Teaching(rules_digest(self.plan.configuration))
        self._prerequisites = Prerequisites(operations.prerequisites())
        self._writes = PlannedWrites(operations)
        sizes = operations.sizes()
        async with Window(len(self.targets)) as side_by_side:
            for name, target in self.targets.items():
                moved = MovedRows(name, self.moved_limit, sum(count for (of, _), count in sizes.items() if of == name))
                at = _TargetRun(target, Canaries(operations.peers, READ_BACK_WAITS), moved, stopped=self.unverified.get(name, ""))
                phased = in_phases(operations.of_target(name), operations.ended_accounts(name))
                await side_by_side.begin(self._apply_target(at, phased))

    async def _apply_target(self, at: _TargetRun, phased: Iterable[tuple[int, Operation]]) -> None:
        slots = asyncio.Semaphore(SIDE_BY_SIDE)
        for _, phase in groupby(phased, key=lambda each: each[0]):
            async with Window(IN_HAND) as in_hand:
                for _, operation in phase:
                    if operation.id in self._known:
                        self._conclude(operation, self._known[operation.id])
                    else:
                        await in_hand.begin(self._apply_one(at, operation, slots))

    async def _apply_one(self, at: _TargetRun, operation: Operation, slots: asyncio.Semaphore) -> None:
        needed = await self._prerequisites.of(operation.depends_on)
        operation = _resolved(operation, needed)
        async with at.canaries.turn(operation) as canary, slots, at.turn(operation):
            try:
                outcome = self._held(at, operation, needed) or await self._attempt(at, operation, canary)
                if canary is not None and operation.id in self._sent:
                    outcome = await canary.verified(at.target, operation, outcome)
            except StorageFault:
                raise
            except Exception as error:  # noqa: BLE001 - what nobody foresaw is the outcome of its row, and ends no run
                if operation.id in self._sent | self._before:
                    outcome = await unexpected(at.target, operation, self._writes, error)
                else:
                    outcome = outcome_of(OutcomeKind.FAILED, fault(error), operation.account_id)
        outcome = finished(operation, outcome, self.journal.clock)
        at.moved.note(outcome)
        self.journal.conclude(self.run, operation, outcome, facts(operation, outcome), self._teaching.of(operation))
        self._sent.discard(operation.id)
        self._conclude(operation, outcome)
        self.told(outcome)

    def _conclude(self, operation: Operation, outcome: Outcome) -> None:
        if operation.verb is Verb.CREATE and outcome.account_id:
            self._writes.created(operation.target, outcome.account_id, operation.id)
        self._prerequisites.conclude(operation, outcome)

    def _held(self, at: _TargetRun, operation: Operation, needed: Sequence[Prerequisite]) -> Outcome | None:
        begun = operation.id in self._before
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

    async def _attempt(self, at: _TargetRun, operation: Operation, canary: Canary | None) -> Outcome:
        account_id = operation.account_id
        try:
            with canary.watching() if canary else contextlib.nullcontext():
                outcome = await self._try_twice(at.target, operation, account_id, canary)
        except Unauthorised as error:
            at.stopped = f"{at.target.name} does not accept the credentials any more"
            return await self._ended(at, operation, error)
        except NotFound as error:
            return _not_found(operation, error)
        except Unreachable as error:
            at.unreachable.add(account_id or operation.anchor or operation.entitlement)
            if len(at.unreachable) >= GIVE_UP_AFTER:
                at.stopped = f"{at.target.name} could not be reached for {GIVE_UP_AFTER} accounts in a row"
            return await self._ended(at, operation, error)
        except (ConnectorError, SecretMissing) as error:
            if operation.id in self._sent:
                self._teaching.refused(operation, error)
            return await self._ended(at, operation, error)
        at.unreachable.clear()
        return outcome

    async def _ended(self, at: _TargetRun, operation: Operation, error: Exception) -> Outcome:
        """The outcome of an operation that an error ended: read back where the error does not tell whether a request was carried out."""
        if operation.id in self._sent and isinstance(error, UNJUDGED):
            return await read_back(at.target, operation, self._writes, error)
        return ended_with(operation, error, sent_before=operation.id in self._before - self._sent)

    async def _try_twice(self, target: Target, operation: Operation, account_id: str, canary: Canary | None) -> Outcome:
        """Sends once; a second time only where the first outcome was unknown and a read shows that nothing came of it."""
        sent = operation.id in self._before
        uncertain: Uncertain | None = None
        for _ in range(2):
            seen = await check_precondition(target, operation, planned=self._writes, sent_before=sent)
            if stopped := await refused(target, operation, seen, self.protection):
                if operation.verb is Verb.CREATE and seen.seen is not None:
                    self.journal.find(self.run, operation, seen.seen.id)
                return stopped
            if seen.standing is Standing.ALREADY:
                kind = OutcomeKind.DONE if sent else OutcomeKind.ALREADY
                return outcome_of(kind, seen.detail, seen.seen.id if seen.seen else account_id, seen.entitlement_id)
            if canary is not None and operation.id not in self._sent:
                await canary.begin(target, operation)
            self.journal.intend(self.run, operation)
            self._sent.add(operation.id)
            sent = True
            try:
                acts = operation.verb in ACTION_VERBS
                return await (perform(target, operation, self.password_sink) if acts else self._send(target, operation, account_id, seen))
            except Uncertain as error:
                uncertain = error
            except PreconditionFailed as error:
                return outcome_of_error(OutcomeKind.MOVED, error, account_id)
        assert uncertain is not None
        return await without_answer(target, operation, self._writes, uncertain)

    async def _send(self, target: Target, operation: Operation, account_id: str, seen: PreconditionCheck) -> Outcome:
        record: Record
        match operation.verb:
            case Verb.CREATE_GROUP | Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
                return await change_group(target, operation)
            case Verb.CREATE if seen.seen is not None:
                record = await _open(target, operation, seen.seen.id, seen.seen)
            case Verb.CREATE:
                return await self._create(target, operation, seen.detail)
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
                return await self._membership_shown(target, operation, account_id)
        problem, note = self._teaching.judge(target.name, record, operation, target.traits)
        if problem := problem or _of_another(self._writes, operation, record, seen, target.traits.login):
            return outcome_of(OutcomeKind.FAILED, f"{target.name} accepted it, and {problem}", record.id)
        return outcome_of(OutcomeKind.DONE, note, record.id)

    async def _create(self, target: Target, operation: Operation, detail: str) -> Outcome:
        try:
            record = await _create(target, operation)
        except (Uncertain, *UNJUDGED):
            raise
        except ConnectorError as error:
            # Creating can take two steps. What the first one made is ours, and the next plan finishes it.
            made = await check_precondition(target, operation, planned=self._writes, sent_before=True)
            ours = made.seen is not None and made.standing is not Standing.DRIFTED
            if made.seen is None:
                self._teaching.refused(operation, error)
            return outcome_of_error(OutcomeKind.FAILED, error, made.seen.id if made.seen and ours else "")
        problem, note = self._teaching.judge(target.name, record, operation, target.traits)
        if problem:
            return outcome_of(OutcomeKind.FAILED, f"{target.name} accepted it, and {problem}", record.id)
        return outcome_of(OutcomeKind.DONE, "; ".join(each for each in (detail, note) if each), record.id)

    async def _membership_shown(self, target: Target, operation: Operation, account_id: str) -> Outcome:
        for wait in READ_BACK_WAITS:
            await asyncio.sleep(wait)
            if await is_member(target, operation) == operation.after["member"]:
                return outcome_of(OutcomeKind.DONE, "", account_id)
        return outcome_of(OutcomeKind.UNKNOWN, f"{target.name} accepted it and does not show it", account_id)


def _of_another(writes: PlannedWrites, operation: Operation, record: Record, seen: PreconditionCheck, login: str) -> str:
    """Returns why an account unread before it was made active may be another person's; empty where it was read, or is not."""
    unseen = operation.verb is Verb.REACTIVATE and seen.seen is None
    return identity_change(operation, record, writes, login) if unseen else ""


async def _create(target: Target, operation: Operation) -> Record:
    match operation.opening:
        case Opening.SILENT:
            return await target.create_account(operation.after)
        case Opening.LATER:
            return await target.stage_account(operation.after)
        case Opening.MAIL:
            staged = await target.stage_account(operation.after)
            return await target.invite_account(staged.id, staged)
        case _:
            assert_never(operation.opening)


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
            return await _open(target, operation, account_id, seen)


async def _open(target: Target, operation: Operation, account_id: str, seen: Record | None) -> Record:
    opened = target.invite_account if operation.opening is Opening.MAIL else target.activate_account
    return await opened(account_id, seen)


def _not_found(operation: Operation, error: NotFound) -> Outcome:
    """The outcome of a write to something that does not exist: of an account that could only be reactivated unseen, that it is gone."""
    if operation.verb is Verb.REACTIVATE:
        return outcome_of_error(OutcomeKind.MOVED, error, operation.account_id, detail=GONE)
    return outcome_of_error(OutcomeKind.FAILED, error, operation.account_id)
