"""Changes many memberships of one entitlement together: each keeps its own row in the journal, and is judged by itself.

What a batch leaves open goes alone, as every other operation does: its look failed, an answer was lost, or it is the first removal of its kind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from connectors.errors import PreconditionFailed, Uncertain
from connectors.member_batches import BatchMembers, MembersChanged, MembersSeen
from reconcile.apply.batch_look import AccountReads, BatchLook
from reconcile.apply.failure import failed
from reconcile.apply.journal import Journal
from reconcile.apply.outcomes import outcome_of, outcome_of_error, refused
from reconcile.apply.precondition import check_precondition
from reconcile.apply.prerequisites import Prerequisite
from reconcile.apply.read_back import UNJUDGED
from reconcile.apply.standing import Standing
from reconcile.apply.start_check import StartCheck
from reconcile.apply.stopping import Stopping
from reconcile.apply.target_run import TargetRun
from reconcile.apply.teaching import Teaching
from reconcile.decide.protection.protected import Protection
from reconcile.errors import StorageFault
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb
from reconcile.plan.same_account import PlannedWrites

GATHERED = 2_000
"""Memberships that are in memory at once to be put together by their entitlement. Of more there are several batches."""

Work: TypeAlias = Coroutine[Any, Any, None]


class Run(Protocol):
    """The live run that batches are a part of."""

    journal: Journal
    run: str
    protection: Protection
    sent: set[str]
    before: frozenset[str]
    writes: PlannedWrites
    teaching: Teaching
    start_check: StartCheck
    stopping: Stopping

    def ready(self, operation: Operation) -> tuple[Operation, Sequence[Prerequisite]] | None:
        """The operation with the ids that it waited for, and what it waited for; None where that has not ended."""

    def finish(self, at: TargetRun, operation: Operation, outcome: Outcome) -> None: ...

    async def apply_one(self, at: TargetRun, operation: Operation) -> None: ...


@dataclass(frozen=True, slots=True)
class _Row:
    operation: Operation
    needed: Sequence[Prerequisite]


@dataclass(slots=True)
class MemberBatches:
    """The memberships of one phase in one target, by entitlement. None is begun before enough are gathered, or the phase has no more."""

    run: Run
    at: TargetRun
    _rows: dict[tuple[Verb, str], list[_Row]] = field(default_factory=dict)
    _gathered: int = 0

    def work(self, operation: Operation) -> Iterator[Work]:
        """Yields what is to be begun now: the operation by itself, nothing while it is gathered, or all that is gathered."""
        row = self._row(operation)
        if row is None:
            yield self.run.apply_one(self.at, operation)
            return
        self._rows.setdefault((row.operation.verb, row.operation.entitlement_id), []).append(row)
        self._gathered += 1
        if self._gathered >= GATHERED:
            yield from self.rest()

    def rest(self) -> Iterator[Work]:
        """Yields the batches of all that is gathered, in parts of the size that the target takes."""
        gathered, self._rows, self._gathered = self._rows, {}, 0
        target = self.at.target
        if not gathered or not isinstance(target, BatchMembers):
            return
        reads = AccountReads(target)
        for (_, entitlement_id), rows in gathered.items():
            most = target.most_members(entitlement_id)
            for start in range(0, len(rows), most):
                part = {row.operation.id: row for row in rows[start : start + most]}
                yield _Batch(self.run, self.at, target, reads, part).carry_out()

    def _row(self, operation: Operation) -> _Row | None:
        """The row of a membership that can go with others now; None for what goes alone."""
        target = self.at.target
        if operation.verb not in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER) or not isinstance(target, BatchMembers):
            return None
        if operation.id in self.run.sent:
            # It went along with the creation of its account, which does not show it yet.
            return None
        ready = self.run.ready(operation)
        if ready is None or not (ready[0].account_id and ready[0].entitlement_id):
            return None
        return _Row(*ready) if target.most_members(ready[0].entitlement_id) > 1 else None


@dataclass(slots=True)
class _Batch:
    """Some memberships of one entitlement, all to be added or all to be removed."""

    run: Run
    at: TargetRun
    members: BatchMembers
    reads: AccountReads
    open: dict[str, _Row]
    """The rows without an outcome, by operation."""

    async def carry_out(self) -> None:
        """Ends every row: together, but for the first removals of their kind and for what that leaves open."""
        await self._behind_a_canary()
        if len(self.open) == len({row.operation.account_id for row in self.open.values()}) > 1:
            async with self.at.slots, self.run.stopping.under_way():
                try:
                    await self._together()
                except StorageFault:
                    raise
                except Exception:  # noqa: BLE001, S110 - each row that is open goes alone, and says what is wrong with it
                    pass
        for row in list(self.open.values()):
            await self.run.apply_one(self.at, row.operation)

    async def _behind_a_canary(self) -> None:
        for row in list(self.open.values()):
            if self.at.canaries.is_settled(row.operation):
                return
            await self.run.apply_one(self.at, row.operation)
            del self.open[row.operation.id]

    async def _together(self) -> None:
        """Ends the rows that one look, one change and one read-back decide."""
        self._hold()
        look = BatchLook(self.at.target, self.members, self.reads, [row.operation.account_id for row in self.open.values()])
        for row in list(self.open.values()):
            self._end(row, await self._stopped(row.operation, look))
        # Too many of them may have moved by now.
        self._hold()
        rows = list(self.open.values())
        if not rows:
            return
        asked = rows[0].operation
        seen = await look.seen(asked.entitlement_id, directly=asked.verb is Verb.REMOVE_MEMBER)
        with self.run.journal.transaction():
            for row in rows:
                self.run.journal.intend(self.run.run, row.operation)
        self.run.sent.update(self.open)
        unanswered = await self._change(seen, rows)
        if unanswered is not None:
            await self._change(unanswered, list(self.open.values()))

    async def _change(self, seen: MembersSeen, rows: Sequence[_Row]) -> MembersSeen | None:
        """Sends the change of some rows, and ends those of which the read-back decides. Returns it where answers were lost."""
        accounts = [row.operation.account_id for row in rows]
        changed = await self.members.change_members(seen, accounts, member=rows[0].operation.verb is Verb.ADD_MEMBER)
        self.at.unreachable.clear()
        for row in rows:
            self._end(row, await self._outcome(row.operation, changed))
        await self._wait_for([row for row in self.open.values() if row.operation.account_id not in changed.errors])
        lost = [row for row in self.open.values() if isinstance(changed.errors.get(row.operation.account_id), Uncertain)]
        return changed.now if lost and len(lost) == len(self.open) else None

    def _hold(self) -> None:
        """Ends the rows that are held now."""
        for row in list(self.open.values()):
            self._end(row, self.run.start_check.held(self.at, row.operation, row.needed))

    async def _stopped(self, operation: Operation, look: BatchLook) -> Outcome | None:
        """The outcome of a row that is not sent: its account or its membership moved, is protected, or is as desired."""
        sent = operation.id in self.run.before
        seen = await check_precondition(look, operation, planned=self.run.writes, sent_before=sent)
        seen = await self.at.group_names.judged(operation, seen)
        if stopped := await refused(look, operation, seen, self.run.protection):
            return stopped
        if seen.standing is not Standing.ALREADY:
            return None
        return outcome_of(OutcomeKind.DONE if sent else OutcomeKind.ALREADY, seen.detail, operation.account_id)

    async def _outcome(self, operation: Operation, changed: MembersChanged) -> Outcome | None:
        """The outcome of a row that was sent; None where it has to be looked at once more."""
        if (operation.account_id in changed.now.holders) is operation.after["member"]:
            return outcome_of(OutcomeKind.DONE, "", operation.account_id)
        error = changed.errors.get(operation.account_id)
        if error is None or isinstance(error, (Uncertain, *UNJUDGED)):
            return None
        if isinstance(error, PreconditionFailed):
            return outcome_of_error(OutcomeKind.MOVED, error, operation.account_id)
        return await failed(self.run, self.at, operation, error)

    async def _wait_for(self, late: list[_Row]) -> None:
        """Reads back those that were accepted and are not shown: some systems show a membership a moment late."""
        for wait in self.at.waits[1:]:
            if not late:
                return
            await asyncio.sleep(wait)
            asked = late[0].operation
            accounts = [row.operation.account_id for row in late]
            now = await self.members.see_members(asked.entitlement_id, accounts, directly=asked.verb is Verb.REMOVE_MEMBER)
            for row in late:
                self._end(row, await self._outcome(row.operation, MembersChanged(now)))
            late = [row for row in late if row.operation.id in self.open]
        for row in late:
            detail = f"{self.at.target.name} accepted it and does not show it"
            self._end(row, outcome_of(OutcomeKind.UNKNOWN, detail, row.operation.account_id))

    def _end(self, row: _Row, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.run.finish(self.at, row.operation, outcome)
            del self.open[row.operation.id]
