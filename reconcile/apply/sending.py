"""Sends an operation to its target: the precondition, the intent, the request, and what the answer makes of it.

A second request goes out only where a read shows that nothing came of the first.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Protocol

from connectors.contract import Record, Target
from connectors.errors import ConnectorError, PreconditionFailed, Uncertain
from connectors.secrets import SecretMissing
from reconcile.apply.action import PasswordSink, perform
from reconcile.apply.canary import Canary
from reconcile.apply.creation import created, open_account
from reconcile.apply.failure import failed
from reconcile.apply.group_change import change_group
from reconcile.apply.journal import Journal
from reconcile.apply.known_accounts import NewAccounts
from reconcile.apply.new_members import NewMembers
from reconcile.apply.outcomes import outcome_of, outcome_of_error, refused
from reconcile.apply.precondition import check_precondition, is_member
from reconcile.apply.read_back import without_answer
from reconcile.apply.standing import PreconditionCheck, Standing
from reconcile.apply.target_run import TargetRun
from reconcile.apply.teaching import Teaching
from reconcile.decide.protection.protected import Protection
from reconcile.plan.actions import ACTION_VERBS
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb
from reconcile.plan.same_account import PlannedWrites, identity_change


class Run(Protocol):
    """The live run that operations are sent in."""

    journal: Journal
    run: str
    before: frozenset[str]
    sent: set[str]
    writes: PlannedWrites
    teaching: Teaching
    new_accounts: NewAccounts
    protection: Protection
    password_sink: PasswordSink | None


@dataclass(frozen=True, slots=True)
class Sending:
    """The write side of one target, in one run."""

    run: Run
    at: TargetRun
    new_members: NewMembers
    """The memberships that go along with creations there."""

    async def attempt(self, operation: Operation, canary: Canary | None) -> Outcome:
        """Carries out an operation that nothing holds, and returns its outcome, also where the target fails."""
        try:
            with canary.watching() if canary else contextlib.nullcontext():
                outcome = await self._try_twice(operation, canary)
        except (ConnectorError, SecretMissing) as error:
            return await failed(self.run, self.at, operation, error)
        self.at.unreachable.clear()
        return outcome

    async def _try_twice(self, operation: Operation, canary: Canary | None) -> Outcome:
        """Sends once; a second time only where the first outcome was unknown and a read shows that nothing came of it."""
        run, target = self.run, self.at.target
        sent = operation.id in run.before or operation.id in run.sent
        uncertain: Uncertain | None = None
        for _ in range(2):
            seen = await check_precondition(target, operation, planned=run.writes, sent_before=sent)
            seen = await self.at.group_names.judged(operation, seen)
            if stopped := await refused(target, operation, seen, run.protection):
                if operation.verb is Verb.CREATE and seen.seen is not None:
                    run.journal.find(run.run, operation, seen.seen.id)
                return stopped
            if seen.standing is Standing.ALREADY:
                kind = OutcomeKind.DONE if sent else OutcomeKind.ALREADY
                return outcome_of(kind, seen.detail, seen.seen.id if seen.seen else operation.account_id, seen.entitlement_id)
            if canary is not None and operation.id not in run.sent:
                await canary.begin(target, operation, seen.seen)
            await self._intend(operation, seen)
            sent = True
            try:
                acts = operation.verb in ACTION_VERBS
                return await (perform(target, operation, run.password_sink) if acts else self._send(operation, seen))
            except Uncertain as error:
                uncertain = error
            except PreconditionFailed as error:
                return outcome_of_error(OutcomeKind.MOVED, error, operation.account_id)
        assert uncertain is not None
        return await without_answer(target, operation, run.writes, uncertain)

    async def _intend(self, operation: Operation, seen: PreconditionCheck) -> None:
        """Writes the intents of an operation and of the memberships that go along with it, all or none."""
        along = await self.new_members.chosen(operation) if seen.seen is None else ()
        with self.run.journal.transaction():
            for each in (operation, *along):
                self.run.journal.intend(self.run.run, each)
        self.run.sent.update(each.id for each in (operation, *along))

    async def _send(self, operation: Operation, seen: PreconditionCheck) -> Outcome:
        target = self.at.target
        match operation.verb:
            case Verb.CREATE_GROUP | Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
                return await change_group(target, operation)
            case Verb.CREATE:
                return await created(target, operation, seen, self.new_members, self.run)
            case Verb.DELETE:
                await target.delete_account(operation.account_id)
                return outcome_of(OutcomeKind.DONE, "", operation.account_id)
            case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
                return await _change_membership(self.at, operation)
        record = await _change_account(target, operation, seen.seen)
        problem, note = self.run.teaching.judge(target.name, record, operation, target.traits)
        if problem := problem or _of_another(self.run.writes, operation, record, seen, target.traits.login):
            return outcome_of(OutcomeKind.FAILED, f"{target.name} accepted it, and {problem}", record.id)
        return outcome_of(OutcomeKind.DONE, note, record.id)


async def _change_account(target: Target, operation: Operation, seen: Record | None) -> Record:
    """Changes values or the state of an account, and returns it as it is read back."""
    match operation.verb:
        case Verb.RENAME | Verb.UPDATE:
            assert seen is not None
            return await target.update_account(operation.account_id, operation.after, seen)
        case Verb.DEACTIVATE:
            return await target.deactivate_account(operation.account_id, seen)
        case Verb.SUSPEND:
            return await target.suspend_account(operation.account_id, seen)
        case Verb.REACTIVATE:
            return await open_account(target, operation, operation.account_id, seen)
        case _:
            raise ValueError(f"{operation.verb} is no change of an account")


async def _change_membership(at: TargetRun, operation: Operation) -> Outcome:
    """Changes a membership, and waits until the target shows it."""
    target, account_id = at.target, operation.account_id
    change = target.add_member if operation.verb is Verb.ADD_MEMBER else target.remove_member
    await change(operation.entitlement_id, account_id)
    for wait in at.waits:
        await asyncio.sleep(wait)
        if await is_member(target, operation) == operation.after["member"]:
            return outcome_of(OutcomeKind.DONE, "", account_id)
    return outcome_of(OutcomeKind.UNKNOWN, f"{target.name} accepted it and does not show it", account_id)


def _of_another(writes: PlannedWrites, operation: Operation, record: Record, seen: PreconditionCheck, login: str) -> str:
    """Returns why an account unread before it was made active may be another person's; empty where it was read, or is not."""
    unseen = operation.verb is Verb.REACTIVATE and seen.seen is None
    return identity_change(operation, record, writes, login) if unseen else ""
